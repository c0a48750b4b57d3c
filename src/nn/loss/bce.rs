//! Binary cross-entropy over several tasks.

use burn::{config::Config, tensor::Tensor};

use super::{TaskMean, check_smoothing, check_weights, mean::label_weights};
use crate::nn::ops::bce::{BceOptions, BceSums, bce_sums, check_shapes, fallback};

/// Configuration of [`MaskedMultiTaskBce`].
#[derive(Config, Debug)]
pub struct MaskedMultiTaskBceConfig {
    /// How the losses of labels become one number (default [`TaskMean::PerTask`]).
    #[config(default = "TaskMean::PerTask")]
    pub mean: TaskMean,
    /// The weight of a bound label of each task; an unbound one weighs 1. Default: 1 for all.
    pub bound_weights: Option<Vec<f32>>,
    /// The share of each target that is spread evenly over bound and unbound (label smoothing; default 0).
    #[config(default = 0.0)]
    pub smoothing: f32,
}

impl MaskedMultiTaskBceConfig {
    /// Makes the loss.
    ///
    /// # Panics
    ///
    /// Panics if a weight is negative or not finite, or the smoothing does not lie in 0 to 1, 1 excluded.
    pub fn init(&self) -> MaskedMultiTaskBce {
        check_weights(self.bound_weights.iter().flatten());
        check_smoothing(self.smoothing);
        let bound_weights = self.bound_weights.as_deref().map(Into::into);
        MaskedMultiTaskBce { mean: self.mean, options: BceOptions { bound_weights, smoothing: self.smoothing } }
    }
}

/// Binary cross-entropy over several tasks, from logits, in which a missing label has no effect.
///
/// For a label `y` and a logit `z`, the loss is `-(w y log s(z) + (1 - y) log s(-z))` with `s` the logistic function
/// and `w` the task's weight of bound labels. It is finite for any finite logit. The mean over the labels of a task
/// is weighted by the samples' weights. A batch in which nothing is observed has loss 0 and gradient 0. With a
/// smoothing of `e`, `y` becomes `(1 - e) y + e / 2` before it is weighted.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::MaskedMultiTaskBceConfig;
///
/// let device = Device::default();
/// let logits = Tensor::<2>::from_data([[0.0, 3.0]], &device);
/// let targets = Tensor::<2>::from_data([[1.0, f32::NAN]], &device);
/// let observed = Tensor::<2>::from_data([[1.0, 0.0]], &device);
/// let loss = MaskedMultiTaskBceConfig::new().init().forward(logits, targets, observed, None);
/// assert!((loss.into_scalar::<f32>() - 2f32.ln()).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct MaskedMultiTaskBce {
    mean: TaskMean,
    options: BceOptions,
}

impl MaskedMultiTaskBce {
    /// Computes the loss of a batch.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task]`
    /// - `targets`: `[batch, task]`, 1 for bound, 0 for unbound, or a probability; anything, even NaN, where missing
    /// - `observed`: `[batch, task]`, 1 where there is a label, 0 where it is missing
    /// - `sample_weights`: `[batch]`; a sample of weight 0 has no effect
    /// - output: `[1]`, differentiable in the logits
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
        let sums = self.sums(logits, targets, label_weights(observed, sample_weights), false);
        self.mean.average_sums(sums.losses, sums.weights)
    }

    /// Sums the losses of each task, given the weights of labels.
    pub(super) fn sums(&self, logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>, with_slopes: bool) -> BceSums {
        bce_sums(logits, targets, weights, self.options.clone(), with_slopes)
    }

    /// Computes the loss of each label, `[batch, task]`: 0 where it is missing.
    ///
    /// # Panics
    ///
    /// Panics if the shapes differ, or the number of tasks is not that of the weights.
    pub fn forward_no_reduction(&self, logits: Tensor<2>, targets: Tensor<2>, observed: Tensor<2>) -> Tensor<2> {
        check_shapes(&logits, &targets, &observed, &self.options);
        fallback::label_losses(logits, targets, &observed, &self.options)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn matrix<const R: usize, const C: usize>(values: [[f32; C]; R]) -> Tensor<2> {
        Tensor::from_data(values, &Device::default().autodiff())
    }

    fn values(data: TensorData) -> Vec<f32> {
        data.iter::<f32>().collect()
    }

    /// Loss and gradient of the logits.
    fn run(
        config: &MaskedMultiTaskBceConfig,
        logits: Tensor<2>,
        targets: Tensor<2>,
        observed: Tensor<2>,
    ) -> (f32, Vec<f32>) {
        let logits = logits.require_grad();
        let loss = config.init().forward(logits.clone(), targets, observed, None);
        let grads = loss.backward();
        (loss.into_scalar::<f32>(), values(logits.grad(&grads).unwrap().into_data()))
    }

    #[test]
    fn a_masked_label_changes_neither_loss_nor_gradient() {
        let config = MaskedMultiTaskBceConfig::new();
        let observed = || matrix([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        let targets = |masked: f32| matrix([[1.0, masked], [masked, 0.0], [0.0, 1.0]]);
        let logits = |masked: f32| matrix([[0.5, masked], [masked, -1.0], [2.0, 0.1]]);
        let expected = run(&config, logits(0.0), targets(0.0), observed());
        for masked in [1.0, -3.0, f32::NAN, f32::INFINITY] {
            assert_eq!(run(&config, logits(0.0), targets(masked), observed()), expected);
            assert_eq!(run(&config, logits(masked), targets(1.0), observed()), expected);
        }
        assert_eq!([expected.1[1], expected.1[2]], [0.0, 0.0]);
        assert!([0, 3, 4, 5].iter().all(|&i| expected.1[i] != 0.0));
    }

    #[test]
    fn a_batch_without_labels_has_no_loss_and_no_gradient() {
        for mean in [TaskMean::PerTask, TaskMean::Pooled] {
            let config = MaskedMultiTaskBceConfig::new().with_mean(mean);
            let found = run(&config, matrix([[3.0, -2.0]]), matrix([[f32::NAN, 1.0]]), matrix([[0.0, 0.0]]));
            assert_eq!(found, (0.0, vec![0.0, 0.0]));
        }
    }

    #[test]
    fn extreme_logits_have_finite_losses_and_gradients() {
        let config = MaskedMultiTaskBceConfig::new();
        let observed = matrix([[1.0, 1.0, 1.0, 1.0]]);
        let (loss, gradient) = run(&config, matrix([[1e4, -1e4, 1e4, -1e4]]), matrix([[1.0, 0.0, 0.0, 1.0]]), observed);
        assert!((loss - 5e3).abs() < 1e-2, "{loss}");
        assert_eq!(gradient, [0.0, 0.0, 0.25, -0.25]);
    }

    #[test]
    fn a_rare_task_counts_as_much_as_a_common_one_unless_pooled() {
        let logits = || matrix([[0.0, 3.0], [0.0, 0.0], [0.0, 0.0]]);
        let targets = || matrix([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]);
        let observed = || matrix([[1.0, 1.0], [1.0, 0.0], [1.0, 0.0]]);
        let (common, rare) = (2f32.ln(), (1.0 + (-3f32).exp()).ln());
        let loss = |mean| run(&MaskedMultiTaskBceConfig::new().with_mean(mean), logits(), targets(), observed()).0;
        assert!((loss(TaskMean::PerTask) - f32::midpoint(common, rare)).abs() < 1e-6);
        assert!((loss(TaskMean::Pooled) - (3.0 * common + rare) / 4.0).abs() < 1e-6);
    }

    #[test]
    #[should_panic(expected = "a label cannot weigh -1")]
    fn a_negative_weight_panics() {
        MaskedMultiTaskBceConfig::new().with_bound_weights(Some(vec![-1.0])).init();
    }
}
