//! A trunk with a head: the whole model.

use burn::{
    config::Config,
    module::Module,
    tensor::{Device, Int, Tensor},
};

use super::{ProfileStartConfig, SigmoidHead, SigmoidHeadConfig, Trunk, TrunkConfig};
use crate::motif::LogOddsMatrix;

/// Configuration of [`Model`].
#[derive(Config, Debug)]
pub struct ModelConfig {
    /// The shared part.
    pub trunk: TrunkConfig,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of bound labels of each task in what the model will train on (see [`SigmoidHeadConfig`]).
    pub priors: Option<Vec<f64>>,
}

impl ModelConfig {
    /// Makes the model with random motifs.
    ///
    /// # Panics
    ///
    /// If the trunk's [`validate`](TrunkConfig::validate) fails, or the priors are not one for each task.
    pub fn init(&self, device: &Device) -> Model {
        Model { trunk: self.trunk.init(device), head: self.head().init(device) }
    }

    /// Makes the model with the first motifs started from profiles.
    ///
    /// # Panics
    ///
    /// As [`ModelConfig::init`], and if there are more profiles than motifs.
    pub fn init_from(&self, profiles: &[LogOddsMatrix], start: &ProfileStartConfig, device: &Device) -> Model {
        Model { trunk: self.trunk.init_from(profiles, start, device), head: self.head().init(device) }
    }

    fn head(&self) -> SigmoidHeadConfig {
        SigmoidHeadConfig::new(self.trunk.hidden, self.tasks)
            .with_priors(self.priors.clone())
            .with_seed(self.trunk.conv.seed)
    }
}

/// A model with one output for each task. A single-task model is one with one task.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 3).init(&device);
/// let logits = model.forward(Tensor::<2, Int>::zeros([2, 60], &device), None);
/// assert_eq!(logits.dims(), [2, 3]);
/// ```
#[derive(Module, Debug)]
pub struct Model {
    /// The shared part.
    pub trunk: Trunk,
    /// One output for each task.
    pub head: SigmoidHead,
}

impl Model {
    /// Computes the logits.
    ///
    /// # Shapes
    ///
    /// - `codes`: `[batch, length]`, 0 to 3 for A, C, G, T and 4 for N
    /// - `signal`: `[batch, channel, length]`
    /// - output: `[batch, task]`
    ///
    /// # Panics
    ///
    /// As [`Trunk::forward`].
    pub fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<2> {
        self.head.forward(self.trunk.forward(codes, signal))
    }
}
