//! One logistic regression on the shared features for each task.

use burn::{
    config::Config,
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

use super::{
    columns::columns,
    linear::{shifted_linear, task_linear},
    task_head::TaskHead,
};

/// Configuration of [`SigmoidHead`].
#[derive(Config, Debug)]
pub struct SigmoidHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of bound labels of each task in the training data: the initial biases are their log-odds, so that the
    /// head need not first learn how rare binding is. Default: one half.
    pub priors: Option<Vec<f64>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl SigmoidHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if the number of priors is not that of the tasks, or one does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> SigmoidHead {
        SigmoidHead { linear: task_linear(self.features, self.tasks, self.priors.as_deref(), self.seed, device) }
    }
}

/// A logistic regression on the shared features for each task.
///
/// Tasks do not compete: a bin may be bound by all factors, or by none. The logits are the log-odds of being bound.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{SigmoidHeadConfig, TaskHead};
///
/// let device = Device::default();
/// let head = SigmoidHeadConfig::new(8, 2).with_priors(Some(vec![0.01, 0.2])).init(&device);
/// let logits = head.forward(Tensor::zeros([1, 8], &device));
/// let bound = head.bound_probability(logits).into_data().try_into_vec_as::<f32>().unwrap();
/// assert!((bound[0] - 0.01).abs() < 1e-6 && (bound[1] - 0.2).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct SigmoidHead {
    /// Weights and biases.
    pub linear: Linear,
}

impl SigmoidHead {
    pub(super) fn with_columns(&self, wanted: &[Option<usize>]) -> Self {
        let Linear { weight, bias } = self.linear.clone();
        Self { linear: Linear { weight: columns(weight, 1, wanted), bias: bias.map(|bias| columns(bias, 0, wanted)) } }
    }

    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        Self { linear: shifted_linear(self.linear, shifts) }
    }
}

impl TaskHead for SigmoidHead {
    /// Computes the logits, `[batch, task, 1]`.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        self.linear.forward(features).unsqueeze_dim(2)
    }
}
