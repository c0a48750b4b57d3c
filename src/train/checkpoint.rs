//! Saving a run so that it goes on as if it had never stopped.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{module::Module, store::ModuleRecord, tensor::Bytes};
use serde::{Deserialize, Serialize};

use super::{
    RunConfig, TrainingConfig, Validation, conflicts::SavedConflicts, history::write_log, step::Learner,
    stop::EarlyStopping,
};
use crate::{
    Error, Result,
    file::{at, make_dir, write_atomic},
    nn::{Architecture, Model},
};

/// Where a run stands, beside the weights.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) draws: usize,
    pub(super) seconds: f64,
    pub(super) stopping: EarlyStopping,
    pub(super) history: Vec<Validation>,
    pub(super) finished: bool,
    /// What the balancer of tasks remembers.
    #[serde(default)]
    pub(super) balance: Vec<f64>,
    #[serde(default)]
    pub(super) conflicts: Option<SavedConflicts>,
}

/// All that a run is made from; a checkpoint of another run is no use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) architecture: Architecture,
    pub(super) training: TrainingConfig,
    pub(super) seed: u64,
    pub(super) tasks: Vec<String>,
    pub(super) device: String,
    pub(super) data: u64,
    /// The name of a loss that is not the configuration's.
    #[serde(default)]
    pub(super) loss: Option<String>,
    /// The name of a balancer that is not the configuration's.
    #[serde(default)]
    pub(super) balancer: Option<String>,
    /// The name of the model that it started from.
    #[serde(default)]
    pub(super) start: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    identity: Identity,
    state: State,
}

/// A run's folder: `config.toml`, `log.tsv`, `state.json` and, named by the draws, weights and optimizer.
#[derive(Debug)]
pub(super) struct Checkpoint {
    folder: PathBuf,
    identity: Identity,
}

impl Checkpoint {
    /// Makes the folder.
    pub(super) fn new(folder: &Path, identity: Identity) -> Result<Self> {
        make_dir(folder)?;
        Ok(Self { folder: folder.to_owned(), identity })
    }

    /// Saves the run; `state.json` comes last, so that it only ever names files that are whole.
    pub(super) fn save(&self, state: &State, learner: &Learner<'_>, best: &Model) -> Result<()> {
        let optimizer = learner.optimizer.into_bytes().map_err(|error| self.unsaved("optimizer", &error))?;
        let [last, kept, moments] = self.files(state.draws);
        write(&last, &self.weights(&learner.model)?)?;
        write(&kept, &self.weights(best)?)?;
        write(&moments, &optimizer)?;
        let identity = &self.identity;
        let (architecture, training) = (identity.architecture.clone(), identity.training.clone());
        let config = RunConfig { architecture, training, ..RunConfig::default() };
        config.save(self.folder.join("config.toml"), &identity.tasks.join(" "))?;
        write_log(&self.folder, &state.history)?;
        let saved = Saved { identity: self.identity.clone(), state: state.clone() };
        let text = serde_json::to_vec_pretty(&saved).map_err(|error| self.unsaved("state", &error))?;
        write(&self.state_file(), &text)?;
        self.remove_others(state.draws)
    }

    /// Loads the run into the learner, and returns where it stood and the best model; none if nothing was saved.
    pub(super) fn load(&self, learner: &mut Learner<'_>) -> Result<Option<(State, Model)>> {
        let path = self.state_file();
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path).map_err(at(&path))?;
        let Saved { identity, state } = serde_json::from_slice(&text).map_err(|error| corrupt(&path, &error))?;
        if identity != self.identity {
            return Err(Error::Mismatch {
                what: format!("the run saved in {}", self.folder.display()),
                expected: "this configuration, loss, seed, device and data".into(),
                found: "another one: choose another folder, or remove this one".into(),
            });
        }
        let [last, kept, moments] = self.files(state.draws);
        learner.model = load_weights(&last, learner.model.clone())?;
        let best = load_weights(&kept, learner.model.clone())?;
        let bytes = Bytes::from_bytes_vec(fs::read(&moments).map_err(at(&moments))?);
        let optimizer = learner.optimizer.clone().from_bytes(bytes).map_err(|error| corrupt(&moments, &error))?;
        learner.optimizer = optimizer;
        Ok(Some((state, best)))
    }

    fn files(&self, draws: usize) -> [PathBuf; 3] {
        ["last", "best", "optimizer"].map(|part| self.folder.join(format!("{part}-{draws}.bpk")))
    }

    fn state_file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    fn weights(&self, model: &Model) -> Result<Vec<u8>> {
        let bytes = model.valid().into_record().into_bytes();
        Ok(bytes.map_err(|error| self.unsaved("weights", &error))?.to_vec())
    }

    fn unsaved(&self, what: &str, error: &dyn std::fmt::Display) -> Error {
        Error::Corrupt { path: self.folder.clone(), detail: format!("cannot save the {what}: {error}") }
    }

    fn remove_others(&self, draws: usize) -> Result<()> {
        let current = self.files(draws);
        for entry in fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let path = entry.map_err(at(&self.folder))?.path();
            if path.extension().is_some_and(|extension| extension == "bpk") && !current.contains(&path) {
                fs::remove_file(&path).map_err(at(&path))?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(path, |out| out.write_all(bytes))
}

fn load_weights(path: &Path, model: Model) -> Result<Model> {
    let bytes = Bytes::from_bytes_vec(fs::read(path).map_err(at(path))?);
    ModuleRecord::from_bytes(bytes)
        .and_then(|record| model.try_load_record(record))
        .map_err(|error| corrupt(path, &error))
}

fn corrupt(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Corrupt { path: path.to_owned(), detail: error.to_string() }
}
