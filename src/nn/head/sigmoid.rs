//! One logistic regression on the shared features for each task.

use burn::{
    config::Config,
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor, activation::sigmoid},
};

use crate::nn::start;

/// Configuration of [`SigmoidHead`].
#[derive(Config, Debug)]
pub struct SigmoidHeadConfig {
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of bound labels of each task in what the head will train on: its first bias is their log-odds, so
    /// that training does not begin with learning how rare binding is. Default: one half.
    pub priors: Option<Vec<f64>>,
    /// Seed of the starting weights, which are the same on every backend.
    #[config(default = 0)]
    pub seed: u64,
}

impl SigmoidHeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// If the number of priors is not that of the tasks, or one does not lie between 0 and 1, both excluded.
    pub fn init(&self, device: &Device) -> SigmoidHead {
        let mut linear = start::linear(self.features, self.tasks, &[self.seed, start::HEAD], device);
        if let Some(priors) = &self.priors {
            assert_eq!(priors.len(), self.tasks, "the number of priors and of tasks");
            let biases: Vec<f32> = priors.iter().map(|&prior| log_odds(prior)).collect();
            linear.bias = Some(start::param(biases, [self.tasks], device));
        }
        SigmoidHead { linear }
    }
}

fn log_odds(prior: f64) -> f32 {
    assert!(prior > 0.0 && prior < 1.0, "a prior lies between 0 and 1, found {prior}");
    (prior / (1.0 - prior)).ln() as f32
}

/// A logistic regression on the shared features for each task.
///
/// Tasks do not compete: a bin may be bound by all factors, or by none.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::SigmoidHeadConfig;
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
    /// Computes the logits.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, feature]`
    /// - output: `[batch, task]`
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.linear.forward(features)
    }

    /// Adds a constant to the logits of each task, which undoes a change of the odds in training.
    pub(crate) fn shifted(self, shifts: &[f64]) -> Self {
        let Linear { weight, bias } = self.linear;
        let shifted = bias.map(|bias| {
            let shifts = Tensor::from_data(shifts, &bias.val().device());
            bias.map(|bias| bias + shifts)
        });
        Self { linear: Linear { weight, bias: shifted } }
    }

    /// Turns logits into the probability of being bound; any shape.
    pub fn bound_probability<const D: usize>(&self, logits: Tensor<D>) -> Tensor<D> {
        sigmoid(logits)
    }
}
