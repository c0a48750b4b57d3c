//! Boosted trees, by the library forust.
//!
//! # Examples
//!
//! ```
//! use multitf::baseline::{boost::{BoostConfig, BoostModel}, features::FeatureTable};
//!
//! // Bound where both are high.
//! let value = |row: usize, bit: usize| (row >> bit & 1) as f32;
//! let columns = vec![(0..400).map(|row| value(row, 0)).collect(), (0..400).map(|row| value(row, 1)).collect()];
//! let table = FeatureTable::new(vec!["motif".into(), "open".into()], columns)?;
//! let bound: Vec<bool> = (0..400).map(|row| value(row, 0) * value(row, 1) > 0.0).collect();
//!
//! let config = BoostConfig { rounds: 20, ..BoostConfig::default() };
//! let model = BoostModel::fit(&table, &bound, &[1.0; 400], None, &config)?;
//! for (logit, bound) in model.logits(&table).into_iter().zip(bound) {
//!     assert_eq!(logit > 0.0, bound);
//! }
//! # Ok::<(), multitf::Error>(())
//! ```
//!
//! # References
//!
//! Friedman 2001, [doi:10.1214/aos/1013203451](https://doi.org/10.1214/aos/1013203451); with second derivatives and a
//! direction for what is missing, Chen and Guestrin 2016,
//! [doi:10.1145/2939672.2939785](https://doi.org/10.1145/2939672.2939785).

#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use forust_ml::{Matrix, gradientbooster::GradientBooster, objective::ObjectiveType};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{features::FeatureTable, training_set::check_rows};
use crate::{
    Error, Result,
    file::{at, write_atomic},
    genome::Label,
    metric::Curve,
};

/// The settings of boosted trees. Names and defaults are those of XGBoost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BoostConfig {
    /// The number of trees (default 600).
    pub rounds: usize,
    /// The most splits from a tree's root to a leaf (default 6).
    pub depth: usize,
    /// The factor on each tree's contribution (default 0.05).
    pub learning_rate: f32,
    /// The strength of the L2 penalty on leaves (default 1).
    pub lambda: f32,
    /// The least sum of second derivatives in a leaf (default 1).
    pub min_child_weight: f32,
    /// The number of trees between two validations (default 10).
    pub validate_every: usize,
}

impl Default for BoostConfig {
    fn default() -> Self {
        Self { rounds: 600, depth: 6, learning_rate: 0.05, lambda: 1.0, min_child_weight: 1.0, validate_every: 10 }
    }
}

/// The rows for early stopping: their average precision decides how many trees are kept.
#[derive(Clone, Copy, Debug)]
pub struct EarlyStopping<'a> {
    /// The features of each row.
    pub table: &'a FeatureTable,
    /// The label of each row; ambiguous and missing ones are ignored.
    pub labels: &'a [Label],
}

/// Boosted trees for one task.
///
/// See the [module](self) for an example.
pub struct BoostModel {
    booster: GradientBooster,
    features: usize,
}

impl BoostModel {
    /// Grows trees that lower the weighted logistic loss.
    ///
    /// With `stopping`, as many of the first trees are kept as score best there.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work; [`Error::Mismatch`] if rows, labels and weights differ in
    /// number, if a feature is infinite, if a weight is negative or not finite, or if all labels are the same.
    pub fn fit(
        table: &FeatureTable,
        labels: &[bool],
        weights: &[f32],
        stopping: Option<EarlyStopping<'_>>,
        config: &BoostConfig,
    ) -> Result<Self> {
        config.check()?;
        let columns: Vec<&[f32]> = table.columns().iter().map(Vec::as_slice).collect();
        check_rows(&columns, labels, weights)?;
        let (rows, features) = (table.rows(), table.columns().len());
        let values: Vec<f64> = table.columns().iter().flatten().map(|&value| f64::from(value)).collect();
        let targets: Vec<f64> = labels.iter().map(|&bound| f64::from(u8::from(bound))).collect();
        let weights: Vec<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::LogLoss)
            .set_initialize_base_score(true)
            .set_tiled_histograms(true)
            .set_iterations(config.rounds)
            .set_max_depth(config.depth)
            // Trees grow level by level, as deep as allowed.
            .set_max_leaves(usize::MAX)
            .set_learning_rate(config.learning_rate)
            .set_l2(config.lambda)
            .set_min_leaf_weight(config.min_child_weight);
        let fitted = booster.fit(&Matrix::new(&values, rows, features), &targets, &weights, None);
        fitted.map_err(|error| Error::mismatch("features of boosted trees", "numbers to grow trees on", error))?;
        let mut model = Self { booster, features };
        if let Some(stopping) = stopping {
            let kept = model.best_length(stopping, config.validate_every)?;
            model.booster.trees.truncate(kept);
        }
        Ok(model)
    }

    /// Returns the number of trees with the best score, or of all trees if no label counts.
    fn best_length(&self, stopping: EarlyStopping<'_>, every: usize) -> Result<usize> {
        let all = self.booster.trees.len();
        let (mut kept, mut best) = (all, f64::NEG_INFINITY);
        let mut logits = vec![self.booster.base_score; stopping.table.rows()];
        for from in (0..all).step_by(every) {
            let to = (from + every).min(all);
            self.add(stopping.table, from..to, &mut logits);
            let scores: Vec<f32> = logits.iter().map(|&logit| logit as f32).collect();
            let score = Curve::new(&scores, stopping.labels)?.average_precision();
            if let Some(score) = score.filter(|&score| score > best) {
                (kept, best) = (to, score);
            }
        }
        Ok(kept)
    }

    /// Returns the log-odds of each row.
    ///
    /// # Panics
    ///
    /// Panics if the number of columns differs from that in training.
    pub fn logits(&self, table: &FeatureTable) -> Vec<f32> {
        assert_eq!(table.columns().len(), self.features, "as many columns as the trees were grown on");
        let mut logits = vec![self.booster.base_score; table.rows()];
        self.add(table, 0..self.booster.trees.len(), &mut logits);
        logits.into_iter().map(|logit| logit as f32).collect()
    }

    /// Adds the contributions of some trees to each row.
    fn add(&self, table: &FeatureTable, trees: std::ops::Range<usize>, logits: &mut [f64]) {
        let add = |(index, logit): (usize, &mut f64)| {
            let row: Vec<f64> = table.columns().iter().map(|column| f64::from(column[index])).collect();
            for tree in &self.booster.trees[trees.clone()] {
                *logit += tree.predict_row_from_row_slice(&row, &f64::NAN);
            }
        };
        logits.par_iter_mut().enumerate().for_each(add);
    }

    /// Returns the number of trees.
    pub fn trees(&self) -> usize {
        self.booster.trees.len()
    }

    /// Returns the number of learned parameters: a threshold or a value for each node.
    pub fn parameters(&self) -> usize {
        self.booster.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// Writes the number of features and the trees, as JSON, to a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], and [`Error::Format`] if a number cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let json = self.booster.json_dump().map_err(|error| unreadable(path, &error))?;
        write_atomic(path, |writer| write!(writer, "{}\n{json}", self.features))
    }

    /// Reads a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], and [`Error::Format`] if the file holds no trees.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(at(path))?;
        let (features, json) = text.split_once('\n').unwrap_or(("", &text));
        let features = features.parse().map_err(|error: std::num::ParseIntError| unreadable(path, &error))?;
        let booster = GradientBooster::from_json(json).map_err(|error| unreadable(path, &error))?;
        Ok(Self { booster, features })
    }
}

impl BoostConfig {
    pub(super) fn check(&self) -> Result<()> {
        let works = |key: &str, works: bool, expected: &str, found: &dyn ToString| {
            Error::unless(works, format!("boost.{key}"), expected, found.to_string())
        };
        for (key, most, found) in [
            ("rounds", 1_000_000, self.rounds),
            ("depth", 30, self.depth),
            ("validate_every", usize::MAX, self.validate_every),
        ] {
            Error::unless_within(1..=most, format!("boost.{key}"), found)?;
        }
        let rate = self.learning_rate;
        works("learning_rate", rate > 0.0 && rate.is_finite(), "a number above 0", &rate)?;
        for (key, value) in [("lambda", self.lambda), ("min_child_weight", self.min_child_weight)] {
            works(key, value >= 0.0 && value.is_finite(), "a number of at least 0", &value)?;
        }
        Ok(())
    }
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::format(path, "boosted trees", error.to_string())
}
