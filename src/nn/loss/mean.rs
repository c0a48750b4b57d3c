//! Means of the losses of labels.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::device;

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
    /// Averages losses over labels, both `[batch, task]`; 0 without any weight.
    pub(super) fn average(self, losses: Tensor<2>, weights: Tensor<2>) -> Tensor<1> {
        let (losses, weights) = task_sums(losses, weights);
        self.average_sums(losses, weights)
    }

    /// As [`average`](Self::average), from the [sums](task_sums) of tasks.
    pub(super) fn average_sums(self, losses: Tensor<1>, weights: Tensor<1>) -> Tensor<1> {
        match self {
            Self::Pooled => divide_or_zero(losses.sum(), weights.sum()),
            Self::PerTask => {
                let (means, seen) = task_means(losses, weights);
                divide_or_zero(means.sum(), seen.sum())
            }
        }
    }
}

/// Returns the weight of each label, `[batch, task]`.
///
/// # Panics
///
/// Panics if there is not a weight for each sample, or one in the host's memory is negative or not finite.
pub(super) fn label_weights(observed: Tensor<2>, sample_weights: Option<Tensor<1>>) -> Tensor<2> {
    let Some(weights) = sample_weights else { return observed };
    assert_eq!(observed.dims()[0], weights.dims()[0], "the number of samples and of their weights");
    if device::is_host(&weights.device()) {
        for weight in weights.clone().into_data().iter::<f32>() {
            assert!(weight.is_finite() && weight >= 0.0, "a sample cannot weigh {weight}");
        }
    }
    observed * weights.unsqueeze_dim(1)
}

/// Returns the weighted sum of each task's losses, and the sum of the weights, both `[task]`.
pub(super) fn task_sums(losses: Tensor<2>, weights: Tensor<2>) -> (Tensor<1>, Tensor<1>) {
    ((losses * weights.clone()).sum_dim(0).squeeze_dim(0), weights.sum_dim(0).squeeze_dim(0))
}

/// Returns the mean loss of each task, 0 without any weight, and whether there is any, both `[task]`.
pub(super) fn task_means(losses: Tensor<1>, weights: Tensor<1>) -> (Tensor<1>, Tensor<1>) {
    let seen = weights.clone().greater_elem(0.0).float();
    (divide_or_zero(losses, weights), seen)
}

/// Returns the quotient, or 0 where the weight is 0.
pub(super) fn divide_or_zero<const D: usize>(sum: Tensor<D>, weight: Tensor<D>) -> Tensor<D> {
    let nothing = weight.clone().equal_elem(0.0);
    sum / weight.mask_fill(nothing, 1.0)
}
