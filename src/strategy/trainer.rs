//! Trains the models of strategies, each model once.

use std::{
    cell::RefCell,
    collections::HashMap,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{Arm, Event, Setup, Strategy, TrainedModel, run::PlannedRun};
use crate::{
    Error, Result,
    nn::{Model, ModelFile},
    train::{Fit, RunConfig},
};

/// A function that is called for each event.
pub(super) type Observer<'a> = Box<dyn FnMut(&Event<'_>) + 'a>;
/// One that several trainers call.
pub(super) type SharedObserver<'a> = Rc<RefCell<Observer<'a>>>;

/// Trains networks, which may be parts of other models.
pub(super) struct Trainer<'a> {
    pub(super) setup: &'a Setup<'a>,
    /// The strategy whose models have another name, and the name.
    renamed: Option<(Strategy, String)>,
    /// The folder of all runs.
    runs: Option<PathBuf>,
    observer: SharedObserver<'a>,
    /// The index of the current run, for its events.
    pub(super) index: usize,
    done: HashMap<Key, Rc<TrainedModel>>,
    /// Trainings that diverged, which would do so again.
    diverged: HashMap<Key, Error>,
}

impl Strategy {
    /// Trains one model of all factors. If the strategy has a model for each factor, they are joined (see
    /// [`Model::joined`](crate::nn::Model::joined)), without the factors for which a single model cannot be trained.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a baseline, or a setting that cannot work; those of [`Fit::run`](crate::train::Fit::run)
    /// and [`ModelFile::joined`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use multitf::{data::Dataset, strategy::{Setup, Strategy}, train::RunConfig};
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let model = Strategy::Recipe.train(&Setup::new(&dataset, RunConfig::default())?, 0)?;
    /// model.save("recipe.safetensors")?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn train(self, setup: &Setup<'_>, seed: u64) -> Result<ModelFile> {
        let networks = Self::NETWORKS.map(Self::name).join(", ");
        let expected = format!("one that trains a neural network ({networks})");
        Error::unless(self.is_network(), "strategy", expected, self)?;
        self.check(setup)?;
        if !self.is_shared() && setup.singles().len() > 1 {
            self.check_head(setup)?;
        }
        let mut trainer = Trainer::new(setup, None, Rc::new(RefCell::new(Box::new(|_| ()))));
        if self.is_shared() {
            return Ok(trainer.train(&PlannedRun::shared(self, setup, seed))?.0.file.clone());
        }
        let runs = PlannedRun::for_factors(self, setup, seed);
        let models = runs.iter().map(|run| Ok(trainer.train(run)?.0)).collect::<Result<Vec<_>>>()?;
        if let [only] = models.as_slice() {
            return Ok(only.file.clone());
        }
        let parts: Vec<(&ModelFile, Vec<String>)> =
            models.iter().map(|model| (&model.file, model.file.tasks.clone())).collect();
        let tasks: Vec<String> = parts.iter().flat_map(|(_, tasks)| tasks.clone()).collect();
        ModelFile::joined(&parts, &tasks)
    }
}

type Key = (Strategy, String, u64);

impl<'a> Trainer<'a> {
    pub(super) fn new(setup: &'a Setup<'a>, runs: Option<PathBuf>, observer: SharedObserver<'a>) -> Self {
        Self { setup, renamed: None, runs, observer, index: 0, done: HashMap::new(), diverged: HashMap::new() }
    }

    /// Trains the models of an arm, in a folder and under a name of its own.
    pub(super) fn for_arm(arm: &Arm, setup: &'a Setup<'a>, runs: Option<&Path>, observer: SharedObserver<'a>) -> Self {
        let renamed = Some((arm.strategy, arm.name.clone()));
        Self { renamed, ..Self::new(setup, runs.map(|runs| runs.join(&arm.name)), observer) }
    }

    /// The name of a run's model in tables.
    pub(super) fn name_of(&self, run: &PlannedRun) -> &str {
        let renamed = self.renamed.as_ref().filter(|(strategy, _)| *strategy == run.strategy);
        renamed.map_or(run.strategy.name(), |(_, name)| name)
    }

    pub(super) fn notify(&self, event: &Event<'_>) {
        (self.observer.borrow_mut())(event);
    }

    /// Refuses a run that cannot be trained or resumed, as far as known beforehand.
    pub(super) fn check(&self, run: &PlannedRun) -> Result<()> {
        run.check(self.setup, self.runs.as_deref())
    }

    /// The shared model that was trained before the first of the fine-tuned ones.
    pub(super) fn beforehand(&mut self, run: &PlannedRun) -> Result<Option<Rc<TrainedModel>>> {
        if run.strategy != Strategy::Finetuned {
            return Ok(None);
        }
        self.train(&PlannedRun::shared(Strategy::Multi, self.setup, run.seed)).map(|(shared, _)| Some(shared))
    }

    pub(super) fn folder(&self, run: &PlannedRun) -> Option<PathBuf> {
        self.runs.as_ref().map(|runs| runs.join(&run.folder))
    }

    /// Trains a model unless it is done, and returns whether a step was left to train.
    pub(super) fn train(&mut self, run: &PlannedRun) -> Result<(Rc<TrainedModel>, bool)> {
        let key = (run.strategy, run.tf.clone(), run.seed);
        if let Some(done) = self.done.get(&key) {
            return Ok((done.clone(), false));
        }
        if let Some(error) = self.diverged.get(&key).and_then(divergence) {
            return Err(error);
        }
        let trained = match run.strategy {
            Strategy::Finetuned => self.fine_tune(run),
            Strategy::Grouped => self.grouped(run),
            Strategy::Rescue => self.rescue(run),
            _ => self.fit(run, &run.strategy.settings(self.setup.config()), None),
        };
        let (trained, is_new) = trained.inspect_err(|error| {
            self.diverged.extend(divergence(error).map(|error| (key.clone(), error)));
        })?;
        let trained = Rc::new(trained);
        self.done.insert(key, trained.clone());
        Ok((trained, is_new))
    }

    /// Trains a copy of the shared model of the same seed.
    fn fine_tune(&mut self, run: &PlannedRun) -> Result<(TrainedModel, bool)> {
        let (shared, _) = self.train(&PlannedRun::shared(Strategy::Multi, self.setup, run.seed))?;
        let pretrained = part(&shared.file, &run.names(self.setup))?;
        let config = run.strategy.settings(self.setup.config());
        self.fit(run, &config, Some((format!("multi seed {}", run.seed), pretrained)))
    }

    /// Trains a model with a configuration, and from pretrained weights with their name if there are any.
    pub(super) fn fit(
        &mut self,
        run: &PlannedRun,
        config: &RunConfig,
        pretrained: Option<(String, Model)>,
    ) -> Result<(TrainedModel, bool)> {
        let (folder, setup, index, name) = (self.folder(run), self.setup, self.index, self.name_of(run).to_owned());
        let observer = &self.observer;
        let mut is_new = false;
        let fit = Fit::new(setup.dataset(), &run.tasks, config, run.seed, setup.device());
        let mut fit = fit.with_observer(|&progress| {
            is_new = true;
            (observer.borrow_mut())(&Event::Step { run: index, name: &name, tf: &run.tf, progress });
        });
        if let Some(folder) = folder {
            fit = fit.with_folder(folder);
        }
        if let Some((name, model)) = pretrained {
            fit = fit.with_pretrained(name, model);
        }
        let fitted = fit.run()?;
        let trained = TrainedModel::new(&name, run.tf.clone(), run.seed, fitted.to_file(), fitted);
        if is_new {
            self.notify(&Event::Trained(&trained));
        }
        Ok((trained, is_new))
    }
}

/// The model of some tasks of a file, given by name.
fn part(file: &ModelFile, names: &[String]) -> Result<Model> {
    let places: Vec<usize> =
        names.iter().filter_map(|name| file.tasks.iter().position(|known| known == name)).collect();
    let expected = "sigmoid, to train copies of the shared model on";
    let error = || Error::config("architecture.head", expected, format!("{:?}", file.config.head));
    file.model.select_tasks(&places).ok_or_else(error)
}

/// A copy of the error of a training that diverged.
fn divergence(error: &Error) -> Option<Error> {
    let &Error::Diverged { draws, learning_rate, loss, ref factors, best_draws } = error else { return None };
    Some(Error::Diverged { draws, learning_rate, loss, factors: factors.clone(), best_draws })
}
