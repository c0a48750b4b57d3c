//! Strategies trained and scored on the same split at equal budget.

use std::path::PathBuf;

use super::{
    Diverged, Event, Outcome, Run, Setup, Strategy, Trained,
    baselines::{Baselines, left_out},
    trainer::{Observer, Trainer},
};
use crate::{
    Error, FolderLock, Result,
    baseline::BaselineConfig,
    data::simulate::Truth,
    eval::{contest::Contest, evaluation::Evaluation, run::RunRow, table},
    nn::Model,
    predict::{Predictions, Shard},
};

const BASELINES: &str = "baselines.toml";
/// The name of what a simulated world allows.
const TRUTH: &str = "truth";

/// Strategies, trained and scored on the same split at equal budget, and compared factor by factor.
///
/// With a folder it can be interrupted: what is trained there is not trained again. A training that diverges is left out
/// and noted, and the others go on.
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
    strategies: Vec<Strategy>,
    seeds: u64,
    baselines: BaselineConfig,
    truth: Option<&'a Truth>,
    models: Vec<Trained>,
    folder: Option<PathBuf>,
    command: String,
    before: Option<Before<'a>>,
    observer: Observer<'a>,
}

/// What is done when the folder is taken.
type Before<'a> = Box<dyn FnOnce() -> Result<()> + 'a>;

impl<'a> Comparison<'a> {
    /// Prepares to compare strategies, each with those after it.
    pub fn new(setup: &'a Setup<'a>, strategies: &[Strategy]) -> Self {
        let names: Vec<&str> = strategies.iter().map(|strategy| strategy.name()).collect();
        Self {
            setup,
            strategies: strategies.to_vec(),
            seeds: 1,
            baselines: BaselineConfig::default(),
            truth: None,
            models: Vec::new(),
            folder: None,
            command: format!("comparison of {}", names.join(", ")),
            before: None,
            observer: Box::new(|_| ()),
        }
    }

    /// Trains each model so many times, from another start each time; 1 is the default, and three let the verdicts count how
    /// much trainings differ.
    pub fn with_seeds(self, seeds: u64) -> Self {
        Self { seeds, ..self }
    }

    /// Makes baselines in a way of one's own.
    pub fn with_baselines(self, baselines: BaselineConfig) -> Self {
        Self { baselines, ..self }
    }

    /// Scores what the truth of a simulated world allows beside the models, as `truth`.
    pub fn with_truth(self, truth: &'a Truth) -> Self {
        Self { truth: Some(truth), ..self }
    }

    /// Scores a model that is trained already beside the others, on those of its tasks that the data set has, and compares it with
    /// each strategy. Models of one name are one model of several seeds.
    pub fn with_model(mut self, model: Trained) -> Self {
        self.models.push(model);
        self
    }

    /// Keeps what is trained in a folder, and goes on from what is there: `config.toml`, and below `runs/` a folder for each
    /// training (see [`Fit::with_folder`](crate::train::Fit::with_folder)); with baselines, `baselines.toml` and their
    /// features. `runs.tsv` and `scores.tsv` grow there as models are done. Each opening of the test split is put on record in
    /// `test-openings.tsv`.
    pub fn with_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// Notes the command that asks for this, for the heading of `config.toml` and the record of openings of the test split.
    pub fn with_command(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }

    /// Calls a function once, when all is checked and the folder is taken, and before anything is trained: it may have other
    /// processes [train shards](Self::train_shard) of the single models there.
    pub fn before_training(self, before: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self { before: Some(Box::new(before)), ..self }
    }

    /// Calls a function for each [`Event`].
    pub fn with_observer(self, observer: impl FnMut(&Event<'_>) + 'a) -> Self {
        Self { observer: Box::new(observer), ..self }
    }

    /// Refuses what could not be trained, scored or gone on with, before anything is. Nothing is written.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that are known beforehand.
    pub fn check(&self) -> Result<()> {
        let repeated = (0..self.strategies.len()).find(|&i| self.strategies[..i].contains(&self.strategies[i]));
        Error::unless(self.seeds > 0, "seeds".into(), "at least 1", self.seeds)?;
        Error::unless(!self.strategies.is_empty(), "strategies".into(), "at least one", "none")?;
        if let Some(index) = repeated {
            return Error::unless(false, "strategies".into(), "each once", self.strategies[index]);
        }
        self.check_models()?;
        let context_bp = self.setup.config().architecture.context_bp;
        self.setup.dataset().samples(self.setup.split(), context_bp)?;
        self.strategies.iter().try_for_each(|strategy| strategy.check(self.setup))?;
        if let Some(folder) = &self.folder {
            self.setup.check_folder(folder)?;
        }
        let runs = self.runs();
        self.plan().iter().try_for_each(|run| run.check(self.setup, runs.as_deref()))?;
        if self.has_baselines() {
            self.baselines.validate()?;
            self.folder.as_ref().map_or(Ok(()), |folder| self.baselines.check_file(folder.join(BASELINES)))?;
        }
        Ok(())
    }

    /// Trains what is not trained yet, scores all, and compares each model with those after it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::InUse`] and [`Error::OtherRun`] if the folder is another's
    /// or holds other runs, [`Error::Diverged`] if all trainings diverged, those of
    /// [`Fit::run`](crate::train::Fit::run) otherwise, and what reading and writing can meet.
    pub fn run(mut self) -> Result<Outcome> {
        self.check()?;
        let _lock = self.begin()?;
        if let Some(before) = self.before.take() {
            before()?;
        }
        let context_bp = self.setup.config().architecture.context_bp;
        let mut contest = Contest::new(Evaluation::new(self.setup.dataset(), self.setup.split(), context_bp)?);
        let (plan, runs) = (self.plan(), self.runs());
        let observer = std::mem::replace(&mut self.observer, Box::new(|_| ()));
        let mut trainer = Trainer::new(self.setup, runs, observer);
        trainer.say(&Event::Begun { setup: self.setup, runs: plan.len() });
        let baselines = self.prepare(&mut trainer, &contest)?;
        let mut outcome = Outcome::new(self.setup, &self.command);
        if let Some(truth) = self.truth {
            let allowed = self.setup.allowed(truth, contest.evaluation().samples());
            outcome.scores.extend(contest.enter(TRUTH, 0, &allowed)?);
        }
        for model in &self.models {
            let (network, tasks) = self.part(model)?;
            let predictions = contest.evaluation().predict_tasks(&network, &tasks)?;
            for note in self.notes_of(model) {
                // Models of several seeds have the same notes.
                if !outcome.notes.contains(&note) {
                    trainer.say(&Event::Note(&note));
                    outcome.notes.push(note);
                }
            }
            outcome.scores.extend(contest.enter(&model.name, model.seed, &predictions)?);
            outcome.runs.push(model.row(self.setup.device()));
            outcome.add(self.setup, model.clone());
        }
        let (mut failure, mut is_any_made) = (None, false);
        for (index, run) in plan.iter().enumerate() {
            trainer.set_place(index);
            match self.made(&mut trainer, baselines.as_ref(), run, &contest) {
                Ok(made) => {
                    outcome.scores.extend(contest.enter(run.strategy.name(), run.seed, &made.predictions)?);
                    outcome.runs.push(made.row);
                    if let Some(model) = made.model {
                        outcome.add(self.setup, model);
                    }
                    is_any_made = true;
                    // Tables of an earlier call stay until there is more to say.
                    if made.is_new {
                        self.write_tables(&outcome)?;
                    }
                }
                Err(error @ Error::Diverged { .. }) => {
                    let diverged = left_out_of(run, &error);
                    trainer.say(&Event::Diverged(&diverged));
                    contest.leave_out(run.strategy.name(), run.seed, run.factors(self.setup));
                    outcome.diverged.push(diverged);
                    failure.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
            trainer.say(&Event::Done { run: index });
        }
        if let Some(error) = failure.filter(|_| !is_any_made) {
            return Err(error);
        }
        self.write_tables(&outcome)?;
        outcome.compare(self.setup, (&self.names(), &self.strategies), &mut contest)?;
        Ok(outcome)
    }

    /// Trains a part of the single models that the strategies ask for, in the folder, and nothing else: for several processes
    /// or machines that share it. [`run`](Self::run) then finds them done. What diverges is left for it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] without a folder, and those of [`run`](Self::run).
    pub fn train_shard(mut self, shard: Shard) -> Result<()> {
        self.check()?;
        let runs = self.runs();
        Error::unless(runs.is_some(), "folder".into(), "one for the models of a shard", "none")?;
        let needs_singles = |strategy: &Strategy| matches!(strategy, Strategy::Single | Strategy::Rescue);
        if !self.strategies.iter().any(needs_singles) {
            return Ok(());
        }
        let singles = Run::plan(&[Strategy::Single], self.setup, self.seeds);
        let observer = std::mem::replace(&mut self.observer, Box::new(|_| ()));
        let mut trainer = Trainer::new(self.setup, runs, observer);
        for (index, run) in singles.iter().enumerate().skip(shard.index() - 1).step_by(shard.of()) {
            trainer.set_place(index);
            match trainer.train(run) {
                Err(Error::Diverged { .. }) | Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn plan(&self) -> Vec<Run> {
        Run::plan(&self.strategies, self.setup, self.seeds)
    }

    fn runs(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("runs"))
    }

    fn has_baselines(&self) -> bool {
        self.strategies.iter().any(|strategy| strategy.baseline().is_some())
    }

    /// Takes the folder for this call, and notes there what is asked for.
    fn begin(&self) -> Result<Option<FolderLock>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let lock = self.setup.begin(folder, &self.command)?;
        if self.has_baselines() {
            self.baselines.keep(folder.join(BASELINES), "how the baselines are made")?;
        }
        Ok(Some(lock))
    }

    fn prepare(&'a self, trainer: &mut Trainer<'a>, contest: &Contest<'_>) -> Result<Option<Baselines<'a>>> {
        if !self.has_baselines() {
            return Ok(None);
        }
        for note in left_out(&self.strategies, self.setup) {
            trainer.say(&Event::Note(&note));
        }
        let (folder, samples) = (self.folder.as_deref(), contest.evaluation().samples());
        Baselines::prepare(trainer, &self.baselines, folder, samples).map(Some)
    }

    /// Trains or fits, and predicts.
    fn made(
        &self,
        trainer: &mut Trainer<'_>,
        baselines: Option<&Baselines<'_>>,
        run: &Run,
        contest: &Contest<'_>,
    ) -> Result<Made> {
        if let (Some(kind), Some(baselines)) = (run.strategy.baseline(), baselines) {
            let (row, predictions, is_new) = baselines.fit(trainer, run, kind)?;
            return Ok(Made { row, predictions, model: None, is_new });
        }
        let (model, is_new) = trainer.train(run)?;
        let predictions = contest.evaluation().predict_tasks(&model.file.model, &run.tasks)?;
        Ok(Made { row: model.row(self.setup.device()), predictions, model: Some(Trained::clone(&model)), is_new })
    }

    /// Refuses models that were trained before and cannot be scored, or compared seed by seed.
    fn check_models(&self) -> Result<()> {
        for model in &self.models {
            let is_taken = model.name == TRUTH || self.strategies.iter().any(|strategy| strategy.name() == model.name);
            let key = || format!("the model {}", model.name);
            Error::unless(!is_taken, key(), "another name than a strategy's", &model.name)?;
            let mut seeds: Vec<u64> =
                self.models.iter().filter(|other| other.name == model.name).map(|other| other.seed).collect();
            seeds.sort_unstable();
            let expected = format!("one of each seed from 0 to {}", self.seeds - 1);
            Error::unless(seeds.iter().copied().eq(0..self.seeds), key(), expected, format!("seeds {seeds:?}"))?;
            self.part(model)?;
        }
        Ok(())
    }

    /// A model's part for those of its tasks that the data set has, and these.
    fn part(&self, model: &Trained) -> Result<(Model, Vec<usize>)> {
        let dataset = self.setup.dataset();
        let place = |name: &String| model.file.tasks.iter().position(|known| known == name);
        let found = dataset.tasks().iter().enumerate().filter_map(|(task, known)| Some((task, place(&known.name)?)));
        let (tasks, places): (Vec<usize>, Vec<usize>) = found.unzip();
        if tasks.is_empty() {
            let what = format!("the tasks of {} that data set {} has", model.name, dataset.name());
            return Err(Error::Mismatch { what, expected: "at least one".into(), found: "none".into() });
        }
        for &cell in dataset.split_cells(self.setup.split()) {
            model.file.check(dataset, &dataset.cells()[cell].name)?;
        }
        let is_whole = places.iter().copied().eq(0..model.file.tasks.len());
        let network = if is_whole { Some(model.file.model.clone()) } else { model.file.model.of_tasks(&places) };
        let network = network.ok_or_else(|| Error::Mismatch {
            what: format!("the tasks of {}, whose head is not sigmoid", model.name),
            expected: model.file.tasks.join(", "),
            found: tasks.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        Ok((network, tasks))
    }

    /// What to know of a model that was trained before.
    fn notes_of(&self, model: &Trained) -> Vec<String> {
        let name = &model.name;
        let mut notes = vec![format!(
            "{name} was trained before: the split that it is scored on must be one that no part of it has learned from."
        )];
        let architecture = &self.setup.config().architecture;
        let trunk = &model.file.config.trunk;
        let own = (architecture.context_bp, architecture.motifs, architecture.width, architecture.hidden);
        let found = (trunk.context_bp, trunk.conv.motifs, trunk.conv.width, trunk.hidden);
        if own != found {
            notes.push(format!(
                "{name} is of another architecture (context, motifs, width, features: {found:?}) than models that are trained \
                 now ({own:?})."
            ));
        }
        notes
    }

    /// The names of all models, those that were trained before first.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let given = self.models.iter().map(|model| model.name.as_str());
        for name in given.chain(self.strategies.iter().map(|strategy| strategy.name())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn write_tables(&self, outcome: &Outcome) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        table::write(folder.join("runs.tsv"), &outcome.runs)?;
        table::write(folder.join("scores.tsv"), &outcome.scores)
    }
}

/// What came of a run.
struct Made {
    row: RunRow,
    predictions: Predictions,
    /// None for a baseline.
    model: Option<Trained>,
    is_new: bool,
}

fn left_out_of(run: &Run, error: &Error) -> Diverged {
    Diverged { strategy: run.strategy, tf: run.tf.clone(), seed: run.seed, detail: error.to_string() }
}
