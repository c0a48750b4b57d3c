//! Strategies trained and scored on the same split.

mod arms;
mod leave_out;
mod trained_models;

use std::{cell::RefCell, path::PathBuf, rc::Rc};

use super::{
    Arm, DivergedRun, Event, Outcome, Setup, Strategy, TrainedModel,
    baselines::{Baselines, left_out, look_up},
    run::{FinishedRun, PlannedRun},
    trainer::{Observer, Trainer},
};
use crate::{
    Error, FolderLock, Result,
    baseline::BaselineConfig,
    data::SampleSet,
    eval::{Evaluation, ScoredModels, write_table},
    predict::{Shard, predict_samples},
    simulate::Truth,
};

const BASELINES: &str = "baselines.toml";
/// The most seeds of a comparison.
const MAX_SEEDS: u64 = 1_000_000;
/// The name of the ideal model of a simulated world.
const TRUTH: &str = "truth";

/// Strategies, trained and scored on the same split, and compared factor by factor.
///
/// With a folder it can be interrupted: finished trainings are not repeated. A training that diverges is left out and
/// noted, and the others go on.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     data::Dataset,
///     strategy::{Comparison, Setup, Strategy},
///     train::RunConfig,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let setup = Setup::new(&dataset, RunConfig::default().with_budget(40_000))?;
/// let outcome = Comparison::new(&setup, &[Strategy::Recipe, Strategy::Multi, Strategy::Single])
///     .with_seeds(3)
///     .with_folder("out/yeast")
///     .with_observer(|event| println!("{event}"))
///     .run()?;
/// for row in outcome.comparisons.iter().filter(|row| row.is_mean()) {
///     println!("{} - {}: {:?}", row.model_a, row.model_b, row.delta);
/// }
/// outcome.write("out/yeast")?;
/// # Ok::<(), multitf::Error>(())
/// ```
pub struct Comparison<'a> {
    setup: &'a Setup<'a>,
    arms: Vec<Arm>,
    seeds: u64,
    baselines: BaselineConfig,
    left_out: Vec<String>,
    truth: Option<&'a Truth>,
    models: Vec<TrainedModel>,
    folder: Option<PathBuf>,
    command: String,
    before: Option<Before<'a>>,
    observer: Observer<'a>,
}

/// A function that is called before training.
type Before<'a> = Box<dyn FnOnce() -> Result<()> + 'a>;

impl<'a> Comparison<'a> {
    /// Prepares to compare each strategy with those after it, and with further [arms](Self::with_arm).
    pub fn new(setup: &'a Setup<'a>, strategies: &[Strategy]) -> Self {
        let names: Vec<&str> = strategies.iter().map(|strategy| strategy.name()).collect();
        Self {
            setup,
            arms: strategies.iter().copied().map(Arm::from).collect(),
            seeds: 1,
            baselines: BaselineConfig::default(),
            left_out: Vec::new(),
            truth: None,
            models: Vec::new(),
            folder: None,
            command: format!("comparison of {}", names.join(", ")),
            before: None,
            observer: Box::new(|_| ()),
        }
    }

    /// Sets the number of seeds (`0..seeds`; 1 by default). With three, the verdicts account for the variation between
    /// trainings.
    pub fn with_seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// Sets how baselines are fitted.
    pub fn with_baselines(self, baselines: BaselineConfig) -> Self {
        Self { baselines, ..self }
    }

    /// Adds the ideal model of a simulated world, as `truth`.
    pub fn with_truth(self, truth: &'a Truth) -> Self {
        Self { truth: Some(truth), ..self }
    }

    /// Adds an arm: a strategy under another name, with settings of its own. The context must be that of the
    /// comparison.
    pub fn with_arm(mut self, arm: Arm) -> Self {
        self.arms.push(arm);
        self
    }

    /// Adds a trained model, on those of its tasks that the data set has, and compares it with each strategy. Models of
    /// one name are one model with several seeds.
    pub fn with_model(mut self, model: TrainedModel) -> Self {
        self.models.push(model);
        self
    }

    /// Keeps trained models in a folder, and resumes from there: `config.toml`, below `runs/` a folder for each
    /// training (see [`Fit::with_folder`](crate::train::Fit::with_folder)), and with baselines `baselines.toml` and
    /// their features. `runs.tsv` and `scores.tsv` grow as models are done. `test-openings.tsv` records each opening of
    /// the test split.
    pub fn with_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// Sets the command, for the heading of `config.toml` and the record of openings of the test split.
    pub fn with_command(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }

    /// Calls a function once after all checks, when the folder is locked: it may start other processes that
    /// [train shards](Self::train_shard) of the single models there.
    pub fn before_training(self, before: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self { before: Some(Box::new(before)), ..self }
    }

    /// Calls a function for each [`Event`].
    pub fn with_observer(self, observer: impl FnMut(&Event<'_>) + 'a) -> Self {
        Self { observer: Box::new(observer), ..self }
    }

    /// Checks what can be checked before training. Nothing is written.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that are known beforehand.
    pub fn check(&self) -> Result<()> {
        if !self.left_out.is_empty() {
            return self.check_left_out();
        }
        Error::unless_within(1..=MAX_SEEDS, "seeds", self.seeds)?;
        self.check_arms()?;
        self.check_models()?;
        let context_bp = self.setup.config().architecture.context_bp;
        self.setup.dataset().samples(self.setup.split(), context_bp)?;
        let setups = self.setups()?;
        self.arms.iter().zip(&setups).try_for_each(|(arm, setup)| arm.strategy.check(setup))?;
        if let Some(folder) = &self.folder {
            self.setup.config().check_file(folder.join("config.toml"))?;
        }
        let mut trainers = self.trainers(&setups, &Rc::new(RefCell::new(Box::new(|_| ()))));
        self.plan(&setups).iter().try_for_each(|(arm, run)| trainers.of(*arm).check(run))?;
        if self.has_baselines() {
            self.baselines.validate()?;
            self.folder.as_ref().map_or(Ok(()), |folder| self.baselines.check_file(folder.join(BASELINES)))?;
        }
        Ok(())
    }

    /// Trains what is not trained yet, scores all models, and compares each with those after it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::InUse`] and [`Error::OtherRun`] if the folder is in
    /// use or holds other runs, [`Error::Diverged`] if all trainings diverged, those of
    /// [`Fit::run`](crate::train::Fit::run), and errors of reading and writing.
    pub fn run(mut self) -> Result<Outcome> {
        if !self.left_out.is_empty() {
            return self.run_left_out();
        }
        self.check()?;
        let _lock = self.begin()?;
        if let Some(before) = self.before.take() {
            before()?;
        }
        let context_bp = self.setup.config().architecture.context_bp;
        let mut scored = ScoredModels::new(Evaluation::new(self.setup.dataset(), self.setup.split(), context_bp)?);
        let mut outcome = self.train_all(&mut scored)?;
        outcome.compare(self.setup, (&self.names(), &self.arms), &mut scored)?;
        Ok(outcome)
    }

    /// Trains what is not trained yet, and scores all models.
    fn train_all(&mut self, scored: &mut ScoredModels<'_>) -> Result<Outcome> {
        let context_bp = self.setup.config().architecture.context_bp;
        let samples = self.setup.dataset().samples(self.setup.split(), context_bp)?;
        let setups = self.setups()?;
        let plan = self.plan(&setups);
        let observer = std::mem::replace(&mut self.observer, Box::new(|_| ()));
        let mut trainers = self.trainers(&setups, &Rc::new(RefCell::new(observer)));
        trainers.shared.notify(&Event::Begun { setup: self.setup, runs: plan.len() });
        let baselines = self.prepare(&mut trainers.shared, &samples)?;
        let mut outcome = Outcome::new(self.setup, &self.command, &self.arms);
        if let Some(truth) = self.truth {
            let predictions = self.setup.ideal_predictions(truth, &samples);
            outcome.scores.extend(scored.add(TRUTH, 0, &predictions)?);
        }
        self.add_models(&mut trainers.shared, &mut outcome, scored)?;
        let (mut failure, mut is_any_finished) = (None, false);
        for (index, (arm, run)) in plan.iter().enumerate() {
            let (name, trainer) = (&self.arms[*arm].name, trainers.of(*arm));
            trainer.index = index;
            match self.train_or_fit(trainer, baselines.as_ref(), run, &samples) {
                Ok(finished) => {
                    outcome.scores.extend(scored.add(name, run.seed, &finished.predictions)?);
                    outcome.add_run(finished.row, trainer.beforehand(run)?);
                    if let Some(model) = finished.model {
                        outcome.add(self.setup, model);
                    }
                    is_any_finished = true;
                    // Tables of an earlier call stay until there is something new.
                    if finished.is_new {
                        self.write_tables(&outcome)?;
                    }
                }
                Err(error @ Error::Diverged { .. }) => {
                    let (model, tf, seed, detail) = (name.clone(), run.tf.clone(), run.seed, error.to_string());
                    let diverged = DivergedRun { model, tf, seed, detail };
                    trainer.notify(&Event::Diverged(&diverged));
                    scored.add_failure(name, run.seed, run.tracks(self.setup, self.setup.split()));
                    outcome.diverged.push(diverged);
                    failure.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
            trainer.notify(&Event::Done { run: index });
        }
        if let Some(error) = failure.filter(|_| !is_any_finished) {
            return Err(error);
        }
        self.write_tables(&outcome)?;
        Ok(outcome)
    }

    /// Trains a part of the single models in the folder, and nothing else: for several processes or machines that share
    /// it. [`run`](Self::run) then finds them done, and repeats those that diverged.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] without a folder, and those of [`run`](Self::run).
    pub fn train_shard(mut self, shard: Shard) -> Result<()> {
        self.check()?;
        Error::unless(self.folder.is_some(), "folder", "one for the models of a shard", "none")?;
        let setups = self.setups()?;
        let observer = std::mem::replace(&mut self.observer, Box::new(|_| ()));
        let mut trainers = self.trainers(&setups, &Rc::new(RefCell::new(observer)));
        let singles = self.plan_singles(&setups);
        for (index, (arm, run)) in singles.iter().enumerate().skip(shard.index() - 1).step_by(shard.count()) {
            let trainer = trainers.of(*arm);
            trainer.index = index;
            match trainer.train(run) {
                Err(Error::Diverged { .. }) | Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn has_baselines(&self) -> bool {
        self.arms.iter().any(|arm| arm.strategy.baseline().is_some())
    }

    /// Locks the folder, and writes the settings there.
    fn begin(&self) -> Result<Option<FolderLock>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let lock = self.setup.lock_folder(folder, &self.command)?;
        if self.has_baselines() {
            self.baselines.save_or_check(folder.join(BASELINES), "how the baselines are made")?;
        }
        Ok(Some(lock))
    }

    fn prepare<'b>(&'b self, trainer: &mut Trainer<'b>, scored: &SampleSet) -> Result<Option<Baselines<'b>>> {
        let strategies: Vec<Strategy> = self.arms.iter().map(|arm| arm.strategy).collect();
        for note in left_out(&strategies, self.setup) {
            trainer.notify(&Event::Note(&note));
        }
        if !self.has_baselines() {
            return Ok(None);
        }
        Baselines::prepare(trainer, &self.baselines, self.folder.as_deref(), scored).map(Some)
    }

    /// Trains a model or fits a baseline, and predicts with it.
    fn train_or_fit(
        &self,
        trainer: &mut Trainer<'_>,
        baselines: Option<&Baselines<'_>>,
        run: &PlannedRun,
        scored: &SampleSet,
    ) -> Result<FinishedRun> {
        match (run.strategy, baselines) {
            (Strategy::Baseline(kind), Some(baselines)) => baselines.fit(trainer, run, kind),
            (Strategy::Lookup(lookup), _) => look_up(self.setup, run, lookup, scored),
            _ => {
                let (model, is_new) = trainer.train(run)?;
                let (network, dataset) = (&model.file.model, self.setup.dataset());
                let predictions = predict_samples(network, dataset, &run.tasks, scored.clone())?;
                let row = model.row(self.setup.device());
                Ok(FinishedRun { row, predictions, model: Some((*model).clone()), is_new })
            }
        }
    }

    /// The names of all models, trained ones first.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let given = self.models.iter().map(|model| model.name.as_str());
        for name in given.chain(self.arms.iter().map(Arm::name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn write_tables(&self, outcome: &Outcome) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        write_table(folder.join("runs.tsv"), &outcome.runs)?;
        write_table(folder.join("scores.tsv"), &outcome.scores)
    }
}
