//! Reproducible random streams.

use std::{
    cell::RefCell,
    sync::{Mutex, PoisonError},
};

use burn::tensor::Device;
use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Guards burn's random state, which is one for all threads of the process.
static RANDOM_STATE: Mutex<()> = Mutex::new(());

/// Keeps numbers of [`seeded`] apart from those of other streams.
const SEEDED: u64 = u64::from_be_bytes(*b"seeded  ");

thread_local! {
    /// The numbers of the work that has a seed on this thread.
    static STREAM: RefCell<Option<Xoshiro256PlusPlus>> = const { RefCell::new(None) };
}

/// Returns the random stream of a path of numbers, such as (seed, purpose, epoch); each path has its own.
pub(crate) fn stream(path: &[u64]) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(mix(path))
}

/// Returns the seed of a path of numbers.
pub(crate) fn mix(path: &[u64]) -> u64 {
    path.iter().fold(path.len() as u64, |state, part| splitmix(state ^ splitmix(*part)))
}

/// Runs `work` with its random numbers determined by the seed: those of [`seeded`], and burn's as long as no other part
/// of the program draws those meanwhile.
pub(crate) fn with_seed<T>(device: &Device, seed: u64, work: impl FnOnce() -> T) -> T {
    let _guard = RANDOM_STATE.lock().unwrap_or_else(PoisonError::into_inner);
    let _stream = SeededThread::new(seed);
    device.seed(seed);
    let done = work();
    // A device that collects operations before it runs them would draw after the guard is gone, when another thread may
    // have set another seed. If flushing fails, so will reading the results.
    let _ = device.flush();
    done
}

/// Returns a random number within [`with_seed`], and nothing elsewhere. Other threads have no influence.
pub(crate) fn seeded() -> Option<u64> {
    STREAM.with_borrow_mut(|stream| stream.as_mut().map(Rng::next_u64))
}

/// A thread whose numbers have a seed until this is dropped.
struct SeededThread;

impl SeededThread {
    fn new(seed: u64) -> Self {
        STREAM.set(Some(stream(&[seed, SEEDED])));
        Self
    }
}

impl Drop for SeededThread {
    fn drop(&mut self) {
        STREAM.set(None);
    }
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
