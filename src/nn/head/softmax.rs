//! A softmax over classes for each task.

use burn::{
    config::Config,
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor, s},
};

use super::{
    host_head::HostHead,
    kind::HeadKind,
    linear::{check_priors, shifted_linear},
    task_head::TaskHead,
};
use crate::{
    genome::Label,
    nn::{init, ops::host::dense::Dense},
};

/// Configuration of [`SoftmaxHead`].
#[derive(Config, Debug)]
pub struct SoftmaxHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The labels that are classes, in rising order; the last is bound. Other labels have no loss.
    #[config(default = "vec![Label::Unbound, Label::Bound]")]
    pub classes: Vec<Label>,
    /// The share of each class of each task in the training data, `[task][class]`. Default: all alike.
    pub priors: Option<Vec<Vec<f64>>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl SoftmaxHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if [`HeadKind::validate`] refuses the classes, the priors are not one for each task and class, or one
    /// does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> SoftmaxHead {
        if let Err(error) = (HeadKind::Softmax { classes: self.classes.clone() }).validate() {
            panic!("{error}");
        }
        let outputs = self.tasks * self.classes.len();
        let mut linear = init::linear(self.features, outputs, &[self.seed, init::HEAD], device);
        if let Some(priors) = &self.priors {
            assert_eq!(priors.len(), self.tasks, "the number of priors and of tasks");
            for priors in priors {
                check_priors(priors, self.classes.len());
            }
            let biases = priors.iter().flatten().map(|prior| prior.ln() as f32).collect();
            linear.bias = Some(init::param(biases, [outputs], device));
        }
        SoftmaxHead { linear, classes: self.classes.clone() }
    }
}

/// A softmax over classes for each task: unbound and bound, or with ambiguous between them.
///
/// Over two classes it equals a [`SigmoidHead`](super::SigmoidHead) with twice the weights. A third class spends an
/// output on ambiguous bins, which are not scored, and does not use the order of the classes (see
/// [`OrdinalHead`](super::OrdinalHead)). The logits are those of the classes.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{SoftmaxHeadConfig, TaskHead};
///
/// let device = Device::default();
/// let head = SoftmaxHeadConfig::new(8, 1).with_priors(Some(vec![vec![0.9, 0.1]])).init(&device);
/// let logits = head.forward(Tensor::zeros([1, 8], &device));
/// assert_eq!(logits.dims(), [1, 1, 2]);
/// assert!((head.bound_probability(logits).into_scalar::<f32>() - 0.1).abs() < 1e-6);
/// ```
#[derive(Module, Debug)]
pub struct SoftmaxHead {
    /// Weights and biases; outputs are ordered by task, then class.
    pub linear: Linear,
    #[module(skip)]
    classes: Vec<Label>,
}

impl SoftmaxHead {
    /// Returns the classes, in the order of the logits.
    pub fn classes(&self) -> &[Label] {
        &self.classes
    }

    pub(super) fn to_host(&self) -> Box<dyn HostHead> {
        Box::new(HostSoftmax { linear: Dense::new(&self.linear), classes: self.classes.len() })
    }

    pub(super) fn shifted(self, shifts: &[f64]) -> Self {
        let mut class_shifts = vec![0.0; shifts.len() * self.classes.len()];
        for (classes, shift) in class_shifts.chunks_exact_mut(self.classes.len()).zip(shifts) {
            classes[self.classes.len() - 1] = *shift;
        }
        Self { linear: shifted_linear(self.linear, &class_shifts), classes: self.classes }
    }
}

impl TaskHead for SoftmaxHead {
    /// Computes the logits of the classes, `[batch, task, class]`.
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        let [batch, _] = features.dims();
        let outputs = self.linear.forward(features);
        let [_, all] = outputs.dims();
        outputs.reshape([batch, all / self.classes.len(), self.classes.len()])
    }

    fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
        let last = self.classes.len() - 1;
        let bound: Tensor<2> = logits.clone().slice(s![.., .., last..]).squeeze_dim(2);
        let others = logits.slice(s![.., .., ..last]);
        let greatest = others.clone().max_dim(2);
        let sum = (others - greatest.clone()).exp().sum_dim(2).log() + greatest;
        bound - sum.squeeze_dim(2)
    }
}

/// [`SoftmaxHead`] on slices.
#[derive(Debug)]
struct HostSoftmax {
    linear: Dense,
    classes: usize,
}

impl HostHead for HostSoftmax {
    fn logits(&self) -> usize {
        self.linear.outputs()
    }

    fn forward(&self, features: &[f32], _: &mut Vec<f32>, logits: &mut [f32]) {
        self.linear.forward(features, logits);
    }

    fn bound_log_odds(&self, logits: &[f32], log_odds: &mut [f32]) {
        for (logits, log_odds) in logits.chunks_exact(self.classes).zip(log_odds) {
            let (others, bound) = logits.split_at(self.classes - 1);
            let greatest = others.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = others.iter().map(|other| (other - greatest).exp()).sum();
            *log_odds = bound[0] - (sum.ln() + greatest);
        }
    }
}
