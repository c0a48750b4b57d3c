//! Trained models beside the strategies of a comparison.

use super::{Comparison, TRUTH};
use crate::{
    Error, Result,
    eval::ScoredModels,
    nn::Model,
    strategy::{Event, Outcome, TrainedModel, trainer::Trainer},
};

impl Comparison<'_> {
    /// Refuses trained models that cannot be scored, or compared seed by seed.
    pub(super) fn check_models(&self) -> Result<()> {
        for model in &self.models {
            let is_taken = model.name == TRUTH || self.arms.iter().any(|arm| arm.name == model.name);
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

    /// The part of a trained model for those of its tasks that the data set has, and these tasks.
    pub(super) fn part(&self, model: &TrainedModel) -> Result<(Model, Vec<usize>)> {
        let dataset = self.setup.dataset();
        let place = |name: &String| model.file.tasks.iter().position(|known| known == name);
        let found = dataset.tasks().iter().enumerate().filter_map(|(task, known)| Some((task, place(&known.name)?)));
        let (tasks, places): (Vec<usize>, Vec<usize>) = found.unzip();
        if tasks.is_empty() {
            let what = format!("the tasks of {} that data set {} has", model.name, dataset.name());
            return Err(Error::mismatch(what, "at least one", "none"));
        }
        for &cell in dataset.split_cells(self.setup.split()) {
            model.file.check(dataset, &dataset.cells()[cell].name)?;
        }
        let is_whole = places.iter().copied().eq(0..model.file.tasks.len());
        let network = if is_whole { Some(model.file.model.clone()) } else { model.file.model.select_tasks(&places) };
        let network = network.ok_or_else(|| Error::Mismatch {
            what: format!("the tasks of {}, whose head is not sigmoid", model.name),
            expected: model.file.tasks.join(", "),
            found: tasks.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        Ok((network, tasks))
    }

    /// Scores the trained models, and adds notes on them.
    pub(super) fn add_models(
        &self,
        trainer: &mut Trainer<'_>,
        outcome: &mut Outcome,
        scored: &mut ScoredModels<'_>,
    ) -> Result<()> {
        for model in &self.models {
            let (network, tasks) = self.part(model)?;
            let predictions = scored.evaluation().predict_tasks(&network, &tasks)?;
            for note in self.notes_on(model) {
                // Models of several seeds have the same notes.
                if !outcome.notes.contains(&note) {
                    trainer.notify(&Event::Note(&note));
                    outcome.notes.push(note);
                }
            }
            outcome.scores.extend(scored.add(&model.name, model.seed, &predictions)?);
            outcome.runs.push(model.row(self.setup.device()));
            outcome.add(self.setup, model.clone());
        }
        Ok(())
    }

    /// Notes on a trained model.
    fn notes_on(&self, model: &TrainedModel) -> Vec<String> {
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
                "{name} is of another architecture (context, motifs, width, features: {found:?}) than models that are \
                 trained now ({own:?})."
            ));
        }
        notes
    }
}
