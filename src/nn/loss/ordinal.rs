//! The loss of ordered classes: unbound, ambiguous, bound.

use burn::{
    config::Config,
    tensor::{Tensor, activation::log_sigmoid, s},
};

use super::{
    TaskMean, check_smoothing, check_weights,
    cross_entropy::{distribution_loss, where_observed},
    mean::label_weights,
};

/// Configuration of [`MaskedMultiTaskOrdinal`].
#[derive(Config, Debug)]
pub struct MaskedMultiTaskOrdinalConfig {
    /// How the losses of labels become one number (default [`TaskMean::PerTask`]).
    #[config(default = "TaskMean::PerTask")]
    pub mean: TaskMean,
    /// The weights of an unbound, ambiguous and bound label of each task, `[task][class]`. Default: 1 for all.
    pub class_weights: Option<Vec<Vec<f32>>>,
    /// The share of each target that is spread evenly over the three classes (label smoothing; default 0).
    #[config(default = 0.0)]
    pub smoothing: f32,
}

impl MaskedMultiTaskOrdinalConfig {
    /// Makes the loss.
    ///
    /// # Panics
    ///
    /// Panics if a weight is negative or not finite, or the smoothing does not lie in 0 to 1, 1 excluded.
    pub fn init(&self) -> MaskedMultiTaskOrdinal {
        check_weights(self.class_weights.iter().flatten().flatten());
        check_smoothing(self.smoothing);
        MaskedMultiTaskOrdinal { config: self.clone() }
    }
}

/// The negative log-likelihood of unbound < ambiguous < bound given cumulative logits, in which a missing label has no
/// effect.
///
/// With `a` the log-odds of being at least ambiguous and `b < a` those of being bound, the probabilities are `s(-a)`,
/// `s(a) - s(b)` and `s(b)`. The middle one is computed as `s(a) s(-b) (1 - exp(b - a))`, which loses nothing where `a`
/// and `b` are large or close. Weights and smoothing are those of
/// [`MaskedMultiTaskCrossEntropy`](super::MaskedMultiTaskCrossEntropy).
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::MaskedMultiTaskOrdinalConfig;
///
/// let device = Device::default();
/// let logits = Tensor::<3>::from_data([[[1.0, -1.0]]], &device);
/// let ambiguous = Tensor::<3>::from_data([[[0.0, 1.0, 0.0]]], &device);
/// let loss = MaskedMultiTaskOrdinalConfig::new().init();
/// let loss = loss.forward(logits, ambiguous, Tensor::ones([1, 1], &device), None).into_scalar::<f32>();
/// let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
/// assert!((loss + (sigmoid(1.0) - sigmoid(-1.0)).ln()).abs() < 1e-6);
/// ```
///
/// # References
///
/// McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x
#[derive(Clone, Debug)]
pub struct MaskedMultiTaskOrdinal {
    config: MaskedMultiTaskOrdinalConfig,
}

impl MaskedMultiTaskOrdinal {
    /// Computes the loss of a batch.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task, 2]`, the log-odds of being at least ambiguous, and of being bound
    /// - `targets`: `[batch, task, 3]`, a distribution over the classes; anything, even NaN, where missing
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
        let [batch, tasks, _] = logits.dims();
        assert_eq!(logits.dims(), [batch, tasks, 2], "the shape [batch, task, 2] of the logits");
        assert_eq!(targets.dims(), [batch, tasks, 3], "the shape [batch, task, 3] of the targets");
        let logits = where_observed(logits, &observed);
        let targets = where_observed(targets, &observed);
        let MaskedMultiTaskOrdinalConfig { class_weights, smoothing, .. } = &self.config;
        distribution_loss(log_probabilities(logits), targets, &observed, *smoothing, class_weights.as_deref())
    }
}

/// The logarithms of the three probabilities, `[batch, task, 3]`.
fn log_probabilities(logits: Tensor<3>) -> Tensor<3> {
    /// The least gap between logits, so that no class has probability 0.
    const LEAST_GAP: f32 = 1e-6;
    let ambiguous = logits.clone().slice(s![.., .., 0..1]);
    let bound = logits.slice(s![.., .., 1..2]);
    let gap = (ambiguous.clone() - bound.clone()).clamp_min(LEAST_GAP);
    let between = log_one_minus_exp(gap);
    let not_bound = log_sigmoid(bound.clone().neg());
    let middle = log_sigmoid(ambiguous.clone()) + not_bound + between;
    Tensor::cat(vec![log_sigmoid(ambiguous.neg()), middle, log_sigmoid(bound)], 2)
}

/// log(1 - exp(-gap)), without `tanh`, which is not exact near 0 on a GPU.
fn log_one_minus_exp(gap: Tensor<3>) -> Tensor<3> {
    /// Below, the series' next term, `gap^8 / 9676800`, is less than the rounding of an f32.
    const SMALL: f32 = 0.5;
    let is_large = gap.clone().greater_elem(SMALL);
    let small = gap.clone().clamp_max(SMALL);
    let square = small.clone() * small.clone();
    let terms = (square.clone() / -181_440.0 + 1.0 / 2880.0) * square.clone() - 1.0 / 24.0;
    let small = small.clone().log() - small / 2.0 - terms * square;
    let large = (gap.clamp_min(SMALL).neg().exp().neg() + 1.0).log();
    small.mask_where(is_large, large)
}
