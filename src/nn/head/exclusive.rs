//! One softmax across tasks: a common mistake, kept to measure its cost.

use burn::{
    config::Config,
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

use super::{
    host_head::HostHead,
    linear::{shifted_linear, task_linear},
    task_head::TaskHead,
};
use crate::nn::ops::host::dense::Dense;

/// Configuration of [`ExclusiveSoftmaxHead`].
#[derive(Config, Debug)]
pub struct ExclusiveSoftmaxHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of bound labels of each task in the training data: the initial biases are their log-odds. Default: one
    /// half.
    pub priors: Option<Vec<f64>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl ExclusiveSoftmaxHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if the number of priors is not that of the tasks, or one does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> ExclusiveSoftmaxHead {
        let linear = task_linear(self.features, self.tasks, self.priors.as_deref(), self.seed, device);
        ExclusiveSoftmaxHead { linear }
    }
}

/// One softmax across tasks and "no factor": a common mistake, kept to measure its cost. Use
/// [`SigmoidHead`](super::SigmoidHead).
///
/// It asks "which factor?" and assumes that there is one answer. But factors bind together: where `k` of them bind, its
/// best prediction is `1 / k` for each. The surest bins, bound by many factors, score below a bin that one factor binds
/// alone. Raising one factor's probability lowers all others'. It also ties each factor's loss to the labels of all
/// others: a missing one has to be left out of the sum.
///
/// The logits are those of the tasks; that of "no factor" is 0.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{ExclusiveSoftmaxHeadConfig, TaskHead};
///
/// let device = Device::default();
/// let head = ExclusiveSoftmaxHeadConfig::new(8, 2).init(&device);
/// // Both factors surely bind: neither gets more than one half.
/// let logits = Tensor::<3>::from_data([[[50.0], [50.0]]], &device);
/// let bound: Vec<f32> = head.bound_probability(logits).into_data().iter::<f32>().collect();
/// assert_eq!(bound, [0.5, 0.5]);
/// ```
#[derive(Module, Debug)]
pub struct ExclusiveSoftmaxHead {
    /// Weights and biases.
    pub linear: Linear,
}

impl ExclusiveSoftmaxHead {
    pub(super) fn to_host(&self) -> Box<dyn HostHead> {
        Box::new(HostExclusive { linear: Dense::new(&self.linear) })
    }

    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        Self { linear: shifted_linear(self.linear, shifts) }
    }
}

impl TaskHead for ExclusiveSoftmaxHead {
    /// Computes the logits, `[batch, task, 1]`.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        self.linear.forward(features).unsqueeze_dim(2)
    }

    fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
        let logits: Tensor<2> = logits.squeeze_dim(2);
        let (shares, total, greatest) = exponentials(logits.clone());
        // If a task has more than half of the total, the rest is a sum without it, not a difference.
        let most = shares.clone().greater(total.clone() / 2.0);
        let (_, rest, second) = exponentials(logits.clone().mask_fill(most.clone(), f32::MIN));
        let without = rest.log() + second;
        let by_difference = (total - shares.mask_fill(most.clone(), 0.0)).log() + greatest;
        logits - by_difference.mask_where(most, without)
    }
}

/// The exponentials of logits `[batch, task]`, their sum with that of 0, and the logarithm of the divisor of both.
fn exponentials(logits: Tensor<2>) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
    let greatest = logits.clone().max_dim(1).clamp_min(0.0);
    let shares = (logits - greatest.clone()).exp();
    let total = shares.clone().sum_dim(1) + greatest.clone().neg().exp();
    let total = total.expand(shares.dims());
    (shares, total, greatest)
}

/// [`ExclusiveSoftmaxHead`] on slices.
#[derive(Debug)]
struct HostExclusive {
    linear: Dense,
}

impl HostHead for HostExclusive {
    fn logits(&self) -> usize {
        self.linear.outputs()
    }

    fn forward(&self, features: &[f32], _: &mut Vec<f32>, logits: &mut [f32]) {
        self.linear.forward(features, logits);
    }

    fn bound_log_odds(&self, logits: &[f32], log_odds: &mut [f32]) {
        let (total, greatest) = sum_of_exponentials(logits.iter().copied());
        for (task, log_odds) in log_odds.iter_mut().enumerate() {
            let share = (logits[task] - greatest).exp();
            // As above: a sum without the task, not a difference.
            let (rest, divisor) = if share > total / 2.0 {
                sum_of_exponentials(logits[..task].iter().chain(&logits[task + 1..]).copied())
            } else {
                (total - share, greatest)
            };
            *log_odds = logits[task] - (rest.ln() + divisor);
        }
    }
}

/// The sum of the exponentials of logits and of 0, and the logarithm of its divisor.
fn sum_of_exponentials(logits: impl Iterator<Item = f32> + Clone) -> (f32, f32) {
    let greatest = logits.clone().fold(0.0, f32::max);
    (logits.map(|logit| (logit - greatest).exp()).sum::<f32>() + (-greatest).exp(), greatest)
}
