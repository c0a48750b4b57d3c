//! Models that are put together from others.

use std::{path::Path, rc::Rc};

use super::{Event, Run, Setup, Strategy, Trained, trainer::Trainer};
use crate::{
    Error, Result,
    data::Split,
    eval::{choice::choose, contest::Contest, evaluation::Evaluation},
    file::make_dir,
    nn::ModelFile,
    predict::predict_samples,
    train::ConflictMap,
};

/// What parts cost together.
#[derive(Default)]
struct Cost {
    draws: usize,
    seconds: f64,
    is_new: bool,
}

impl Cost {
    fn add(&mut self, trained: &Trained, is_new: bool) {
        self.draws += trained.draws;
        self.seconds += trained.seconds;
        self.is_new |= is_new;
    }
}

/// One model for each group of factors that learn alike.
pub(super) fn grouped(trainer: &mut Trainer<'_>, run: &Run) -> Result<(Trained, bool)> {
    let (shared, is_new) = trainer.train(&Run::shared(Strategy::Multi, trainer.setup, run.seed))?;
    let Some(conflicts) = &shared.conflicts else {
        let expected = "no grouped model where the shared one has no conflict map".into();
        return Err(Error::Config { key: "strategy".into(), expected, found: "grouped".into() });
    };
    let mut cost = Cost::default();
    cost.add(&shared, is_new);
    let mut parts = Vec::new();
    for (index, group) in groups(trainer, run, conflicts).into_iter().enumerate() {
        let tasks: Vec<usize> = group.into_iter().map(|task| run.tasks[task]).collect();
        let part = run.part(format!("group-{}", index + 1), tasks);
        let (model, is_new) = trainer.fit_plain(&part)?;
        cost.add(&model, is_new);
        parts.push((Rc::new(model), part.names(trainer.setup)));
    }
    join(trainer, run, &parts, &cost)
}

/// As many groups as are asked for, or the most of which each has a bound and an unbound bin in the validation split: without
/// both nothing says when to stop.
fn groups(trainer: &mut Trainer<'_>, run: &Run, conflicts: &ConflictMap) -> Vec<Vec<usize>> {
    let (dataset, config) = (trainer.setup.dataset(), trainer.setup.config());
    let wanted = config.grouping.groups;
    let silent = dataset.tasks_without_score(Split::Valid, config.architecture.context_bp);
    let can_stop = |group: &Vec<usize>| group.iter().any(|&task| !silent.contains(&run.tasks[task]));
    let fewer = (1..=wanted).rev().map(|count| conflicts.groups(count)).find(|groups| groups.iter().all(can_stop));
    let groups = fewer.unwrap_or_else(|| conflicts.groups(1));
    if groups.len() < wanted.min(run.tasks.len()) {
        let reason = "so that each has a bound and an unbound bin in the validation split";
        let note = format!("{} groups in place of {wanted}, {reason}", groups.len());
        trainer.say(&Event::Note(&note));
    }
    groups
}

/// For each factor the cured shared model, or another one that is significantly better on the validation split.
pub(super) fn rescue(trainer: &mut Trainer<'_>, run: &Run) -> Result<(Trained, bool)> {
    let setup = trainer.setup;
    let mut runs =
        vec![Run::shared(Strategy::Recipe, setup, run.seed), Run::shared(Strategy::Grouped, setup, run.seed)];
    for strategy in [Strategy::Finetuned, Strategy::Single] {
        runs.extend(Run::for_factors(strategy, setup, run.seed));
    }
    let mut contest = contest(setup)?;
    let (mut cost, mut models) = (Cost::default(), Vec::new());
    let base = Strategy::Recipe;
    let mut parts = Vec::new();
    for part in runs {
        match trainer.train(&part) {
            Ok((model, is_new)) => {
                cost.add(&model, is_new);
                enter(&mut contest, &part, &model.file)?;
                models.push(model);
                parts.push(part);
            }
            // It is one that is not chosen, and what was drawn for it is paid for.
            Err(Error::Diverged { draws, .. }) if part.strategy != base => {
                cost.draws += draws;
                contest.leave_out(part.strategy.name(), part.seed, part.factors(setup));
            }
            Err(error) => return Err(error),
        }
    }
    let mut rows = Vec::new();
    for strategy in [Strategy::Grouped, Strategy::Finetuned, Strategy::Single] {
        rows.extend(contest.compare(strategy.name(), base.name())?);
    }
    let chosen = choose(base.name(), &rows);
    for (tf, strategy) in &chosen {
        trainer.say(&Event::Chosen { tf, seed: run.seed, strategy });
    }
    let is_chosen = |part: &Run, task: usize| {
        let factor = &setup.dataset().tasks()[task].factor;
        chosen.get(factor).map_or(base.name(), String::as_str) == part.strategy.name()
    };
    let parts: Vec<Part> = parts
        .into_iter()
        .zip(models)
        .map(|(mut part, trained)| {
            let tasks = part.tasks.iter().copied().filter(|task| is_chosen(&part, *task)).collect();
            part.tasks = tasks;
            (trained, part.names(setup))
        })
        .filter(|(_, tasks): &Part| !tasks.is_empty())
        .collect();
    join(trainer, run, &parts, &cost)
}

/// A model, and the tasks that are taken from it.
type Part = (Rc<Trained>, Vec<String>);

fn contest<'a>(setup: &Setup<'a>) -> Result<Contest<'a>> {
    let context_bp = setup.config().architecture.context_bp;
    Ok(Contest::new(Evaluation::new(setup.dataset(), Split::Valid, context_bp)?))
}

fn enter(contest: &mut Contest<'_>, run: &Run, file: &ModelFile) -> Result<()> {
    let predictions = contest.evaluation().predict_tasks(&file.model, &run.tasks)?;
    contest.enter(run.strategy.name(), run.seed, &predictions).map(|_| ())
}

/// Puts models together, and leaves the result in the run's folder.
fn join(trainer: &Trainer<'_>, run: &Run, parts: &[Part], cost: &Cost) -> Result<(Trained, bool)> {
    let setup = trainer.setup;
    let parts: Vec<(&ModelFile, Vec<String>)> =
        parts.iter().map(|(trained, tasks)| (&trained.file, tasks.clone())).collect();
    let file = ModelFile::joined(&parts, &run.names(setup))?;
    if let Some(folder) = trainer.folder(run) {
        save(&file, &folder)?;
    }
    let context_bp = setup.config().architecture.context_bp;
    let samples = setup.dataset().samples_of(&run.tasks, Split::Valid, context_bp)?;
    let predictions = predict_samples(&file.model, setup.dataset(), &run.tasks, samples)?;
    let tracks = predictions.average_precisions(setup.dataset())?;
    let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
    let model = Trained {
        name: run.strategy.name().to_owned(),
        tf: run.tf.clone(),
        seed: run.seed,
        file,
        history: Vec::new(),
        average_precision: scored.iter().sum::<f64>() / scored.len() as f64,
        draws: cost.draws,
        seconds: cost.seconds,
        conflicts: None,
    };
    Ok((model, cost.is_new))
}

fn save(file: &ModelFile, folder: &Path) -> Result<()> {
    make_dir(folder)?;
    file.save(folder.join("model.safetensors"))
}
