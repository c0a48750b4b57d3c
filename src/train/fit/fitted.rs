//! The result of a training.

use crate::{
    nn::{Model, ModelConfig, ModelFile, ModelInputs, Network, NetworkFile},
    train::{ConflictMap, Validation},
};

/// A trained network: a [`Model`], or a custom one, whose `config` is its name.
#[derive(Debug)]
pub struct Fitted<N = Model, C = ModelConfig> {
    /// The network with the best validation score, without autodiff.
    pub model: N,
    /// Its configuration.
    pub config: C,
    /// The names of its tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// The inputs that it was made for.
    pub inputs: ModelInputs,
    /// The validations.
    pub history: Vec<Validation>,
    /// The best validation score: the mean average precision over the tracks with bound and unbound bins.
    pub average_precision: f64,
    /// The number of samples drawn.
    pub draws: usize,
    /// The samples that its networks learned from: each draw counts once for each member.
    pub network_draws: usize,
    /// Seconds of preparation, training and validation.
    pub seconds: f64,
    /// Processor seconds of these, of all threads of the process; `None` where they are unknown.
    pub cpu_seconds: Option<f64>,
    /// Which tasks conflict; none for a single task, a loss that is not split by task, such as an exclusive softmax's,
    /// a custom loss, or a custom network.
    pub conflicts: Option<ConflictMap>,
}

impl Fitted {
    /// Returns the model file, to predict with or to save.
    pub fn to_file(&self) -> ModelFile {
        ModelFile {
            config: self.config.clone(),
            tasks: self.tasks.clone(),
            inputs: Some(self.inputs.clone()),
            model: self.model.clone(),
        }
    }
}

impl<N: Network> Fitted<N, String> {
    /// Returns the network file, to save.
    pub fn to_file(&self) -> NetworkFile<N> {
        NetworkFile {
            name: self.config.clone(),
            tasks: self.tasks.clone(),
            inputs: Some(self.inputs.clone()),
            network: self.model.clone(),
        }
    }
}
