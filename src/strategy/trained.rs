//! Trained models, and trainings that diverged.

use std::fmt;

use burn::{module::Module, tensor::Device};

use crate::{
    device,
    eval::RunRow,
    nn::ModelFile,
    train::{ConflictMap, Fitted, Validation},
};

/// A trained model, for one seed.
#[derive(Clone, Debug)]
pub struct TrainedModel {
    /// The name in tables: the strategy's, or `extended`.
    pub name: String,
    /// The factor, `*` for all of them.
    pub tf: String,
    /// The seed.
    pub seed: u64,
    /// The model, ready to be used or saved.
    pub file: ModelFile,
    /// The validations; none for a joined model.
    pub history: Vec<Validation>,
    /// The mean average precision on the validation split, over the tracks with bound and unbound bins.
    pub average_precision: f64,
    /// The number of samples drawn. Grouped and rescued models count those of all their parts; fine-tuned and extended
    /// ones count their own training, which comes on top of the shared model's.
    pub draws: usize,
    /// The samples that its networks learned from, counted as draws are: each draw once for each member.
    pub network_draws: usize,
    /// Seconds of preparation, training and validation, counted as draws are.
    pub seconds: f64,
    /// Processor seconds of these; `None` where they are unknown.
    pub cpu_seconds: Option<f64>,
    /// Which tasks conflict, if known.
    pub conflicts: Option<ConflictMap>,
}

impl TrainedModel {
    pub(super) fn new<N, C>(name: &str, tf: String, seed: u64, file: ModelFile, fitted: Fitted<N, C>) -> Self {
        Self {
            name: name.to_owned(),
            tf,
            seed,
            file,
            history: fitted.history,
            average_precision: fitted.average_precision,
            draws: fitted.draws,
            network_draws: fitted.network_draws,
            seconds: fitted.seconds,
            cpu_seconds: fitted.cpu_seconds,
            conflicts: fitted.conflicts,
        }
    }

    /// Returns its cost, as a row of `runs.tsv`.
    pub fn row(&self, device: &Device) -> RunRow {
        self.row_on(device::name(device))
    }

    /// The same on a device given by name.
    pub(super) fn row_on(&self, device: &str) -> RunRow {
        RunRow {
            model: self.name.clone(),
            seed: self.seed,
            tf: self.tf.clone(),
            draws: self.draws as u64,
            parameters: self.file.model.num_params() as u64,
            seconds: self.seconds,
            device: device.to_owned(),
            network_draws: Some(self.network_draws as u64),
            cpu_seconds: self.cpu_seconds,
        }
    }
}

/// A training that diverged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivergedRun {
    /// The name of the model in tables.
    pub model: String,
    /// The factor, `*` for all of them.
    pub tf: String,
    /// The seed.
    pub seed: u64,
    /// What went wrong, and what to do about it.
    pub detail: String,
}

impl fmt::Display for DivergedRun {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, tf, seed, detail } = self;
        write!(formatter, "{model} {tf} seed {seed} is left out: {detail}")
    }
}
