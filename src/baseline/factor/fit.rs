//! Fitting: models trained, applied, and saved in folders.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::FactorBaseline;
use crate::{
    Error, FolderLock, Result,
    baseline::{BaselineConfig, BaselineMethod, TrainingSet, task_model::TaskModel},
    data::Sampler,
    device::Stopwatch,
    file::{at, file_checksum, read_checked, read_with_checksum, write_with_checksum},
    predict::Predictions,
    random::mix,
    train::TrainingConfig,
};

/// The predictions of a baseline, and its cost.
#[derive(Clone, Debug)]
pub struct FittedBaseline {
    /// The log-odds, or for the bare motif the score, of each sample to be scored.
    pub predictions: Predictions,
    /// The number of samples drawn, repeats counted.
    pub draws: usize,
    /// The number of learned parameters.
    pub parameters: usize,
    /// The time of the fit, without the features, which all baselines share.
    pub seconds: f64,
    /// Its processor time; `None` where it is unknown.
    pub cpu_seconds: Option<f64>,
}

/// The models of a factor's tasks.
struct Trained {
    models: Vec<TaskModel>,
    state: State,
}

/// The contents of `state.json`, beside the models in a folder.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct State {
    /// Differs between fits of other data, tasks or settings that matter to the method.
    fingerprint: u64,
    draws: usize,
    seconds: f64,
    #[serde(default)]
    cpu_seconds: Option<f64>,
    /// Added to each task's log-odds, to undo the effect of the sampler on the prior.
    shifts: Vec<f32>,
    /// One for each file of a model.
    checksums: Vec<u32>,
}

/// The advice for a damaged file.
const ADVICE: &str = "remove its folder, and the baseline is fitted again";

impl FactorBaseline<'_> {
    /// Fits a baseline and applies it to the scored samples.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work or a factor without the motif that the baseline needs,
    /// [`Error::Tasks`] for tasks that are not the data set's, each once, [`Error::Mismatch`] for tasks of several
    /// factors or features of another data set or context, [`Error::NoPositives`], and [`Error::EmptySplit`].
    pub fn fit(&self, method: BaselineMethod) -> Result<FittedBaseline> {
        self.apply(&self.train(method, self.prepare(method)?)?)
    }

    /// Reads a fit from a folder, or fits a baseline as [`fit`](Self::fit) does and saves it there: a file for each
    /// task, and `state.json`. Also returns whether it was fitted by this call.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit), [`Error::InUse`] while another call uses the folder, [`Error::Corrupt`] for a
    /// damaged file there, and [`Error::Io`].
    pub fn fit_in(&self, method: BaselineMethod, folder: &Path) -> Result<(FittedBaseline, bool)> {
        let sampler = self.prepare(method)?;
        let _lock = FolderLock::new(folder)?;
        if let Some(trained) = self.saved(method, folder)? {
            return Ok((self.apply(&trained)?, false));
        }
        let mut trained = self.train(method, sampler)?;
        self.save(&mut trained, folder)?;
        Ok((self.apply(&trained)?, true))
    }

    /// Checks everything that can fail early, and returns the sampler for a method that learns.
    fn prepare(&self, method: BaselineMethod) -> Result<Option<Sampler>> {
        self.config.validate()?;
        self.dataset.check_tasks(self.tasks)?;
        let factors = self.tasks.iter().map(|&task| self.dataset.tasks()[task].factor.as_str());
        if let Some(other) = factors.clone().find(|factor| *factor != self.factor()) {
            return Err(Error::mismatch("the factors of a baseline's tasks", self.factor(), other));
        }
        let other = self.tables.features.dataset;
        if !std::ptr::eq(other, self.dataset) && other.fingerprint_number() != self.dataset.fingerprint_number() {
            return Err(Error::mismatch("the data set of a baseline's features", self.dataset.name(), other.name()));
        }
        let context_bp = self.run.architecture.context_bp;
        Error::unless_equal("the context of a baseline's features", context_bp, self.tables.context_bp)?;
        if method.needs_own_motif() {
            self.motif_column(&self.tables.scored)?;
        } else if method.needs_features() && self.tables.scored.columns().is_empty() {
            let expected = format!("motifs or accessibility in dataset.toml, for {} to learn from", method.name());
            return Err(Error::config("motifs", expected, "none"));
        }
        if method == BaselineMethod::Motif {
            return Ok(None);
        }
        Sampler::new(self.dataset, self.tasks, context_bp, &self.run.training.sampler, self.seed).map(Some)
    }

    fn apply(&self, trained: &Trained) -> Result<FittedBaseline> {
        let logits = |(model, shift): (&TaskModel, &f32)| -> Result<Vec<f32>> {
            Ok(model.logits(self)?.into_iter().map(|logit| logit + shift).collect())
        };
        let logits = trained.models.iter().zip(&trained.state.shifts).map(logits).collect::<Result<_>>()?;
        let samples = self.tables.scored_samples.clone();
        Ok(FittedBaseline {
            predictions: Predictions { samples, tasks: self.tasks.to_vec(), logits },
            draws: trained.state.draws,
            parameters: trained.models.iter().map(TaskModel::parameters).sum(),
            seconds: trained.state.seconds,
            cpu_seconds: trained.state.cpu_seconds,
        })
    }

    fn train(&self, method: BaselineMethod, sampler: Option<Sampler>) -> Result<Trained> {
        let watch = Stopwatch::new();
        let (fingerprint, shifts) = (self.fingerprint(method), vec![0.0; self.tasks.len()]);
        let mut state = State { fingerprint, draws: 0, seconds: 0.0, cpu_seconds: None, shifts, checksums: Vec::new() };
        let Some(sampler) = sampler else {
            return Ok(Trained { models: self.tasks.iter().map(|_| TaskModel::Motif).collect(), state });
        };
        state.draws = self.run.training.budget;
        let set = TrainingSet::draw(&sampler, state.draws);
        let models = self.tasks.iter().map(|&task| TaskModel::train(method, self, &set, task));
        let models = models.collect::<Result<_>>()?;
        state.shifts = self.tasks.iter().map(|&task| sampler.logit_shift(task) as f32).collect();
        (state.seconds, state.cpu_seconds) = (watch.seconds(), watch.cpu_seconds());
        Ok(Trained { models, state })
    }

    fn saved(&self, method: BaselineMethod, folder: &Path) -> Result<Option<Trained>> {
        let state = read_with_checksum::<State>(&folder.join("state.json"), ADVICE)?;
        let Some(state) = state.filter(|state| state.fingerprint == self.fingerprint(method)) else { return Ok(None) };
        for (&checksum, &task) in state.checksums.iter().zip(self.tasks) {
            read_checked(&self.model_file(folder, task), checksum, ADVICE)?;
        }
        let models = self.tasks.iter().map(|&task| TaskModel::open(method, &self.model_file(folder, task)));
        Ok(Some(Trained { models: models.collect::<Result<_>>()?, state }))
    }

    /// `state.json` of an earlier fit is removed first, and written last, so that it describes whole files only.
    fn save(&self, trained: &mut Trained, folder: &Path) -> Result<()> {
        let path = folder.join("state.json");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
        for (model, &task) in trained.models.iter().zip(self.tasks) {
            let path = self.model_file(folder, task);
            if model.save(&path)? {
                trained.state.checksums.push(file_checksum(&path)?.1);
            }
        }
        write_with_checksum(&path, &trained.state)
    }

    fn model_file(&self, folder: &Path, task: usize) -> PathBuf {
        folder.join(format!("{}.model", self.dataset.tasks()[task].name))
    }

    fn fingerprint(&self, method: BaselineMethod) -> u64 {
        let BaselineConfig { features, online, .. } = self.config;
        let own = match method {
            BaselineMethod::Motif | BaselineMethod::TwoFeature => String::new(),
            BaselineMethod::Online => format!("{online:?}"),
            #[cfg(feature = "boost")]
            BaselineMethod::Boost => format!("{:?}", self.config.boost),
        };
        let TrainingConfig { budget, sampler, ambiguous, .. } = &self.run.training;
        let draws = format!("{budget} {sampler:?} {ambiguous:?} {}", self.run.architecture.context_bp);
        let settings = format!("{} {draws} {features:?} {own} {:?}", method.name(), self.tasks);
        let start = mix(&[self.dataset.fingerprint_number(), self.seed]);
        settings.bytes().fold(start, |state, byte| mix(&[state, u64::from(byte)]))
    }
}
