//! A baseline of one task.

use std::path::Path;

#[cfg(feature = "boost")]
use super::boost::{BoostModel, Stopping};
use super::{
    BaselineKind, FactorBaseline, Lesson, OnlineInput, TwoFeatureNet,
    lesson::parts,
    online::{Example, OnlineModel},
};
use crate::Result;

/// A baseline of one task, fitted.
pub(super) enum TaskModel {
    Motif,
    TwoFeature(TwoFeatureNet),
    Online(OnlineModel),
    #[cfg(feature = "boost")]
    Boost(Box<BoostModel>),
}

impl TaskModel {
    /// Fits one that has something to learn.
    pub(super) fn train(kind: BaselineKind, factor: &FactorBaseline<'_>, lesson: &Lesson, task: usize) -> Result<Self> {
        // Where the lesson's samples lie among those of the training split.
        let places: Vec<usize> = lesson.samples().iter().map(|&sample| factor.tables.train.place(sample)).collect();
        let taught = Taught { factor, lesson, places, task };
        Ok(match kind {
            BaselineKind::Motif => Self::Motif,
            BaselineKind::TwoFeature => Self::TwoFeature(taught.two_feature()?),
            BaselineKind::Online => Self::Online(taught.online()?),
            #[cfg(feature = "boost")]
            BaselineKind::Boost => Self::Boost(Box::new(taught.boost()?)),
        })
    }

    /// The log-odds of the samples that are to be scored.
    pub(super) fn logits(&self, factor: &FactorBaseline<'_>) -> Result<Vec<f32>> {
        let scored = &factor.tables.scored;
        match self {
            Self::Motif => Ok(with_worst(factor.own_column(scored)?)),
            Self::TwoFeature(net) => Ok(net.logits(&factor.two_columns(scored)?)),
            Self::Online(model) => {
                let table = factor.seen(scored);
                let mut input = OnlineInput::new(factor.dataset, &table, factor.config.features.flank_bp);
                let mut example = Example::new();
                let logit = |(row, sample)| {
                    input.fill(sample, row, &mut example);
                    model.predict(&example)
                };
                Ok(factor.tables.scored_samples.iter().enumerate().map(logit).collect())
            }
            #[cfg(feature = "boost")]
            Self::Boost(model) => Ok(model.logits(&factor.seen(scored))),
        }
    }

    /// How many numbers were learned.
    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::Motif => 0,
            Self::TwoFeature(net) => net.parameters(),
            Self::Online(model) => model.weights_in_use(),
            #[cfg(feature = "boost")]
            Self::Boost(model) => model.parameters(),
        }
    }

    /// Writes what was learned, if anything was; returns whether.
    pub(super) fn save(&self, path: &Path) -> Result<bool> {
        match self {
            Self::Motif => return Ok(false),
            Self::TwoFeature(net) => net.save(path)?,
            Self::Online(model) => model.save(path)?,
            #[cfg(feature = "boost")]
            Self::Boost(model) => model.save(path)?,
        }
        Ok(true)
    }

    pub(super) fn open(kind: BaselineKind, path: &Path) -> Result<Self> {
        Ok(match kind {
            BaselineKind::Motif => Self::Motif,
            BaselineKind::TwoFeature => Self::TwoFeature(TwoFeatureNet::open(path)?),
            BaselineKind::Online => Self::Online(OnlineModel::open(path)?),
            #[cfg(feature = "boost")]
            BaselineKind::Boost => Self::Boost(Box::new(BoostModel::open(path)?)),
        })
    }
}

/// What a task's model is taught.
struct Taught<'a> {
    factor: &'a FactorBaseline<'a>,
    lesson: &'a Lesson,
    places: Vec<usize>,
    task: usize,
}

impl Taught<'_> {
    fn two_feature(&self) -> Result<TwoFeatureNet> {
        let FactorBaseline { dataset, tables, run, .. } = self.factor;
        let labels = self.lesson.labels(dataset, self.task, run.training.ambiguous);
        let of_lesson: Vec<Vec<f32>> = self
            .factor
            .two_columns(&tables.train.table)?
            .iter()
            .map(|column| labels.places.iter().map(|&place| column[self.places[place]]).collect())
            .collect();
        let columns: Vec<&[f32]> = of_lesson.iter().map(Vec::as_slice).collect();
        TwoFeatureNet::fit(&columns, &labels.bound, &labels.weights)
    }

    fn online(&self) -> Result<OnlineModel> {
        let FactorBaseline { dataset, tables, run, config, .. } = self.factor;
        let mut model = OnlineModel::new(&config.online)?;
        let table = self.factor.seen(&tables.train.table);
        let mut input = OnlineInput::new(dataset, &table, config.features.flank_bp);
        let mut example = Example::new();
        for (place, weight) in self.lesson.draws() {
            let sample = self.lesson.samples()[place];
            let label = dataset.label(self.task, sample);
            for (index, (bound, part)) in parts(label, run.training.ambiguous).enumerate() {
                if index == 0 {
                    input.fill(sample, self.places[place], &mut example);
                }
                model.learn(&example, bound, weight * part);
            }
        }
        Ok(model)
    }

    #[cfg(feature = "boost")]
    fn boost(&self) -> Result<BoostModel> {
        let FactorBaseline { dataset, tables, run, config, .. } = self.factor;
        let labels = self.lesson.labels(dataset, self.task, run.training.ambiguous);
        let rows: Vec<usize> = labels.places.iter().map(|&place| self.places[place]).collect();
        let table = self.factor.seen(&tables.train.table).select(&rows);
        let valid = self.factor.seen(&tables.valid.table);
        let known: Vec<_> = tables.valid.samples.iter().map(|&sample| dataset.label(self.task, sample)).collect();
        let stopping = Stopping { table: &valid, labels: &known };
        BoostModel::fit(&table, &labels.bound, &labels.weights, Some(stopping), &config.boost)
    }
}

/// Scores in which those that are missing, where no site fits, are worse than all others.
fn with_worst(scores: &[f32]) -> Vec<f32> {
    let known = scores.iter().copied().filter(|score| !score.is_nan());
    let worst = known.reduce(f32::min).map_or(0.0, |least| least - 1.0);
    scores.iter().map(|score| if score.is_nan() { worst } else { *score }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_without_a_site_are_the_last_and_no_score_explodes() {
        assert_eq!(with_worst(&[2.0, f32::NAN, -3.5]), [2.0, -4.5, -3.5]);
        assert_eq!(with_worst(&[f32::NAN; 2]), [0.0; 2]);
    }
}
