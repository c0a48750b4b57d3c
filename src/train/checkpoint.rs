//! Checkpoints: a resumed run equals an uninterrupted one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use burn::{store::ModuleRecord, tensor::Bytes};
use serde::{Deserialize, Serialize};

use super::{
    RunConfig,
    history::write_log,
    identity::Identity,
    learner::{Learner, state::State},
};
use crate::{
    Error, FolderLock, Result,
    file::{at, checksum, read_checked, read_with_checksum, write_atomic, write_with_checksum},
    nn::Network,
};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    identity: Identity,
    state: State,
    /// The checksums of the last weights, the best weights and the optimizer.
    checksums: [u32; 3],
}

/// The file of the settings.
const CONFIG: &str = "config.toml";
/// The file of the state.
const STATE: &str = "state.json";
/// The best model of a finished run.
pub(super) const MODEL: &str = "model.safetensors";
/// What to do about a damaged file.
const ADVICE: &str = "remove its folder, and the run is made again";

/// Checks that a folder does not hold another run, without a change to it.
pub(super) fn check(folder: &Path, identity: &Identity) -> Result<()> {
    let saved = read_with_checksum::<Saved>(&folder.join(STATE), ADVICE)?;
    saved.map_or(Ok(()), |saved| identity.check(&saved.identity, folder))
}

/// A run's folder: `config.toml`, `log.tsv`, `state.json` and, named by the draws, weights and optimizer.
#[derive(Debug)]
pub(super) struct Checkpoint {
    folder: PathBuf,
    identity: Identity,
    _lock: FolderLock,
}

impl Checkpoint {
    /// Creates and locks the folder.
    pub(super) fn new(folder: &Path, identity: Identity) -> Result<Self> {
        let lock = FolderLock::new(folder)?;
        Ok(Self { folder: folder.to_owned(), identity, _lock: lock })
    }

    /// Saves the run; `state.json` comes last, so that it only names complete files.
    pub(super) fn save<N: Network>(&self, state: &State, learner: &Learner<'_, N>, best: &N) -> Result<()> {
        let optimizer = learner.optimizer.into_bytes().map_err(|error| self.unsaved("optimizer", &error))?;
        let parts = [self.weights(learner.network())?, self.weights(best)?, optimizer.to_vec()];
        for (path, bytes) in self.files(state.draws).iter().zip(&parts) {
            write_atomic(path, |out| out.write_all(bytes))?;
        }
        self.config().save_or_check(self.folder.join(CONFIG), &self.identity.tasks.join(" "))?;
        write_log(&self.folder, &state.history)?;
        let checksums = parts.map(|bytes| checksum(&bytes));
        let saved = Saved { identity: self.identity.clone(), state: state.clone(), checksums };
        write_with_checksum(&self.folder.join(STATE), &saved)?;
        self.remove_others(state.draws)
    }

    /// Loads the run into the learner, and returns its state and the best network; none if nothing was saved.
    pub(super) fn load<N: Network>(&self, learner: &mut Learner<'_, N>) -> Result<Option<(State, N)>> {
        let saved = read_with_checksum::<Saved>(&self.folder.join(STATE), ADVICE)?;
        saved.iter().try_for_each(|saved| self.identity.check(&saved.identity, &self.folder))?;
        self.config().check_file(self.folder.join(CONFIG))?;
        let Some(saved) = saved else { return self.check_free().map(|()| None) };
        let paths = self.files(saved.state.draws);
        let read = |index: usize| read_checked(&paths[index], saved.checksums[index], ADVICE);
        let weights = |index: usize, network: N| load_weights(&paths[index], read(index)?, network);
        learner.replace(weights(0, learner.network().clone())?);
        let best = weights(1, learner.network().valid())?;
        let moments = Bytes::from_bytes_vec(read(2)?);
        let optimizer = learner.optimizer.clone().from_bytes(moments).map_err(|error| corrupt(&paths[2], &error))?;
        learner.optimizer = optimizer;
        Ok(Some((saved.state, best)))
    }

    /// Refuses a model file that this run did not write.
    fn check_free(&self) -> Result<()> {
        let path = self.folder.join(MODEL);
        if !path.exists() {
            return Ok(());
        }
        let (what, expected) =
            (path.display().to_string(), "no file, or that of a run whose state.json is there".into());
        Err(Error::Mismatch { what, expected, found: "another one: move it away, or choose another folder".into() })
    }

    /// The settings in `config.toml`.
    fn config(&self) -> RunConfig {
        let Identity { architecture, training, .. } = self.identity.clone();
        RunConfig { architecture, training, ..RunConfig::default() }
    }

    fn files(&self, draws: usize) -> [PathBuf; 3] {
        ["last", "best", "optimizer"].map(|part| self.folder.join(format!("{part}-{draws}.bpk")))
    }

    fn weights(&self, network: &impl Network) -> Result<Vec<u8>> {
        let bytes = network.valid().into_record().into_bytes();
        Ok(bytes.map_err(|error| self.unsaved("weights", &error))?.to_vec())
    }

    fn unsaved(&self, what: &str, error: &dyn std::fmt::Display) -> Error {
        let source = io::Error::other(format!("cannot save the {what}: {error}"));
        Error::Io { path: self.folder.clone(), source }
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

fn load_weights<N: Network>(path: &Path, bytes: Vec<u8>, network: N) -> Result<N> {
    ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes))
        .and_then(|record| network.try_load_record(record))
        .map_err(|error| corrupt(path, &error))
}

fn corrupt(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::corrupt(path, format!("{error}; {ADVICE}"))
}
