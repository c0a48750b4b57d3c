//! The outcome of a comparison.

use std::{fs, path::Path};

use super::{DivergedRun, Setup, Strategy, TrainedModel};
use crate::{
    Error, Result,
    data::Split,
    eval::{
        ALL, ComparisonRow, LearningRow, ModelMean, Report, RunRow, ScoreRow, ScoredModels, TransferRow,
        format_comparison, format_means, write_table,
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
    command: String,
}

impl Outcome {
    pub(super) fn new(setup: &Setup<'_>, command: &str) -> Self {
        Self {
            title: format!("{}: {} tasks", setup.dataset().name(), setup.tasks().len()),
            config: setup.config().clone(),
            notes: setup.notes(),
            command: command.to_owned(),
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

    /// Compares each model with those after it, and each shared one with the single models.
    pub(super) fn compare(
        &mut self,
        setup: &Setup<'_>,
        (models, strategies): (&[&str], &[Strategy]),
        scored: &mut ScoredModels<'_>,
    ) -> Result<()> {
        self.notes.extend(self.diverged.iter().map(ToString::to_string));
        for (index, a) in models.iter().enumerate() {
            for b in &models[index + 1..] {
                self.comparisons.extend(scored.compare(a, b)?);
            }
        }
        let training = setup.dataset().bound_bins(Split::Train, setup.config().architecture.context_bp);
        let own = Strategy::Single.name();
        for shared in strategies.iter().filter(|strategy| strategy.is_shared()) {
            let Self { comparisons, scores, runs, .. } = &*self;
            let rows = TransferRow::all(shared.name(), own, comparisons, scores, runs, &training);
            self.transfers.extend(rows);
        }
        Ok(())
    }

    /// Writes the tables (`scores.tsv`, `runs.tsv`, `comparison.tsv`, `transfer.tsv`, `learning.tsv`), `report.html`
    /// and `config.toml`.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] if the folder has a `config.toml` of other settings, and [`Error::Io`].
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        crate::file::make_dir(folder)?;
        let path = folder.join("config.toml");
        self.config.save_or_check(&path, &self.command)?;
        let config = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
        write_table(folder.join("scores.tsv"), &self.scores)?;
        write_table(folder.join("runs.tsv"), &self.runs)?;
        write_table(folder.join("comparison.tsv"), &self.comparisons)?;
        write_table(folder.join("transfer.tsv"), &self.transfers)?;
        write_table(folder.join("learning.tsv"), &self.learning)?;
        let report = Report {
            title: &self.title,
            config: &config,
            notes: &self.notes,
            scores: &self.scores,
            runs: &self.runs,
            comparisons: &self.comparisons,
            transfers: &self.transfers,
            learning: &self.learning,
            conflicts: self.conflicts.as_ref(),
        };
        report.write(folder.join("report.html"))
    }

    /// Returns the means and the comparisons as tables for the terminal.
    pub fn summary(&self) -> String {
        let means = ModelMean::all(&self.scores);
        let mut text = format_means(&means);
        if means.iter().any(|mean| mean.tracks != means[0].tracks) {
            text += "(means over other tracks do not compare: the differences below are over common tracks)\n";
        }
        text + &format_comparison(&self.comparisons)
    }
}
