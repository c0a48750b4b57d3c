//! Means of the losses of labels.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// How the losses of labels become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskMean {
    /// The mean over a task's observed labels, then the mean over the tasks observed in the batch: each task counts
    /// the same.
    PerTask,
    /// The mean over all observed labels: a task counts by its number of labels.
    Pooled,
}

impl TaskMean {
    /// Averages losses `[batch, task]` over observed labels, weighted by sample; 0 without any.
    pub(super) fn average(
        self,
        losses: Tensor<2>,
        observed: Tensor<2>,
        sample_weights: Option<Tensor<1>>,
    ) -> Tensor<1> {
        let weights = label_weights(observed, sample_weights);
        match self {
            Self::Pooled => divide_or_zero((losses * weights.clone()).sum(), weights.sum()),
            Self::PerTask => {
                let (means, seen) = task_means(losses, weights);
                divide_or_zero(means.sum(), seen.sum())
            }
        }
    }
}

/// Returns the weight of each label, `[batch, task]`.
pub(super) fn label_weights(observed: Tensor<2>, sample_weights: Option<Tensor<1>>) -> Tensor<2> {
    match sample_weights {
        Some(weights) => observed * weights.unsqueeze_dim(1),
        None => observed,
    }
}

/// Returns the weighted mean of each task's losses, 0 without any, and whether there are any, both `[1, task]`.
pub(super) fn task_means(losses: Tensor<2>, weights: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
    let total = weights.clone().sum_dim(0);
    let seen = total.clone().greater_elem(0.0).float();
    (divide_or_zero((losses * weights).sum_dim(0), total), seen)
}

/// Returns the quotient, or 0 where the weight is 0.
pub(super) fn divide_or_zero<const D: usize>(sum: Tensor<D>, weight: Tensor<D>) -> Tensor<D> {
    let nothing = weight.clone().equal_elem(0.0);
    sum / weight.mask_fill(nothing, 1.0)
}
