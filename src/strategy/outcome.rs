//! The outcome of a comparison.

use std::{fs, path::Path, rc::Rc};

use super::{Arm, DivergedRun, Setup, Strategy, TrainedModel};
use crate::{
    Error, Result,
    baseline::Lookup,
    data::Split,
    eval::{
        ALL, BorrowedRow, ComparisonRow, CostRow, LearningRow, ModelMean, Report, RunRow, ScoreRow, ScoredModels,
        TrainingCells, TransferRow, format_comparison, format_costs, format_means, write_table,
    },
    train::{ConflictMap, RunConfig},
};

/// The outcome of a [`Comparison`](super::Comparison): models and tables.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outcome {
    /// The data set and the number of tasks.
    pub title: String,
    /// The configuration.
    pub config: RunConfig,
    /// Notes for the reader.
    pub notes: Vec<String>,
    /// The networks, in the order in which they were trained.
    pub models: Vec<TrainedModel>,
    /// The trainings that diverged and are left out.
    pub diverged: Vec<DivergedRun>,
    /// The score of each model on each track.
    pub scores: Vec<ScoreRow>,
    /// The cost of each model.
    pub runs: Vec<RunRow>,
    /// Each model compared with those after it.
    pub comparisons: Vec<ComparisonRow>,
    /// The transfer of each shared model to each factor, relative to the factor's single model.
    pub transfers: Vec<TransferRow>,
    /// The learning curves on the validation split.
    pub learning: Vec<LearningRow>,
    /// Which factors conflict, by the first shared model with a map.
    pub conflicts: Option<ConflictMap>,
    /// What each model cost, and what it scores.
    pub costs: Vec<CostRow>,
    /// On whose motifs the predictions of models rest, after [`explain`](Self::explain).
    pub borrowed: Vec<BorrowedRow>,
    command: String,
    /// Those with settings of their own.
    arms: Vec<Arm>,
}

/// The shared arms and the single ones that they are compared with factor by factor. Arms with settings of their own
/// are among them only if there are no others.
fn transfer_arms(arms: &[Arm]) -> (Vec<&Arm>, Vec<&Arm>) {
    let main_or_all = |is_wanted: &dyn Fn(&Arm) -> bool| {
        let all: Vec<&Arm> = arms.iter().filter(|arm| is_wanted(arm)).collect();
        let main: Vec<&Arm> = all.iter().copied().filter(|arm| arm.config.is_none()).collect();
        if main.is_empty() { all } else { main }
    };
    (main_or_all(&|arm| arm.strategy.is_shared()), main_or_all(&|arm| arm.strategy == Strategy::Single))
}

/// Says what averages of labels know that models do not.
fn note_on_averages(setup: &Setup<'_>, arms: &[Arm]) -> Option<String> {
    let averages = arms.iter().filter(|arm| arm.strategy.lookup().is_some_and(Lookup::needs_average));
    let names: Vec<&str> = averages.map(|arm| arm.name.as_str()).collect();
    let share = 100.0 * setup.dataset().trained_share(setup.split());
    let known = match setup.split() {
        Split::Train => "Models were trained on them too.".to_owned(),
        _ if share > 0.0 => format!("Models were trained on {share:.0} % of these places, in those cell types."),
        _ => "No model was trained on these places: the average knows more, and is a reference, no rival.".to_owned(),
    };
    let names = names.join(" and ");
    (!names.is_empty())
        .then(|| format!("{names}: labels of other cell types at the places that are scored are read. {known}"))
}

impl Outcome {
    pub(super) fn new(setup: &Setup<'_>, command: &str, arms: &[Arm]) -> Self {
        Self {
            title: format!("{}: {} tasks", setup.dataset().name(), setup.tasks().len()),
            config: setup.config().clone(),
            notes: setup.notes().into_iter().chain(note_on_averages(setup, arms)).collect(),
            command: command.to_owned(),
            arms: arms.iter().filter(|arm| arm.config.is_some()).cloned().collect(),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, setup: &Setup<'_>, trained: TrainedModel) {
        if trained.tf == ALL {
            self.conflicts = self.conflicts.take().or_else(|| trained.conflicts.clone());
        }
        self.learning.extend(LearningRow::from_history(&trained.name, trained.seed, setup.dataset(), &trained.history));
        self.models.push(trained);
    }

    /// Adds the cost of a run, and of a model that was trained before it for all runs of its seed.
    pub(super) fn add_run(&mut self, row: RunRow, before: Option<Rc<TrainedModel>>) {
        let is_of_seed = |known: &RunRow| known.model == row.model && known.seed == row.seed;
        let before = before.filter(|_| !self.runs.iter().any(is_of_seed));
        self.runs.extend(before.map(|shared| RunRow { model: row.model.clone(), ..shared.row_on(&row.device) }));
        self.runs.push(row);
    }

    /// Adds the models of a cell type that was left out.
    pub(super) fn add_fold(&mut self, fold: Self) {
        self.models.extend(fold.models);
        self.diverged.extend(fold.diverged);
        self.scores.extend(fold.scores);
        self.runs.extend(fold.runs);
    }

    /// Compares each model with those after it, and each shared one with the single models.
    pub(super) fn compare(
        &mut self,
        setup: &Setup<'_>,
        (models, arms): (&[&str], &[Arm]),
        scored: &mut ScoredModels<'_>,
    ) -> Result<()> {
        self.notes.extend(self.diverged.iter().map(ToString::to_string));
        let mut pairs = Vec::new();
        // A shared model minus a single one, whatever their order.
        let is_shared = |model: &str| arms.iter().any(|arm| arm.name == model && arm.strategy.is_shared());
        let is_single = |model: &str| arms.iter().any(|arm| arm.name == model && arm.strategy == Strategy::Single);
        for (index, a) in models.iter().enumerate() {
            for b in &models[index + 1..] {
                pairs.push(if is_single(a) && is_shared(b) { (*b, *a) } else { (*a, *b) });
            }
        }
        self.comparisons = scored.compare_all(&pairs)?;
        let training = TrainingCells::new(setup.dataset(), setup.config().architecture.context_bp);
        let (shared_arms, single_arms) = transfer_arms(arms);
        for shared in shared_arms {
            for own in &single_arms {
                let Self { comparisons, scores, runs, .. } = &*self;
                let rows = TransferRow::all(&shared.name, &own.name, comparisons, scores, runs, &training);
                self.transfers.extend(rows);
            }
        }
        let strategy = |model: &str| {
            let arm = arms.iter().find(|arm| arm.name == model);
            arm.map_or(model, |arm| arm.strategy.name()).to_owned()
        };
        self.costs =
            CostRow::all(setup.dataset().split_name(setup.split()), &self.runs, &scored.means(models), strategy);
        Ok(())
    }

    /// Writes the tables (`scores.tsv`, `runs.tsv`, `comparison.tsv`, `transfer.tsv`, `learning.tsv`,
    /// `cost.tsv`), `report.html` and `config.toml`; `arms.toml` if arms have settings of their own, and `borrowed.tsv`
    /// if models were [explained](Self::explain).
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] if the folder has a `config.toml` of other settings, and [`Error::Io`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        crate::file::make_dir(folder)?;
        let path = folder.join("config.toml");
        self.config.save_or_check(&path, &self.command)?;
        let mut config = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
        if !self.arms.is_empty() {
            config += "\n";
            config += &Arm::save_all(&self.arms, folder.join("arms.toml"), &self.command)?;
        }
        write_table(folder.join("scores.tsv"), &self.scores)?;
        write_table(folder.join("runs.tsv"), &self.runs)?;
        write_table(folder.join("comparison.tsv"), &self.comparisons)?;
        write_table(folder.join("transfer.tsv"), &self.transfers)?;
        write_table(folder.join("learning.tsv"), &self.learning)?;
        write_table(folder.join("cost.tsv"), &self.costs)?;
        if !self.borrowed.is_empty() {
            write_table(folder.join("borrowed.tsv"), &self.borrowed)?;
        }
        let report = Report {
            title: &self.title,
            config: &config,
            notes: &self.notes,
            scores: &self.scores,
            runs: &self.runs,
            costs: &self.costs,
            comparisons: &self.comparisons,
            transfers: &self.transfers,
            learning: &self.learning,
            conflicts: self.conflicts.as_ref(),
            borrowed: &self.borrowed,
        };
        report.write(folder.join("report.html"))
    }

    /// Returns the means, the costs and the comparisons as tables for the terminal.
    pub fn summary(&self) -> String {
        let means = ModelMean::all(&self.scores);
        let mut text = format_means(&means);
        if means.iter().any(|mean| mean.tracks != means[0].tracks) {
            text += "(means over other tracks do not compare: the differences below are over common tracks)\n";
        }
        text + &format_costs(&self.costs) + &format_comparison(&self.comparisons)
    }
}
