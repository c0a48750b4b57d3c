//! The loss of factors that exclude each other: a common mistake, kept to measure its cost.

use burn::{config::Config, tensor::Tensor};

use super::{
    check_smoothing, check_weights,
    mean::{divide_or_zero, label_weights},
};

/// Configuration of [`ExclusiveCrossEntropy`].
#[derive(Config, Debug)]
pub struct ExclusiveCrossEntropyConfig {
    /// The weight of a bound label of each task; "no factor" weighs 1. Default: 1 for all.
    pub bound_weights: Option<Vec<f32>>,
    /// The share of each target that is spread evenly over observed tasks and "no factor" (label smoothing; default 0).
    #[config(default = 0.0)]
    pub smoothing: f32,
}

impl ExclusiveCrossEntropyConfig {
    /// Makes the loss.
    ///
    /// # Panics
    ///
    /// Panics if a weight is negative or not finite, or the smoothing does not lie in 0 to 1, 1 excluded.
    pub fn init(&self) -> ExclusiveCrossEntropy {
        check_weights(self.bound_weights.iter().flatten());
        check_smoothing(self.smoothing);
        ExclusiveCrossEntropy { config: self.clone() }
    }
}

/// Cross-entropy of one softmax across tasks and "no factor", over the tasks observed in each sample.
///
/// If `k` factors bind together, the target of each is `1 / k`: the loss never lets the model be sure of two. See
/// [`ExclusiveSoftmaxHead`](crate::nn::ExclusiveSoftmaxHead) for why it is here. A task with a missing label is left
/// out of the sample's softmax; a sample without labels does not count.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::ExclusiveCrossEntropyConfig;
///
/// let device = Device::default();
/// let logits = Tensor::<2>::zeros([1, 3], &device);
/// let targets = Tensor::<2>::from_data([[1.0, 0.0, f32::NAN]], &device);
/// let observed = Tensor::<2>::from_data([[1.0, 1.0, 0.0]], &device);
/// let loss = ExclusiveCrossEntropyConfig::new().init().forward(logits, targets, observed, None);
/// assert!((loss.into_scalar::<f32>() - 3f32.ln()).abs() < 1e-6); // two tasks, and none
/// ```
#[derive(Clone, Debug)]
pub struct ExclusiveCrossEntropy {
    config: ExclusiveCrossEntropyConfig,
}

impl ExclusiveCrossEntropy {
    /// Computes the loss of a batch.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task]`; that of "no factor" is 0
    /// - `targets`: `[batch, task]`, 1 for bound, 0 for unbound; anything, even NaN, where missing
    /// - `observed`: `[batch, task]`, 1 where there is a label, 0 where it is missing
    /// - `sample_weights`: `[batch]`; a sample of weight 0 has no effect
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ, the number of tasks is not that of the weights, or a sample's weight, where the
    /// host can read it, is negative or not finite.
    pub fn forward(
        &self,
        logits: Tensor<2>,
        targets: Tensor<2>,
        observed: Tensor<2>,
        sample_weights: Option<Tensor<1>>,
    ) -> Tensor<1> {
        assert_eq!(logits.dims(), targets.dims(), "the shape of the logits and of the targets");
        assert_eq!(logits.dims(), observed.dims(), "the shape of the logits and of the mask");
        let ExclusiveCrossEntropyConfig { bound_weights, smoothing } = &self.config;
        let observed = label_weights(observed, sample_weights.clone()).greater_elem(0.0).float();
        let missing = observed.clone().equal_elem(0.0);
        let targets = targets.mask_fill(missing.clone(), 0.0);
        let logits = logits.mask_fill(missing, 0.0);
        let counted = observed.clone().sum_dim(1);
        let all = log_sum_exp(logits.clone(), observed.clone());
        let shares = targets.clone() / targets.sum_dim(1).clamp_min(1.0);
        let none = shares.clone().sum_dim(1).neg() + 1.0;
        let spread = (counted.clone() + 1.0).recip() * *smoothing;
        let shares = (shares * (1.0 - smoothing) + spread.clone()) * observed;
        let none = none * (1.0 - smoothing) + spread;
        let losses = (weigh_tasks(shares, bound_weights.as_deref()) * (all.clone() - logits)).sum_dim(1) + none * all;
        let mut weights = counted.greater_elem(0.0).float();
        if let Some(sample_weights) = sample_weights {
            weights = weights * sample_weights.unsqueeze_dim(1);
        }
        divide_or_zero((losses * weights.clone()).sum(), weights.sum())
    }
}

/// Multiplies losses by the weights of their tasks, if there are any.
fn weigh_tasks(losses: Tensor<2>, weights: Option<&[f32]>) -> Tensor<2> {
    let Some(weights) = weights else { return losses };
    let [_, tasks] = losses.dims();
    assert_eq!(tasks, weights.len(), "the number of tasks and of their weights");
    let weights = Tensor::<1>::from_data(weights, &losses.device());
    losses * weights.unsqueeze_dim(0)
}

/// The logarithm of the softmax's denominator, `1 + sum(exp(logit))` over the tasks where `counts` is 1, `[batch, 1]`.
fn log_sum_exp(logits: Tensor<2>, counts: Tensor<2>) -> Tensor<2> {
    let greatest = (logits.clone() * counts.clone()).max_dim(1).clamp_min(0.0).detach();
    // A logit that does not count must not be the greatest; the caller sets it to 0, which never exceeds `greatest`.
    let sum = ((logits - greatest.clone()).exp() * counts).sum_dim(1) + greatest.clone().neg().exp();
    greatest + sum.log()
}
