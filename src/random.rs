//! Reproducible random streams.

use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;
use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

/// Guards burn's random state, which is one for all threads of the process.
static RANDOM_STATE: Mutex<()> = Mutex::new(());

/// A stream of its own for each path of numbers, say (seed, what, epoch): two paths never share a stream.
pub(crate) fn stream(path: &[u64]) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(mixed(path))
}

/// A seed for each path of numbers.
pub(crate) fn mixed(path: &[u64]) -> u64 {
    path.iter().fold(path.len() as u64, |state, part| splitmix(state ^ splitmix(*part)))
}

/// Does some work, in which burn's random numbers follow from the seed alone.
pub(crate) fn seeded<T>(device: &Device, seed: u64, work: impl FnOnce() -> T) -> T {
    let _guard = RANDOM_STATE.lock().unwrap_or_else(PoisonError::into_inner);
    device.seed(seed);
    let done = work();
    // A device that gathers operations before it runs them would draw after the guard is gone, when another thread may have
    // seeded anew. If it fails, so does reading what it was to compute.
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
        let seeds = [mixed(&[1, 2]), mixed(&[2, 1]), mixed(&[1]), mixed(&[1, 0]), mixed(&[])];
        let distinct: std::collections::BTreeSet<_> = seeds.iter().collect();
        assert_eq!(distinct.len(), seeds.len());
    }
}
