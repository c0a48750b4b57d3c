//! What a training gives.

use std::path::Path;

use super::super::{ConflictMap, Validation};
use crate::{
    Result,
    nn::{Model, ModelConfig, ModelFile, ModelInputs, Network, NetworkFile},
};

/// A trained network: a [`Model`], or one of your own, whose `config` is its name.
#[derive(Debug)]
pub struct Fitted<N = Model, C = ModelConfig> {
    /// The network with the best validation score, without autodiff.
    pub model: N,
    /// What it was made from.
    pub config: C,
    /// The names of its tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// What it was made to see.
    pub inputs: ModelInputs,
    /// The looks at the validation split.
    pub history: Vec<Validation>,
    /// The best of their scores: the mean average precision over the tracks with bound and unbound bins.
    pub average_precision: f64,
    /// Samples drawn.
    pub draws: usize,
    /// Seconds of training and validation.
    pub seconds: f64,
    /// Which tasks pull at the shared features in the same direction; none for a single task, a head that is not linear
    /// in the features, a loss of one's own, or a network of one's own.
    pub conflicts: Option<ConflictMap>,
}

impl Fitted {
    /// Returns the model with all that is needed to use it, to predict with or to save.
    pub fn to_file(&self) -> ModelFile {
        ModelFile {
            config: self.config.clone(),
            tasks: self.tasks.clone(),
            inputs: Some(self.inputs.clone()),
            model: self.model.clone(),
        }
    }

    /// Saves the model (see [`ModelFile::save`]).
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_file().save(path)
    }
}

impl<N: Network> Fitted<N, String> {
    /// Returns the network with all that is needed to use it, to save or to open again.
    pub fn to_file(&self) -> NetworkFile<N> {
        NetworkFile {
            name: self.config.clone(),
            tasks: self.tasks.clone(),
            inputs: Some(self.inputs.clone()),
            network: self.model.clone(),
        }
    }

    /// Saves the network (see [`NetworkFile::save`]).
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_file().save(path)
    }
}
