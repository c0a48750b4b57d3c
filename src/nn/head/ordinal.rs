//! Ordered classes for each task.

use burn::{
    config::Config,
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, Tensor, activation::softplus, s},
};

use super::{
    linear::{log_odds, shifted_linear, task_linear},
    task_head::TaskHead,
};
use crate::nn::init;

/// Configuration of [`OrdinalHead`].
#[derive(Config, Debug)]
pub struct OrdinalHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// Whether the gap between the thresholds is one for all tasks (default false).
    #[config(default = false)]
    pub shared_gap: bool,
    /// For each task the share of labels that are at least ambiguous, and of those that are bound, in the training
    /// data. Default: three classes alike.
    pub priors: Option<Vec<[f64; 2]>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl OrdinalHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if the number of priors is not that of the tasks, or one does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> OrdinalHead {
        let alike = vec![[2.0 / 3.0, 1.0 / 3.0]; self.tasks];
        let priors = self.priors.as_ref().unwrap_or(&alike);
        let bound: Vec<f64> = priors.iter().map(|[_, bound]| *bound).collect();
        let linear = task_linear(self.features, self.tasks, Some(&bound), self.seed, device);
        let gaps: Vec<f32> = priors.iter().map(|prior| gap(*prior)).collect();
        let gaps = if self.shared_gap { vec![gaps.iter().sum::<f32>() / gaps.len() as f32] } else { gaps };
        let count = gaps.len();
        let raw = gaps.into_iter().map(inverse_softplus).collect();
        OrdinalHead { linear, gap: init::param(raw, [count], device) }
    }
}

/// The distance of the two log-odds; small, not 0, where nothing is ambiguous.
fn gap(priors: [f64; 2]) -> f32 {
    const LEAST: f32 = 0.01;
    let log_odds = log_odds(&priors, 2);
    (log_odds[0] - log_odds[1]).max(LEAST)
}

fn inverse_softplus(value: f32) -> f32 {
    value + (-(-value).exp_m1()).ln()
}

/// Unbound < ambiguous < bound for each task, by proportional odds: one score, and two thresholds that keep their
/// order.
///
/// The logits are the log-odds of being at least ambiguous and of being bound, `z + softplus(gap)` and `z`. An
/// ambiguous label thus lies between the others, which a softmax over three classes does not know.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{OrdinalHeadConfig, TaskHead};
///
/// let device = Device::default();
/// let head = OrdinalHeadConfig::new(8, 1).with_priors(Some(vec![[0.1, 0.02]])).init(&device);
/// let logits = head.forward(Tensor::zeros([1, 8], &device));
/// assert_eq!(logits.dims(), [1, 1, 2]);
/// assert!((head.bound_probability(logits).into_scalar::<f32>() - 0.02).abs() < 1e-6);
/// ```
///
/// # References
///
/// McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x
#[derive(Module, Debug)]
pub struct OrdinalHead {
    /// Weights and biases of the score.
    pub linear: Linear,
    /// The gap between the thresholds before the softplus, `[task]` or `[1]`.
    pub gap: Param<Tensor<1>>,
}

impl OrdinalHead {
    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        Self { linear: shifted_linear(self.linear, shifts), gap: self.gap }
    }
}

impl TaskHead for OrdinalHead {
    /// Computes the cumulative logits, `[batch, task, 2]`.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        let bound = self.linear.forward(features);
        let gap = softplus(self.gap.val(), 1.0).unsqueeze_dim::<2>(0);
        Tensor::stack(vec![bound.clone() + gap, bound], 2)
    }

    fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
        logits.slice(s![.., .., 1..2]).squeeze_dim(2)
    }
}
