//! One training of a strategy.

use std::path::{Path, PathBuf};

use super::{Setup, Strategy, TrainedModel};
use crate::{
    Result,
    baseline::BaselineMethod,
    data::Split,
    eval::{ALL, RunRow},
    predict::Predictions,
    train::Fit,
};

/// One training, or one fit of a baseline.
#[derive(Clone, Debug)]
pub(super) struct PlannedRun {
    pub(super) strategy: Strategy,
    /// The factor, `*` for all.
    pub(super) tf: String,
    pub(super) tasks: Vec<usize>,
    pub(super) seed: u64,
    /// Its folder, relative to that of all runs.
    pub(super) folder: PathBuf,
}

/// A finished run.
pub(super) struct FinishedRun {
    pub(super) row: RunRow,
    pub(super) predictions: Predictions,
    /// None for a baseline.
    pub(super) model: Option<TrainedModel>,
    pub(super) is_new: bool,
}

impl PlannedRun {
    /// A model of all tasks.
    pub(super) fn shared(strategy: Strategy, setup: &Setup<'_>, seed: u64) -> Self {
        let folder = folder(strategy, "all", seed);
        Self { strategy, tf: ALL.to_owned(), tasks: setup.tasks().to_vec(), seed, folder }
    }

    /// A model of some of its tasks, as a part of it.
    pub(super) fn part(&self, name: String, tasks: Vec<usize>) -> Self {
        let folder = self.folder.join(&name);
        Self { strategy: self.strategy, tf: name, tasks, seed: self.seed, folder }
    }

    /// Models of one factor each.
    pub(super) fn for_factors(strategy: Strategy, setup: &Setup<'_>, seed: u64) -> Vec<Self> {
        let factors = if strategy.is_network() { setup.singles() } else { setup.factors() };
        let run = |tf: &String| {
            let has_factor = |task: &&usize| setup.dataset().tasks()[**task].factor == *tf;
            let tasks = setup.tasks().iter().filter(has_factor).copied().collect();
            Self { strategy, tf: tf.clone(), tasks, seed, folder: folder(strategy, tf, seed) }
        };
        factors.iter().filter(|tf| can_learn(strategy, tf, setup)).map(run).collect()
    }

    /// Lists the trainings of a strategy for one seed.
    pub(super) fn all(strategy: Strategy, setup: &Setup<'_>, seed: u64) -> Vec<Self> {
        if strategy.is_shared() {
            vec![Self::shared(strategy, setup, seed)]
        } else {
            Self::for_factors(strategy, setup, seed)
        }
    }

    /// The names of its tasks.
    pub(super) fn names(&self, setup: &Setup<'_>) -> Vec<String> {
        self.tasks.iter().map(|&task| setup.dataset().tasks()[task].name.clone()).collect()
    }

    /// The tracks of its tasks, by factor and cell type, in a split.
    pub(super) fn tracks(&self, setup: &Setup<'_>, split: Split) -> Vec<(String, String)> {
        let cells = setup.dataset().split_cells(split);
        let tracks = setup.dataset().tracks();
        let tracks = tracks.filter(|track| self.tasks.contains(&track.task) && cells.contains(&track.cell));
        tracks.map(|track| (track.factor_name.to_owned(), track.cell_name.to_owned())).collect()
    }

    /// Refuses a run that cannot be trained or resumed, as far as known beforehand.
    pub(super) fn check(&self, setup: &Setup<'_>, runs: Option<&Path>) -> Result<()> {
        let check = |run: &Self| {
            let config = run.strategy.settings(setup.config());
            let fit = Fit::new(setup.dataset(), &run.tasks, &config, run.seed, setup.device());
            match runs {
                Some(runs) => fit.with_folder(runs.join(&run.folder)).check(),
                None => fit.check(),
            }
        };
        let shared = |strategy| Self::shared(strategy, setup, self.seed);
        match self.strategy {
            Strategy::Multi | Strategy::Single | Strategy::Recipe => check(self),
            Strategy::Finetuned | Strategy::Grouped => check(&shared(Strategy::Multi)),
            Strategy::Rescue => {
                let singles = Self::for_factors(Strategy::Single, setup, self.seed);
                [shared(Strategy::Multi), shared(Strategy::Recipe)].iter().chain(&singles).try_for_each(check)
            }
            // Baselines are fitted again for other inputs.
            Strategy::Baseline(_) | Strategy::Lookup(_) => Ok(()),
        }
    }
}

fn folder(strategy: Strategy, part: &str, seed: u64) -> PathBuf {
    [strategy.name(), part, &seed.to_string()].iter().collect()
}

/// Whether the data set has the motifs, features or labels that a model of one factor needs.
fn can_learn(strategy: Strategy, tf: &str, setup: &Setup<'_>) -> bool {
    if let Some(lookup) = strategy.lookup() {
        return lookup.is_known(setup.dataset(), tf, setup.split());
    }
    let needs_motif = strategy.baseline().is_some_and(BaselineMethod::needs_own_motif);
    let needs_features = strategy.baseline().is_some_and(BaselineMethod::needs_features);
    (!needs_motif || !setup.dataset().factor_motifs(tf).is_empty()) && (!needs_features || setup.has_features())
}
