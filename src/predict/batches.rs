//! Scores of batches on a device.

use burn::tensor::Tensor;

use crate::{Result, data::prefetch};

/// Number of samples of a batch.
pub(super) const BATCH: usize = 256;
/// Number of batches that are read ahead.
const AHEAD: usize = 4;

/// Scores batches, and visits each row of their scores, `[batch, task]`, in order.
pub(super) fn score_batches<T: Send>(
    batches: impl Iterator<Item = T> + Send,
    score: impl Fn(T) -> Result<Tensor<2>>,
    mut visit: impl FnMut(&[f32]),
) -> Result<()> {
    let mut read = |scores: Tensor<2>| {
        let [_, tasks] = scores.dims();
        let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
        scores.chunks_exact(tasks).for_each(&mut visit);
    };
    prefetch(AHEAD, batches, |ready| {
        // The device computes a batch while the one before is read back.
        let mut computing = None;
        for batch in ready {
            computing.replace(score(batch)?).map(&mut read);
        }
        computing.map(read);
        Ok(())
    })
}
