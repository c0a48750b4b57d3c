//! Models that are put together from others.

use std::path::PathBuf;

use multitf::{
    Error, Result,
    data::Split,
    eval::{choice::choose, contest::Contest, evaluation::Evaluation},
    nn::ModelFile,
    predict::predict_samples,
    train::{ConflictMap, Fitted},
};

use crate::{
    args::ModelKind,
    plan::Run,
    setting::Setting,
    training::{Place, fit_plain, train},
};

/// A model in a file, and the tasks that are taken from it.
type Part = (PathBuf, Vec<usize>);

/// What parts cost together.
#[derive(Default)]
struct Cost {
    draws: usize,
    seconds: f64,
    is_new: bool,
}

impl Cost {
    fn add(&mut self, fitted: &Fitted, is_new: bool) {
        self.draws += fitted.draws;
        self.seconds += fitted.seconds;
        self.is_new |= is_new;
    }
}

/// One model for each group of factors that learn alike.
pub fn grouped(setting: &Setting, run: &Run, place: Place<'_>) -> Result<(Fitted, bool)> {
    let (of_all, is_new) = train(setting, &Run::shared(ModelKind::Multi, setting, run.seed), place)?;
    let Some(conflicts) = &of_all.conflicts else {
        let expected = "no grouped model where the shared one has no conflict map".into();
        return Err(Error::Config { key: "--models".into(), expected, found: "grouped".into() });
    };
    let mut cost = Cost::default();
    cost.add(&of_all, is_new);
    let mut parts = Vec::new();
    for (index, group) in groups(setting, run, conflicts, place).into_iter().enumerate() {
        let name = format!("group-{}", index + 1);
        let tasks: Vec<usize> = group.into_iter().map(|task| run.tasks[task]).collect();
        let folder = run.folder.join(&name);
        let part = Run { model: ModelKind::Grouped, tf: name, tasks, seed: run.seed, folder };
        let (fitted, is_new) = fit_plain(setting, &part, place)?;
        cost.add(&fitted, is_new);
        parts.push((part.folder, part.tasks));
    }
    joined(setting, run, &parts, &cost)
}

/// As many groups as are asked for, or the most of which each has a bound and an unbound bin in the validation split: without
/// both nothing says when to stop.
fn groups(setting: &Setting, run: &Run, conflicts: &ConflictMap, place: Place<'_>) -> Vec<Vec<usize>> {
    let wanted = setting.config.grouping.groups;
    let silent = setting.dataset.tasks_without_score(Split::Valid, setting.config.architecture.context_bp);
    let can_stop = |group: &Vec<usize>| group.iter().any(|&task| !silent.contains(&run.tasks[task]));
    let fewer = (1..=wanted).rev().map(|count| conflicts.groups(count)).find(|groups| groups.iter().all(can_stop));
    let groups = fewer.unwrap_or_else(|| conflicts.groups(1));
    if groups.len() < wanted.min(run.tasks.len()) {
        let count = groups.len();
        let note = "so that each has a bound and an unbound bin in the validation split";
        place.1.line(&format!("note: {count} groups in place of {wanted}, {note}"));
    }
    groups
}

/// For each factor the cured shared model, or another one that is significantly better on the validation split.
pub fn rescue(setting: &Setting, run: &Run, place: Place<'_>) -> Result<(Fitted, bool)> {
    let base = Run::shared(ModelKind::Recipe, setting, run.seed);
    let mut others = vec![Run::shared(ModelKind::Grouped, setting, run.seed)];
    for model in [ModelKind::Finetuned, ModelKind::Single] {
        others.extend(Run::of_factors(model, setting, run.seed));
    }
    let context_bp = setting.config.architecture.context_bp;
    let mut contest = Contest::new(Evaluation::new(&setting.dataset, Split::Valid, context_bp)?);
    let mut cost = Cost::default();
    for part in std::iter::once(&base).chain(&others) {
        let (fitted, is_new) = train(setting, part, place)?;
        cost.add(&fitted, is_new);
        let predictions = contest.evaluation().predict_tasks(&fitted.model, &part.tasks)?;
        contest.enter(part.model.name(), run.seed, &predictions)?;
    }
    let mut rows = Vec::new();
    for model in [ModelKind::Grouped, ModelKind::Finetuned, ModelKind::Single] {
        rows.extend(contest.compare(model.name(), base.model.name())?);
    }
    let chosen = choose(base.model.name(), &rows);
    for (tf, model) in &chosen {
        place.1.line(&format!("rescue {tf} seed {}: {model}", run.seed));
    }
    let factor = |task: usize| setting.dataset.tasks()[task].factor.as_str();
    let is_chosen = |part: &Run, task: usize| match chosen.get(factor(task)) {
        Some(model) => part.model.name() == model,
        None => part.model == base.model,
    };
    let parts: Vec<Part> = std::iter::once(&base)
        .chain(&others)
        .map(|part| {
            let tasks = part.tasks.iter().copied().filter(|task| is_chosen(part, *task)).collect();
            (part.folder.clone(), tasks)
        })
        .filter(|(_, tasks): &Part| !tasks.is_empty())
        .collect();
    joined(setting, run, &parts, &cost)
}

/// Puts models in files together, and leaves the result in a file of its own.
fn joined(setting: &Setting, run: &Run, parts: &[Part], cost: &Cost) -> Result<(Fitted, bool)> {
    const FILE: &str = "model.safetensors";
    let names = |tasks: &[usize]| -> Vec<String> {
        tasks.iter().map(|task| setting.dataset.tasks()[*task].name.clone()).collect()
    };
    let files: Vec<ModelFile> =
        parts.iter().map(|(folder, _)| ModelFile::open(folder.join(FILE), &setting.device)).collect::<Result<_>>()?;
    let parts: Vec<(&ModelFile, Vec<String>)> =
        files.iter().zip(parts).map(|(file, (_, tasks))| (file, names(tasks))).collect();
    let file = ModelFile::joined(&parts, &names(&run.tasks))?;
    std::fs::create_dir_all(&run.folder).map_err(|source| Error::Io { path: run.folder.clone(), source })?;
    file.save(run.folder.join(FILE))?;
    let context_bp = setting.config.architecture.context_bp;
    let samples = setting.dataset.samples_of(&run.tasks, Split::Valid, context_bp)?;
    let predictions = predict_samples(&file.model, &setting.dataset, &run.tasks, samples)?;
    let tracks = predictions.average_precisions(&setting.dataset)?;
    let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
    let fitted = Fitted {
        model: file.model,
        history: Vec::new(),
        average_precision: scored.iter().sum::<f64>() / scored.len() as f64,
        draws: cost.draws,
        seconds: cost.seconds,
        conflicts: None,
    };
    Ok((fitted, cost.is_new))
}
