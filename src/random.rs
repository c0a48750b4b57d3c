//! Reproducible random streams.

use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;
use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

/// Guards burn's random state, which is one for all threads of the process.
static RANDOM_STATE: Mutex<()> = Mutex::new(());

/// Returns the random stream of a path of numbers, such as (seed, purpose, epoch); each path has its own.
pub(crate) fn stream(path: &[u64]) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(mix(path))
}

/// Returns the seed of a path of numbers.
pub(crate) fn mix(path: &[u64]) -> u64 {
    path.iter().fold(path.len() as u64, |state, part| splitmix(state ^ splitmix(*part)))
}

/// Runs `work` with burn's random numbers determined by the seed alone.
pub(crate) fn with_seed<T>(device: &Device, seed: u64, work: impl FnOnce() -> T) -> T {
    let _guard = RANDOM_STATE.lock().unwrap_or_else(PoisonError::into_inner);
    device.seed(seed);
    let done = work();
    // A device that collects operations before it runs them would draw after the guard is gone, when another thread may
    // have set another seed. If flushing fails, so will reading the results.
    let _ = device.flush();
    done
}

fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_differ_in_order_or_length_differ() {
        let seeds = [mix(&[1, 2]), mix(&[2, 1]), mix(&[1]), mix(&[1, 0]), mix(&[])];
        let distinct: std::collections::BTreeSet<_> = seeds.iter().collect();
        assert_eq!(distinct.len(), seeds.len());
    }
}
