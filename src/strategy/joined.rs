//! Models that are joined from others.

use std::rc::Rc;

use super::{Event, Strategy, TrainedModel, run::PlannedRun, trainer::Trainer};
use crate::{
    Error, Result,
    data::Split,
    eval::{Evaluation, ScoredModels, select_models},
    file::make_dir,
    nn::ModelFile,
    predict::predict_samples,
    train::{ConflictMap, PairVerdict, mean_average_precision},
};

/// The cost of all parts.
struct Cost {
    draws: usize,
    network_draws: usize,
    seconds: f64,
    cpu_seconds: Option<f64>,
    is_new: bool,
}

impl Cost {
    fn new() -> Self {
        Self { draws: 0, network_draws: 0, seconds: 0.0, cpu_seconds: Some(0.0), is_new: false }
    }

    fn add(&mut self, trained: &TrainedModel, is_new: bool) {
        self.draws += trained.draws;
        self.network_draws += trained.network_draws;
        self.seconds += trained.seconds;
        self.cpu_seconds = self.cpu_seconds.zip(trained.cpu_seconds).map(|(sum, more)| sum + more);
        self.is_new |= is_new;
    }
}

/// A model, and the names of the tasks that are taken from it.
type Part = (Rc<TrainedModel>, Vec<String>);

impl Trainer<'_> {
    /// Trains one model for each group of factors that learn alike.
    pub(super) fn grouped(&mut self, run: &PlannedRun) -> Result<(TrainedModel, bool)> {
        let (shared, is_new) = self.train(&PlannedRun::shared(Strategy::Multi, self.setup, run.seed))?;
        let Some(conflicts) = &shared.conflicts else {
            let expected = "no grouped model where the shared one has no conflict map".into();
            return Err(Error::Config { key: "strategy".into(), expected, found: "grouped".into() });
        };
        let mut cost = Cost::new();
        cost.add(&shared, is_new);
        let mut parts = Vec::new();
        for (index, group) in self.groups(run, conflicts).into_iter().enumerate() {
            let tasks: Vec<usize> = group.into_iter().map(|task| run.tasks[task]).collect();
            let part = run.part(format!("group-{}", index + 1), tasks);
            let (model, is_new) = self.fit(&part, self.setup.config(), None)?;
            cost.add(&model, is_new);
            parts.push((Rc::new(model), part.names(self.setup)));
        }
        self.join(run, &parts, &cost)
    }

    /// The configured number of groups, or the most groups that each have a bound and an unbound bin in the validation
    /// split, which early stopping needs.
    fn groups(&mut self, run: &PlannedRun, conflicts: &ConflictMap) -> Vec<Vec<usize>> {
        let (dataset, config) = (self.setup.dataset(), self.setup.config());
        let wanted = config.grouping.groups.min(run.tasks.len());
        let unscored = dataset.tasks_without_score(Split::Valid, config.architecture.context_bp);
        let can_stop = |group: &Vec<usize>| group.iter().any(|&task| !unscored.contains(&run.tasks[task]));
        let is_decided = |(a, b)| matches!(conflicts.verdict(a, b), PairVerdict::Against | PairVerdict::Together);
        if !conflicts.distinct_pairs().any(is_decided) {
            self.notify(&Event::Note("the conflict map tells no two factors apart: the groups are little but chance"));
        }
        let fewer = (1..=wanted).rev().map(|count| conflicts.groups(count)).find(|groups| groups.iter().all(can_stop));
        let groups = fewer.unwrap_or_else(|| conflicts.groups(1));
        if groups.len() < wanted {
            let reason = "so that each has a bound and an unbound bin in the validation split";
            self.notify(&Event::Note(&format!("{} groups in place of {wanted}, {reason}", groups.len())));
        }
        groups
    }

    /// Takes for each factor the recipe, or another model that is significantly better on the validation split.
    pub(super) fn rescue(&mut self, run: &PlannedRun) -> Result<(TrainedModel, bool)> {
        let (setup, seed, base) = (self.setup, run.seed, Strategy::Recipe);
        let mut runs = vec![PlannedRun::shared(base, setup, seed), PlannedRun::shared(Strategy::Grouped, setup, seed)];
        for strategy in [Strategy::Finetuned, Strategy::Single] {
            runs.extend(PlannedRun::for_factors(strategy, setup, seed));
        }
        let context_bp = setup.config().architecture.context_bp;
        let mut scored = ScoredModels::new(Evaluation::new(setup.dataset(), Split::Valid, context_bp)?);
        let (mut cost, mut models) = (Cost::new(), Vec::new());
        for part in runs {
            match self.train(&part) {
                Ok((model, is_new)) => {
                    cost.add(&model, is_new);
                    let predictions = scored.evaluation().predict_tasks(&model.file.model, &part.tasks)?;
                    scored.add(part.strategy.name(), seed, &predictions)?;
                    models.push((part, model));
                }
                // It is not chosen, and its draws still count.
                Err(Error::Diverged { draws, .. }) if part.strategy != base => {
                    cost.draws += draws;
                    cost.network_draws += draws * part.strategy.settings(setup.config()).architecture.members;
                    scored.add_failure(part.strategy.name(), seed, part.tracks(setup, Split::Valid));
                }
                Err(error) => return Err(error),
            }
        }
        let candidates = [Strategy::Grouped, Strategy::Finetuned, Strategy::Single];
        let rows = scored.compare_all(&candidates.map(|strategy| (strategy.name(), base.name())))?;
        let chosen = select_models(base.name(), &rows);
        for (tf, strategy) in &chosen {
            self.notify(&Event::Chosen { tf, seed, strategy });
        }
        let is_chosen = |strategy: Strategy, task: usize| {
            let factor = &setup.dataset().tasks()[task].factor;
            chosen.get(factor).map_or(base.name(), String::as_str) == strategy.name()
        };
        let chosen_part = |(mut part, model): (PlannedRun, Rc<TrainedModel>)| {
            part.tasks.retain(|&task| is_chosen(part.strategy, task));
            (!part.tasks.is_empty()).then(|| (model, part.names(setup)))
        };
        let parts: Vec<Part> = models.into_iter().filter_map(chosen_part).collect();
        self.join(run, &parts, &cost)
    }

    /// Joins models, and saves the result in the run's folder.
    fn join(&self, run: &PlannedRun, parts: &[Part], cost: &Cost) -> Result<(TrainedModel, bool)> {
        let dataset = self.setup.dataset();
        let parts: Vec<(&ModelFile, Vec<String>)> =
            parts.iter().map(|(trained, tasks)| (&trained.file, tasks.clone())).collect();
        let file = ModelFile::joined(&parts, &run.names(self.setup))?;
        if let Some(folder) = self.folder(run) {
            make_dir(&folder)?;
            file.save(folder.join("model.safetensors"))?;
        }
        let samples = dataset.samples_for(&run.tasks, Split::Valid, self.setup.config().architecture.context_bp)?;
        let tracks = predict_samples(&file.model, dataset, &run.tasks, samples)?.average_precisions(dataset)?;
        let model = TrainedModel {
            name: self.name_of(run).to_owned(),
            tf: run.tf.clone(),
            seed: run.seed,
            file,
            history: Vec::new(),
            average_precision: mean_average_precision(&tracks),
            draws: cost.draws,
            network_draws: cost.network_draws,
            seconds: cost.seconds,
            cpu_seconds: cost.cpu_seconds,
            conflicts: None,
        };
        Ok((model, cost.is_new))
    }
}
