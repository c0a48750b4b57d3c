//! The model of one task.

use std::path::Path;

#[cfg(feature = "boost")]
use super::boost::{BoostModel, EarlyStopping};
use super::{
    BaselineMethod, FactorBaseline, OnlineInput, TrainingLabels, TrainingSet, TwoFeatureNet,
    online::{Example, OnlineModel},
    training_set::parts,
};
use crate::Result;

/// The fitted model of one task.
pub(super) enum TaskModel {
    Motif,
    TwoFeature(TwoFeatureNet),
    Online(OnlineModel),
    #[cfg(feature = "boost")]
    Boost(Box<BoostModel>),
}

impl TaskModel {
    /// Fits a model to a training set.
    pub(super) fn train(
        method: BaselineMethod,
        factor: &FactorBaseline<'_>,
        set: &TrainingSet,
        task: usize,
    ) -> Result<Self> {
        let rows: Vec<usize> = set.samples().iter().map(|&sample| factor.tables.train.row(sample)).collect();
        let training = Training { factor, set, rows, task };
        Ok(match method {
            BaselineMethod::Motif => Self::Motif,
            BaselineMethod::TwoFeature => Self::TwoFeature(training.two_feature()?),
            BaselineMethod::Online => Self::Online(training.online()?),
            #[cfg(feature = "boost")]
            BaselineMethod::Boost => Self::Boost(Box::new(training.boost()?)),
        })
    }

    /// Returns the log-odds of the scored samples.
    pub(super) fn logits(&self, factor: &FactorBaseline<'_>) -> Result<Vec<f32>> {
        let scored = &factor.tables.scored;
        match self {
            Self::Motif => Ok(without_nan(factor.motif_column(scored)?)),
            Self::TwoFeature(net) => Ok(net.logits(&factor.two_columns(scored)?)),
            Self::Online(model) => {
                let table = factor.columns(scored);
                let mut input = OnlineInput::new(factor.dataset, &table, factor.config.features.flank_bp);
                let mut example = Example::new();
                let logit = |(row, sample)| {
                    input.fill(sample, row, &mut example);
                    model.predict(&example)
                };
                Ok(factor.tables.scored_samples.iter().enumerate().map(logit).collect())
            }
            #[cfg(feature = "boost")]
            Self::Boost(model) => Ok(model.logits(&factor.columns(scored))),
        }
    }

    /// Returns the number of learned parameters.
    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::Motif => 0,
            Self::TwoFeature(net) => net.parameters(),
            Self::Online(model) => model.weights_in_use(),
            #[cfg(feature = "boost")]
            Self::Boost(model) => model.parameters(),
        }
    }

    /// Writes a model that has parameters, and returns whether it has.
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

    /// Reads a model that [`save`](Self::save) wrote.
    pub(super) fn open(method: BaselineMethod, path: &Path) -> Result<Self> {
        Ok(match method {
            BaselineMethod::Motif => Self::Motif,
            BaselineMethod::TwoFeature => Self::TwoFeature(TwoFeatureNet::open(path)?),
            BaselineMethod::Online => Self::Online(OnlineModel::open(path)?),
            #[cfg(feature = "boost")]
            BaselineMethod::Boost => Self::Boost(Box::new(BoostModel::open(path)?)),
        })
    }
}

/// The training of one task's model.
struct Training<'a> {
    factor: &'a FactorBaseline<'a>,
    set: &'a TrainingSet,
    /// The row of each sample of the set in the table of the training split.
    rows: Vec<usize>,
    task: usize,
}

impl Training<'_> {
    /// Returns the labels, and the row of each in the table of the training split.
    fn labels(&self) -> (TrainingLabels, Vec<usize>) {
        let FactorBaseline { dataset, run, .. } = self.factor;
        let labels = self.set.labels(dataset, self.task, run.training.ambiguous);
        let rows = labels.indices.iter().map(|&index| self.rows[index]).collect();
        (labels, rows)
    }

    fn two_feature(&self) -> Result<TwoFeatureNet> {
        let (labels, rows) = self.labels();
        let columns = self.factor.two_columns(&self.factor.tables.train.table)?;
        let columns: Vec<Vec<f32>> =
            columns.into_iter().map(|column| rows.iter().map(|&row| column[row]).collect()).collect();
        let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
        TwoFeatureNet::fit(&columns, &labels.bound, &labels.weights)
    }

    fn online(&self) -> Result<OnlineModel> {
        let FactorBaseline { dataset, tables, run, config, .. } = self.factor;
        let mut model = OnlineModel::new(&config.online)?;
        let table = self.factor.columns(&tables.train.table);
        let mut input = OnlineInput::new(dataset, &table, config.features.flank_bp);
        let mut example = Example::new();
        for (index, weight) in self.set.draws() {
            let sample = self.set.samples()[index];
            let label = dataset.label(self.task, sample);
            for (part_index, (bound, part)) in parts(label, run.training.ambiguous).enumerate() {
                if part_index == 0 {
                    input.fill(sample, self.rows[index], &mut example);
                }
                model.learn(&example, bound, weight * part);
            }
        }
        Ok(model)
    }

    #[cfg(feature = "boost")]
    fn boost(&self) -> Result<BoostModel> {
        let FactorBaseline { dataset, tables, config, .. } = self.factor;
        let (labels, rows) = self.labels();
        let table = self.factor.columns(&tables.train.table).select(&rows);
        let valid = self.factor.columns(&tables.valid.table);
        let known: Vec<_> = tables.valid.samples.iter().map(|&sample| dataset.label(self.task, sample)).collect();
        let stopping = EarlyStopping { table: &valid, labels: &known };
        BoostModel::fit(&table, &labels.bound, &labels.weights, Some(stopping), &config.boost)
    }
}

/// Replaces missing scores, where no site matches, by one below all others.
fn without_nan(scores: &[f32]) -> Vec<f32> {
    let known = scores.iter().copied().filter(|score| !score.is_nan());
    let worst = known.reduce(f32::min).map_or(0.0, |least| least - 1.0);
    scores.iter().map(|score| if score.is_nan() { worst } else { *score }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_without_a_site_are_last_and_all_scores_are_finite() {
        assert_eq!(without_nan(&[2.0, f32::NAN, -3.5]), [2.0, -4.5, -3.5]);
        assert_eq!(without_nan(&[f32::NAN; 2]), [0.0; 2]);
    }
}
