//! The kernel of [`super::bce_sums`] for backends whose tensors live in the host's memory.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]

use burn::{
    backend::{Backend, TensorMetadata, tensor::FloatTensor},
    tensor::TensorData,
};
use rayon::prelude::*;

use super::options::BceOptions;
use crate::nn::ops::host::{
    memory::{read, to_float},
    simd::{self, exp_negative, log_1p_share},
};

/// Samples that are summed in single precision; their sums are added in order, whatever the number of threads.
const ROWS: usize = 16;

/// Labels for which a thread is worth its start.
const LEAST_WORK: usize = 1 << 12;

/// Runs the kernel on a backend's tensors.
pub(super) fn run<B: Backend>(
    logits: &FloatTensor<B>,
    targets: &FloatTensor<B>,
    weights: &FloatTensor<B>,
    options: &BceOptions,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let [batch, tasks] = logits.shape().dims();
    let block = ROWS * tasks.max(1);
    let bound_weights = options.bound_weights.as_deref().map_or_else(|| vec![1.0; tasks], <[f32]>::to_vec);
    let (logit_values, targets, weights) = (read::<B>(logits), read::<B>(targets), read::<B>(weights));
    let mut slopes = vec![0.0; batch * tasks];
    let inputs = logit_values.par_chunks(block).zip(targets.par_chunks(block)).zip(weights.par_chunks(block));
    let blocks = inputs.zip(slopes.par_chunks_mut(block)).with_min_len(LEAST_WORK.div_ceil(block));
    let sums: Vec<_> = blocks
        .map(|(((logits, targets), weights), slopes)| {
            let (bound_weights, smoothing) = (bound_weights.as_slice(), options.smoothing);
            simd::run(Block { logits, targets, weights, bound_weights, smoothing, slopes })
        })
        .collect();
    let total = |sums: Vec<&[f32]>| {
        let mut total = vec![0.0; tasks];
        for sums in sums {
            total.iter_mut().zip(sums).for_each(|(total, sum)| *total += f64::from(*sum));
        }
        total.into_iter().map(|total| total as f32).collect::<Vec<_>>()
    };
    let losses = total(sums.iter().map(|(losses, _)| losses.as_slice()).collect());
    let weights = total(sums.iter().map(|(_, weights)| weights.as_slice()).collect());
    let (dtype, device) = (logits.dtype(), logits.device());
    let tensor = |data| to_float::<B>(data, dtype, &device);
    (
        tensor(TensorData::new(losses, [tasks])),
        tensor(TensorData::new(weights, [tasks])),
        tensor(TensorData::new(slopes, [batch, tasks])),
    )
}

/// Some samples, all of their tasks.
struct Block<'a> {
    logits: &'a [f32],
    targets: &'a [f32],
    weights: &'a [f32],
    /// `[task]`
    bound_weights: &'a [f32],
    smoothing: f32,
    slopes: &'a mut [f32],
}

impl simd::Work for Block<'_> {
    /// The sums of losses and of weights, `[task]`.
    type Output = (Vec<f32>, Vec<f32>);

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Self::Output {
        let tasks = self.bound_weights.len();
        let (mut losses, mut totals) = (vec![0.0; tasks], vec![0.0; tasks]);
        let inputs = self.logits.chunks_exact(tasks).zip(self.targets.chunks_exact(tasks));
        let rows = inputs.zip(self.weights.chunks_exact(tasks)).zip(self.slopes.chunks_exact_mut(tasks));
        for (((logits, targets), weights), slopes) in rows {
            let labels = logits.iter().zip(targets).zip(weights).zip(self.bound_weights);
            let sums = slopes.iter_mut().zip(&mut losses).zip(&mut totals);
            for ((((logit, target), weight), bound_weight), ((slope, loss), total)) in labels.zip(sums) {
                let counts = *weight != 0.0;
                let (logit, target) = (if counts { *logit } else { 0.0 }, if counts { *target } else { 0.0 });
                let target = target * (1.0 - self.smoothing) + self.smoothing / 2.0;
                let (label_loss, label_slope) = label::<FUSED>(logit, bound_weight * target, 1.0 - target);
                *slope = weight * label_slope;
                *loss += weight * label_loss;
                *total += weight;
            }
        }
        (losses, totals)
    }
}

/// The loss and its derivative at a logit, for a label that counts so much as bound and as unbound.
#[inline(always)]
fn label<const FUSED: bool>(logit: f32, bound: f32, unbound: f32) -> (f32, f32) {
    let is_positive = logit > 0.0;
    let share = exp_negative::<FUSED>(-logit.abs());
    let both = log_1p_share::<FUSED>(share);
    let likely = 1.0 / (1.0 + share);
    let unlikely = share * likely;
    let (above, below) = if is_positive { (logit, 0.0) } else { (0.0, -logit) };
    let (probability, complement) = if is_positive { (likely, unlikely) } else { (unlikely, likely) };
    (bound * (both + below) + unbound * (both + above), unbound * probability - bound * complement)
}
