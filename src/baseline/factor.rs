use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};

use super::{BaselineConfig, BaselineKind, BaselineTables, Lesson, features::FeatureTable, task_model::TaskModel};
use crate::{
    Error, Result,
    data::{Dataset, Sampler},
    file::{at, make_dir, write_atomic},
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
/// let tables = BaselineTables::new(&dataset, context_bp, scored, &config.features, "out/features".as_ref())?;
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
#[derive(Debug, Serialize, Deserialize)]
struct State {
    /// A number that a fit of other data, settings of its own or tasks has not.
    fingerprint: u64,
    draws: usize,
    seconds: f64,
    /// What to add to each task's log-odds, to undo what drawing did to the share of bound samples.
    shifts: Vec<f32>,
}

impl FactorBaseline<'_> {
    /// Fits a baseline and applies it to the samples that are to be scored.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work or a factor without the motif that the baseline needs,
    /// [`Error::NoPositives`], and [`Error::EmptySplit`].
    pub fn fit(&self, kind: BaselineKind) -> Result<FittedBaseline> {
        self.apply(&self.train(kind)?)
    }

    /// As [`fit`](Self::fit), unless the folder holds the same fit already; what is fitted is saved there: a file for each
    /// task, and `state.json`. Returns whether it was fitted now, too.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit), and what reading and writing can meet.
    pub fn fit_in(&self, kind: BaselineKind, folder: &Path) -> Result<(FittedBaseline, bool)> {
        if let Some(trained) = self.saved(kind, folder)? {
            return Ok((self.apply(&trained)?, false));
        }
        let trained = self.train(kind)?;
        self.save(&trained, folder)?;
        Ok((self.apply(&trained)?, true))
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

    fn train(&self, kind: BaselineKind) -> Result<Trained> {
        let start = Instant::now();
        let training = &self.run.training;
        let mut trained = Trained {
            models: Vec::new(),
            state: State { fingerprint: self.fingerprint(kind), draws: 0, seconds: 0.0, shifts: Vec::new() },
        };
        if kind == BaselineKind::Motif {
            trained.models.resize_with(self.tasks.len(), || TaskModel::Motif);
            trained.state.shifts.resize(self.tasks.len(), 0.0);
            return Ok(trained);
        }
        let context_bp = self.run.architecture.context_bp;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, &training.sampler, self.seed)?;
        let lesson = Lesson::drawn(&sampler, training.budget);
        for &task in self.tasks {
            trained.models.push(TaskModel::train(kind, self, &lesson, task)?);
            trained.state.shifts.push(sampler.shift(task) as f32);
        }
        trained.state.draws = training.budget;
        trained.state.seconds = start.elapsed().as_secs_f64();
        Ok(trained)
    }

    fn saved(&self, kind: BaselineKind, folder: &Path) -> Result<Option<Trained>> {
        let path = folder.join("state.json");
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other.map_err(at(&path))?,
        };
        let state: State = serde_json::from_slice(&text).map_err(|error| Error::Corrupt {
            path,
            detail: format!("{error}; remove its folder, and the baseline is fitted again"),
        })?;
        if state.fingerprint != self.fingerprint(kind) {
            return Ok(None);
        }
        let models = self.tasks.iter().map(|&task| TaskModel::open(kind, &self.model_file(folder, task)));
        Ok(Some(Trained { models: models.collect::<Result<_>>()?, state }))
    }

    /// `state.json` comes last, so that it only ever speaks of files that are whole.
    fn save(&self, trained: &Trained, folder: &Path) -> Result<()> {
        make_dir(folder)?;
        for (model, &task) in trained.models.iter().zip(self.tasks) {
            model.save(&self.model_file(folder, task))?;
        }
        let path = folder.join("state.json");
        let text = serde_json::to_vec(&trained.state)
            .map_err(|source| Error::Io { path: path.clone(), source: source.into() })?;
        write_atomic(&path, |writer| writer.write_all(&text))
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
