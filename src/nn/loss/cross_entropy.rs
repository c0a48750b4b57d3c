//! Cross-entropy over the classes of each of several tasks.

use burn::{
    config::Config,
    tensor::{Tensor, TensorData, activation::log_softmax},
};

use super::{TaskMean, check_smoothing, check_weights, mean::label_weights};

/// Configuration of [`MaskedMultiTaskCrossEntropy`].
#[derive(Config, Debug)]
pub struct MaskedMultiTaskCrossEntropyConfig {
    /// How the losses of labels become one number (default [`TaskMean::PerTask`]).
    #[config(default = "TaskMean::PerTask")]
    pub mean: TaskMean,
    /// The weight of a label of each class, `[task][class]`. Default: 1 for all.
    pub class_weights: Option<Vec<Vec<f32>>>,
    /// The share of each target that is spread evenly over the classes (label smoothing; default 0).
    #[config(default = 0.0)]
    pub smoothing: f32,
}

impl MaskedMultiTaskCrossEntropyConfig {
    /// Makes the loss.
    ///
    /// # Panics
    ///
    /// Panics if a weight is negative or not finite, or the smoothing does not lie in 0 to 1, 1 excluded.
    pub fn init(&self) -> MaskedMultiTaskCrossEntropy {
        check_weights(self.class_weights.iter().flatten().flatten());
        check_smoothing(self.smoothing);
        MaskedMultiTaskCrossEntropy { config: self.clone() }
    }
}

/// Cross-entropy over the classes of each task, from logits, in which a missing label has no effect.
///
/// For a target distribution `y` and logits `z`, the loss is `-sum_k w_k y_k log softmax(z)_k` with `w` the weights of
/// the task's classes. With a smoothing of `e` and `K` classes, `y` becomes `(1 - e) y + e / K` before it is weighted.
/// Means are those of [`MaskedMultiTaskBce`](super::MaskedMultiTaskBce).
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::MaskedMultiTaskCrossEntropyConfig;
///
/// let device = Device::default();
/// let logits = Tensor::<3>::from_data([[[0.0, 0.0, 0.0], [9.0, 0.0, 1.0]]], &device);
/// let targets = Tensor::<3>::from_data([[[0.0, 1.0, 0.0], [f32::NAN, 1.0, 0.0]]], &device);
/// let observed = Tensor::<2>::from_data([[1.0, 0.0]], &device);
/// let loss = MaskedMultiTaskCrossEntropyConfig::new().init().forward(logits, targets, observed, None);
/// assert!((loss.into_scalar::<f32>() - 3f32.ln()).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct MaskedMultiTaskCrossEntropy {
    config: MaskedMultiTaskCrossEntropyConfig,
}

impl MaskedMultiTaskCrossEntropy {
    /// Computes the loss of a batch.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task, class]`
    /// - `targets`: `[batch, task, class]`, a distribution over the classes; anything, even NaN, where missing
    /// - `observed`: `[batch, task]`, 1 where there is a label, 0 where it is missing
    /// - `sample_weights`: `[batch]`; a sample of weight 0 has no effect
    /// - output: `[1]`
    ///
    /// # Panics
    ///
    /// Panics if the shapes do not fit together, the weights are not those of the tasks and classes, or a sample's
    /// weight, where the host can read it, is negative or not finite.
    pub fn forward(
        &self,
        logits: Tensor<3>,
        targets: Tensor<3>,
        observed: Tensor<2>,
        sample_weights: Option<Tensor<1>>,
    ) -> Tensor<1> {
        let weights = label_weights(observed, sample_weights);
        let losses = self.forward_no_reduction(logits, targets, weights.clone());
        self.config.mean.average(losses, weights)
    }

    /// Computes the loss of each label, `[batch, task]`: 0 where it is missing.
    ///
    /// # Panics
    ///
    /// Panics if the shapes do not fit together, or the weights are not those of the tasks and classes.
    pub fn forward_no_reduction(&self, logits: Tensor<3>, targets: Tensor<3>, observed: Tensor<2>) -> Tensor<2> {
        assert_eq!(logits.dims(), targets.dims(), "the shape of the logits and of the targets");
        let logits = where_observed(logits, &observed);
        let targets = where_observed(targets, &observed);
        let MaskedMultiTaskCrossEntropyConfig { class_weights, smoothing, .. } = &self.config;
        distribution_loss(log_softmax(logits, 2), targets, &observed, *smoothing, class_weights.as_deref())
    }
}

/// Puts 0 where a label is missing: a product with 0 would keep NaN and infinity.
pub(super) fn where_observed(values: Tensor<3>, observed: &Tensor<2>) -> Tensor<3> {
    let [batch, tasks, classes] = values.dims();
    assert_eq!(observed.dims(), [batch, tasks], "the shape [batch, task] of the mask");
    let missing = observed.clone().equal_elem(0.0).unsqueeze_dim::<3>(2).expand([batch, tasks, classes]);
    values.mask_fill(missing, 0.0)
}

/// The loss of each label, `[batch, task]`, given the logarithms of the classes' probabilities.
pub(super) fn distribution_loss(
    log_probabilities: Tensor<3>,
    targets: Tensor<3>,
    observed: &Tensor<2>,
    smoothing: f32,
    weights: Option<&[Vec<f32>]>,
) -> Tensor<2> {
    let [_, tasks, classes] = targets.dims();
    let mut targets = targets * (1.0 - smoothing) + smoothing / classes as f32;
    if let Some(weights) = weights {
        let shape = [weights.len(), weights.first().map_or(0, Vec::len)];
        assert_eq!(shape, [tasks, classes], "the shape [task, class] of the class weights");
        let weights = Tensor::<2>::from_data(TensorData::new(weights.concat(), shape), &targets.device());
        targets = targets * weights.unsqueeze_dim(0);
    }
    let losses = (targets * log_probabilities).sum_dim(2).squeeze_dim::<2>(2).neg();
    losses.mask_fill(observed.clone().equal_elem(0.0), 0.0)
}
