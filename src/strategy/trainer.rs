//! Trains what a strategy asks for, each model once.

use std::{collections::HashMap, path::PathBuf, rc::Rc};

use super::{Event, Run, Setup, Strategy, Trained, joined};
use crate::{
    Error, Result,
    nn::{Model, ModelFile},
    train::{Fit, Fitted, RunConfig},
};

/// What is told of what happens.
pub(super) type Observer<'a> = Box<dyn FnMut(&Event<'_>) + 'a>;

/// Trains networks, each of which may be a part of others.
pub(super) struct Trainer<'a> {
    pub(super) setup: &'a Setup<'a>,
    /// The folder of all runs.
    runs: Option<PathBuf>,
    observer: Observer<'a>,
    /// The number of the run that is made among all.
    place: usize,
    done: HashMap<Key, Rc<Trained>>,
    /// What diverged would do so again.
    diverged: HashMap<Key, Error>,
}

type Key = (Strategy, String, u64);

/// A model to start from, and its name.
type Start = (String, Model);

impl<'a> Trainer<'a> {
    pub(super) fn new(setup: &'a Setup<'a>, runs: Option<PathBuf>, observer: Observer<'a>) -> Self {
        Self { setup, runs, observer, place: 0, done: HashMap::new(), diverged: HashMap::new() }
    }

    /// What is said from now on is of this run.
    pub(super) fn set_place(&mut self, place: usize) {
        self.place = place;
    }

    pub(super) fn say(&mut self, event: &Event<'_>) {
        (self.observer)(event);
    }

    pub(super) fn folder(&self, run: &Run) -> Option<PathBuf> {
        self.runs.as_ref().map(|runs| runs.join(&run.folder))
    }

    /// Trains, unless that is done, and says whether there was anything left to train.
    pub(super) fn train(&mut self, run: &Run) -> Result<(Rc<Trained>, bool)> {
        let key = (run.strategy, run.tf.clone(), run.seed);
        if let Some(done) = self.done.get(&key) {
            return Ok((done.clone(), false));
        }
        if let Some(error) = self.diverged.get(&key).and_then(again) {
            return Err(error);
        }
        let trained = match run.strategy {
            Strategy::Finetuned => self.fine_tune(run),
            Strategy::Grouped => joined::grouped(self, run),
            Strategy::Rescue => joined::rescue(self, run),
            Strategy::Recipe => self.fit(run, &self.setup.cured(), None),
            Strategy::Multi | Strategy::Single | Strategy::Baseline(_) => self.fit_plain(run),
        };
        match trained {
            Ok((trained, is_new)) => {
                let trained = Rc::new(trained);
                self.done.insert(key, trained.clone());
                Ok((trained, is_new))
            }
            Err(error) => {
                if let Some(error) = again(&error) {
                    self.diverged.insert(key, error);
                }
                Err(error)
            }
        }
    }

    /// Trains as the configuration says.
    pub(super) fn fit_plain(&mut self, run: &Run) -> Result<(Trained, bool)> {
        self.fit(run, self.setup.config(), None)
    }

    /// Trains a copy of the shared model of the same seed.
    fn fine_tune(&mut self, run: &Run) -> Result<(Trained, bool)> {
        let (shared, _) = self.train(&Run::shared(Strategy::Multi, self.setup, run.seed))?;
        let start = part(&shared.file, &run.names(self.setup))?;
        let config = self.setup.config().fine_tuning.of(self.setup.config());
        self.fit(run, &config, Some((format!("multi seed {}", run.seed), start)))
    }

    fn fit(&mut self, run: &Run, config: &RunConfig, start: Option<Start>) -> Result<(Trained, bool)> {
        let (folder, setup, place) = (self.folder(run), self.setup, self.place);
        let observer = &mut self.observer;
        let mut is_new = false;
        let mut fit =
            Fit::new(setup.dataset(), &run.tasks, config, run.seed, setup.device()).with_observer(|progress| {
                is_new = true;
                observer(&Event::Step { run: place, name: run.strategy.name(), tf: &run.tf, progress: *progress });
            });
        if let Some(folder) = folder {
            fit = fit.with_folder(folder);
        }
        if let Some((name, model)) = start {
            fit = fit.with_start(name, model);
        }
        let fitted = fit.run()?;
        let trained = trained(run, fitted);
        if is_new {
            self.say(&Event::Trained(&trained));
        }
        Ok((trained, is_new))
    }
}

fn trained(run: &Run, fitted: Fitted) -> Trained {
    Trained {
        name: run.strategy.name().to_owned(),
        tf: run.tf.clone(),
        seed: run.seed,
        file: fitted.to_file(),
        history: fitted.history,
        average_precision: fitted.average_precision,
        draws: fitted.draws,
        seconds: fitted.seconds,
        conflicts: fitted.conflicts,
    }
}

/// The model of some tasks of a file, by their names.
fn part(file: &ModelFile, names: &[String]) -> Result<Model> {
    let places: Vec<usize> =
        names.iter().filter_map(|name| file.tasks.iter().position(|known| known == name)).collect();
    file.model.of_tasks(&places).ok_or_else(|| Error::Config {
        key: "architecture.head".into(),
        expected: "sigmoid, to train copies of the shared model on".into(),
        found: format!("{:?}", file.config.head),
    })
}

/// The same error, if it is that of a training that diverged.
fn again(error: &Error) -> Option<Error> {
    if let Error::Diverged { draws, learning_rate, loss, factors, best_draws } = error {
        let (draws, learning_rate, loss) = (*draws, *learning_rate, *loss);
        Some(Error::Diverged { draws, learning_rate, loss, factors: factors.clone(), best_draws: *best_draws })
    } else {
        None
    }
}
