use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};

use super::{BaselineConfig, BaselineKind, BaselineTables, Lesson, features::FeatureTable, task_model::TaskModel};
use crate::{
    Error, FolderLock, Result,
    data::{Dataset, Sampler},
    file::{at, checksum_of, read_checked, read_sealed, write_sealed},
    predict::Predictions,
    random::mixed,
    train::{RunConfig, TrainingConfig},
};

/// Fits baselines to one factor.
///
/// Those that learn from many features see all columns of the factor's own motif, the best score of every other motif, and
/// accessibility.
///
/// A baseline draws what a neural network for the same tasks, of the same configuration and seed, would draw, and treats
/// ambiguous labels as it does. Where the factor has several tasks, each gets a model of its own.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     baseline::{BaselineConfig, BaselineKind, BaselineTables, FactorBaseline},
///     data::{Dataset, Split},
///     eval::evaluation::Evaluation,
///     train::RunConfig,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let (run, config) = (RunConfig::default(), BaselineConfig::default());
/// let context_bp = run.architecture.context_bp;
/// let evaluation = Evaluation::new(&dataset, Split::Valid, context_bp)?;
/// let scored = evaluation.samples().clone();
/// let tables = BaselineTables::cached(&dataset, context_bp, scored, &config.features, "out/features".as_ref())?;
/// let factor = FactorBaseline { dataset: &dataset, tables: &tables, run: &run, config: &config, tasks: &[0], seed: 0 };
/// let fitted = factor.fit(BaselineKind::Online)?;
/// println!("{:?}", evaluation.score("online", 0, &fitted.predictions)?[0].average_precision);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FactorBaseline<'a> {
    /// Where labels and draws come from.
    pub dataset: &'a Dataset,
    /// The features of its samples.
    pub tables: &'a BaselineTables<'a>,
    /// What a neural network is trained with: budget, sampler and ambiguous labels are taken from it.
    pub run: &'a RunConfig,
    /// How baselines are made.
    pub config: &'a BaselineConfig,
    /// The tasks of one factor, as the data set counts them.
    pub tasks: &'a [usize],
    /// The seed of the draws.
    pub seed: u64,
}

/// A baseline's predictions, and what it took to make it.
#[derive(Clone, Debug)]
pub struct FittedBaseline {
    /// The log-odds, or for the bare motif the score, of each sample to be scored.
    pub predictions: Predictions,
    /// How many samples were drawn, repeats counted.
    pub draws: usize,
    /// How many numbers were learned.
    pub parameters: usize,
    /// How long it took, without the features, which all share.
    pub seconds: f64,
}

/// The models of a factor's tasks.
struct Trained {
    models: Vec<TaskModel>,
    state: State,
}

/// What is kept beside the models in a folder.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct State {
    /// A number that a fit of other data, settings of its own or tasks has not.
    fingerprint: u64,
    draws: usize,
    seconds: f64,
    /// What to add to each task's log-odds, to undo what drawing did to the share of bound samples.
    shifts: Vec<f32>,
    /// Those of the tasks' files.
    checksums: Vec<u32>,
}

/// What to do about a damaged file.
const ADVICE: &str = "remove its folder, and the baseline is fitted again";

impl FactorBaseline<'_> {
    /// Fits a baseline and applies it to the samples that are to be scored.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work or a factor without the motif that the baseline needs,
    /// [`Error::Tasks`] for tasks that are not the data set's, each once, [`Error::Mismatch`] for tasks of several factors or
    /// features of another data set or context, [`Error::NoPositives`], and [`Error::EmptySplit`].
    pub fn fit(&self, kind: BaselineKind) -> Result<FittedBaseline> {
        self.apply(&self.train(kind, self.prepare(kind)?)?)
    }

    /// As [`fit`](Self::fit), unless the folder holds the same fit already; what is fitted is saved there: a file for each
    /// task, and `state.json`. Returns whether it was fitted now, too.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit), [`Error::InUse`] while another call has the folder, [`Error::Corrupt`] for a damaged file
    /// there, and what reading and writing can meet.
    pub fn fit_in(&self, kind: BaselineKind, folder: &Path) -> Result<(FittedBaseline, bool)> {
        let sampler = self.prepare(kind)?;
        let _lock = FolderLock::new(folder)?;
        if let Some(trained) = self.saved(kind, folder)? {
            return Ok((self.apply(&trained)?, false));
        }
        let mut trained = self.train(kind, sampler)?;
        self.save(&mut trained, folder)?;
        Ok((self.apply(&trained)?, true))
    }

    /// Checks what can be known before anything is done, and returns where the draws of a baseline that learns come from.
    fn prepare(&self, kind: BaselineKind) -> Result<Option<Sampler>> {
        self.config.validate()?;
        self.dataset.check_tasks(self.tasks)?;
        let mismatch = |what: &str, expected: &str, found: String| {
            Err(Error::Mismatch { what: what.into(), expected: expected.to_owned(), found })
        };
        let factors = self.tasks.iter().map(|&task| self.dataset.tasks()[task].factor.as_str());
        if let Some(other) = factors.clone().find(|factor| *factor != self.factor()) {
            return mismatch("the factors of a baseline's tasks", self.factor(), other.to_owned());
        }
        let of_tables = self.tables.features.dataset();
        if !std::ptr::eq(of_tables, self.dataset) && of_tables.fingerprint() != self.dataset.fingerprint() {
            return mismatch("the data set of a baseline's features", self.dataset.name(), of_tables.name().to_owned());
        }
        let context_bp = self.run.architecture.context_bp;
        if self.tables.context_bp != context_bp {
            let found = self.tables.context_bp.to_string();
            return mismatch("the context of a baseline's features", &context_bp.to_string(), found);
        }
        if kind.needs_own_motif() {
            self.own_column(&self.tables.scored)?;
        } else if kind.needs_features() && self.tables.scored.columns().is_empty() {
            let expected = format!("motifs or accessibility in dataset.toml, for {} to learn from", kind.name());
            return Err(Error::Config { key: "motifs".into(), expected, found: "none".into() });
        }
        if kind == BaselineKind::Motif {
            return Ok(None);
        }
        Sampler::new(self.dataset, self.tasks, context_bp, &self.run.training.sampler, self.seed).map(Some)
    }

    fn apply(&self, trained: &Trained) -> Result<FittedBaseline> {
        let of_task = |(model, shift): (&TaskModel, &f32)| -> Result<Vec<f32>> {
            Ok(model.logits(self)?.into_iter().map(|logit| logit + shift).collect())
        };
        let logits = trained.models.iter().zip(&trained.state.shifts).map(of_task).collect::<Result<_>>()?;
        let samples = self.tables.scored_samples.clone();
        Ok(FittedBaseline {
            predictions: Predictions { samples, tasks: self.tasks.to_vec(), logits },
            draws: trained.state.draws,
            parameters: trained.models.iter().map(TaskModel::parameters).sum(),
            seconds: trained.state.seconds,
        })
    }

    fn train(&self, kind: BaselineKind, sampler: Option<Sampler>) -> Result<Trained> {
        let start = Instant::now();
        let budget = self.run.training.budget;
        let state = State {
            fingerprint: self.fingerprint(kind),
            draws: 0,
            seconds: 0.0,
            shifts: Vec::new(),
            checksums: Vec::new(),
        };
        let mut trained = Trained { models: Vec::new(), state };
        let Some(sampler) = sampler else {
            trained.models.resize_with(self.tasks.len(), || TaskModel::Motif);
            trained.state.shifts.resize(self.tasks.len(), 0.0);
            return Ok(trained);
        };
        let lesson = Lesson::drawn(&sampler, budget);
        for &task in self.tasks {
            trained.models.push(TaskModel::train(kind, self, &lesson, task)?);
            trained.state.shifts.push(sampler.shift(task) as f32);
        }
        trained.state.draws = budget;
        trained.state.seconds = start.elapsed().as_secs_f64();
        Ok(trained)
    }

    fn saved(&self, kind: BaselineKind, folder: &Path) -> Result<Option<Trained>> {
        let state = read_sealed::<State>(&folder.join("state.json"), ADVICE)?;
        let Some(state) = state.filter(|state| state.fingerprint == self.fingerprint(kind)) else { return Ok(None) };
        for (&checksum, &task) in state.checksums.iter().zip(self.tasks) {
            read_checked(&self.model_file(folder, task), checksum, ADVICE)?;
        }
        let models = self.tasks.iter().map(|&task| TaskModel::open(kind, &self.model_file(folder, task)));
        Ok(Some(Trained { models: models.collect::<Result<_>>()?, state }))
    }

    /// `state.json` comes last, so that it only ever speaks of files that are whole; one of another fit goes first.
    fn save(&self, trained: &mut Trained, folder: &Path) -> Result<()> {
        let path = folder.join("state.json");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
        for (model, &task) in trained.models.iter().zip(self.tasks) {
            let path = self.model_file(folder, task);
            if model.save(&path)? {
                trained.state.checksums.push(checksum_of(&path)?.1);
            }
        }
        write_sealed(&path, &trained.state)
    }

    fn model_file(&self, folder: &Path, task: usize) -> PathBuf {
        folder.join(format!("{}.model", self.dataset.tasks()[task].name))
    }

    fn fingerprint(&self, kind: BaselineKind) -> u64 {
        let BaselineConfig { features, online, .. } = self.config;
        let own = match kind {
            BaselineKind::Motif | BaselineKind::TwoFeature => String::new(),
            BaselineKind::Online => format!("{online:?}"),
            #[cfg(feature = "boost")]
            BaselineKind::Boost => format!("{:?}", self.config.boost),
        };
        let TrainingConfig { budget, sampler, ambiguous, .. } = &self.run.training;
        let drawn = format!("{budget} {sampler:?} {ambiguous:?} {}", self.run.architecture.context_bp);
        let settings = format!("{} {drawn} {features:?} {own} {:?}", kind.name(), self.tasks);
        let start = mixed(&[self.dataset.fingerprint(), self.seed]);
        settings.bytes().fold(start, |state, byte| mixed(&[state, u64::from(byte)]))
    }

    /// The columns that a model of many features sees.
    pub(super) fn seen(&self, table: &FeatureTable) -> FeatureTable {
        self.tables.features.columns_for(self.factor(), table)
    }

    fn factor(&self) -> &str {
        &self.dataset.tasks()[self.tasks[0]].factor
    }

    /// The factor's motif's best score and, if there is a track, accessibility.
    pub(super) fn two_columns<'t>(&self, table: &'t FeatureTable) -> Result<Vec<&'t [f32]>> {
        let own = self.own_column(table)?;
        Ok([own].into_iter().chain(table.column("accessibility.mean")).collect())
    }

    /// The factor's motif's best score.
    pub(super) fn own_column<'t>(&self, table: &'t FeatureTable) -> Result<&'t [f32]> {
        let factor = self.factor();
        let name = self.tables.features.name_of(factor);
        let column = name.and_then(|name| table.column(&format!("{name}.best")));
        column.ok_or_else(|| Error::Config {
            key: "motifs".into(),
            expected: format!("a motif whose name is {factor}'s, or one for it in [motif_names]"),
            found: "none".into(),
        })
    }
}

#[cfg(test)]
mod tests;
