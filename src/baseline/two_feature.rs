//! A logistic regression on a few features.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::training_set::check_rows;
use crate::{
    Error, Result,
    file::{at, read_with_checksum, write_with_checksum},
};

/// The strength of the L2 penalty, beside the sum of all samples' losses.
const RIDGE: f64 = 1e-3;
const MAX_STEPS: usize = 100;

/// Logistic regression on a few features: for a factor, the best score of its motif, and accessibility.
///
/// It has a weak L2 penalty, and is fitted by Newton's method. The loss is convex, so there is one minimum. Features
/// are standardized first. A missing value (NaN) counts as the lowest value of its feature: a bin where no site matches
/// is no better than the worst.
///
/// # Examples
///
/// ```
/// use multitf::baseline::TwoFeatureNet;
///
/// let best = [9.0, 8.0, 2.0, 1.0, 7.0, f32::NAN];
/// let open = [3.0, 0.5, 2.5, 0.1, 0.2, 0.3];
/// let bound = [true, true, false, false, false, false];
/// let model = TwoFeatureNet::fit(&[&best, &open], &bound, &[1.0; 6])?;
/// let logits = model.logits(&[&best, &open]);
/// assert!(logits[0] > logits[4] && logits[4] > logits[5]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TwoFeatureNet {
    inputs: Vec<Input>,
    /// One for each input, then the bias.
    weights: Vec<f64>,
}

/// The standardization of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Input {
    mean: f64,
    scale: f64,
    lowest: f64,
}

impl TwoFeatureNet {
    /// Finds the weights with the lowest weighted logistic loss.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if columns, labels and weights differ in length, if a weight is negative or not finite, or
    /// if all labels of weight above 0 are the same.
    pub fn fit(columns: &[&[f32]], labels: &[bool], weights: &[f32]) -> Result<Self> {
        check_rows(columns, labels, weights)?;
        let inputs: Vec<Input> = columns.iter().map(|column| Input::new(column, weights)).collect();
        let rows: Vec<Vec<f64>> = (0..labels.len()).map(|row| standardized(&inputs, columns, row)).collect();
        let mut model = Self { weights: vec![0.0; inputs.len() + 1], inputs };
        let mut loss = model.loss(&rows, labels, weights);
        for _ in 0..MAX_STEPS {
            let step = model.newton(&rows, labels, weights);
            let before = (model.weights.clone(), loss);
            // Where probabilities are near 0 or 1, a full step may go too far.
            for halving in 0..60 {
                let share = 0.5_f64.powi(halving);
                model.weights = before.0.iter().zip(&step).map(|(weight, step)| weight - share * step).collect();
                loss = model.loss(&rows, labels, weights);
                if loss <= before.1 {
                    break;
                }
            }
            if before.1 - loss <= 1e-12 * before.1.abs() {
                break;
            }
        }
        Ok(model)
    }

    /// Returns the log-odds of each row.
    ///
    /// # Panics
    ///
    /// Panics if the number of columns differs from that in training.
    pub fn logits(&self, columns: &[&[f32]]) -> Vec<f32> {
        assert_eq!(columns.len(), self.inputs.len(), "as many columns as the net was fitted to");
        let rows = columns.first().map_or(0, |column| column.len());
        (0..rows).map(|row| self.logit(&standardized(&self.inputs, columns, row)) as f32).collect()
    }

    /// Returns the number of learned parameters.
    pub fn parameters(&self) -> usize {
        self.weights.len()
    }

    /// Writes the model to a file, as JSON with a checksum.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], also for a weight that is not finite.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_with_checksum(path.as_ref(), self)
    }

    /// Reads a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Corrupt`] for a damaged or foreign file, and [`Error::Format`] if it holds no model.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let model: Option<Self> = read_with_checksum(path, "remove it, and fit the net again")?;
        let model = model.ok_or_else(|| at(path)(std::io::ErrorKind::NotFound.into()))?;
        if model.weights.len() == model.inputs.len() + 1 {
            return Ok(model);
        }
        let detail = format!("{} weights for {} features and a bias", model.weights.len(), model.inputs.len());
        Err(Error::format(path, "a two-feature net", detail))
    }

    fn logit(&self, row: &[f64]) -> f64 {
        row.iter().zip(&self.weights).map(|(x, weight)| x * weight).sum()
    }

    fn loss(&self, rows: &[Vec<f64>], labels: &[bool], weights: &[f32]) -> f64 {
        let row_loss = |((row, &bound), &weight): ((&Vec<f64>, &bool), &f32)| {
            let against = if bound { -self.logit(row) } else { self.logit(row) };
            f64::from(weight) * (against.max(0.0) + (-against.abs()).exp().ln_1p())
        };
        let ridge: f64 = self.slopes().iter().map(|weight| weight * weight).sum();
        rows.iter().zip(labels).zip(weights).map(row_loss).sum::<f64>() + RIDGE / 2.0 * ridge
    }

    /// The weights without the bias.
    fn slopes(&self) -> &[f64] {
        &self.weights[..self.inputs.len()]
    }

    /// The step of Newton's method: to the minimum of a parabola with the loss's slope and curvature.
    fn newton(&self, rows: &[Vec<f64>], labels: &[bool], weights: &[f32]) -> Vec<f64> {
        let size = self.weights.len();
        let mut gradient = vec![0.0; size];
        let mut hessian = vec![vec![0.0; size]; size];
        for ((row, &bound), &weight) in rows.iter().zip(labels).zip(weights) {
            let probability = 1.0 / (1.0 + (-self.logit(row)).exp());
            let error = f64::from(weight) * (probability - f64::from(u8::from(bound)));
            let curvature = f64::from(weight) * probability * (1.0 - probability);
            for i in 0..size {
                gradient[i] += error * row[i];
                for j in 0..size {
                    hessian[i][j] += curvature * row[i] * row[j];
                }
            }
        }
        for (i, slope) in self.slopes().iter().enumerate() {
            gradient[i] += RIDGE * slope;
            hessian[i][i] += RIDGE;
        }
        // Where all probabilities are 0 or 1, the curvature of the bias vanishes.
        hessian[size - 1][size - 1] += f64::EPSILON;
        solve(hessian, gradient)
    }
}

impl Input {
    fn new(column: &[f32], weights: &[f32]) -> Self {
        let finite = column.iter().copied().filter(|value| !value.is_nan()).map(f64::from);
        let lowest = finite.reduce(f64::min).unwrap_or_default();
        let values = || column.iter().map(|&value| known(value, lowest)).zip(weights.iter().map(|&w| f64::from(w)));
        let total: f64 = values().map(|(_, weight)| weight).sum();
        let mean = values().map(|(value, weight)| value * weight).sum::<f64>() / total;
        let variance = values().map(|(value, weight)| (value - mean).powi(2) * weight).sum::<f64>() / total;
        let scale = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        Self { mean, scale, lowest }
    }
}

fn known(value: f32, lowest: f64) -> f64 {
    if value.is_nan() { lowest } else { f64::from(value) }
}

/// The standardized features of a row, and a 1 for the bias.
fn standardized(inputs: &[Input], columns: &[&[f32]], row: usize) -> Vec<f64> {
    let feature = |(input, column): (&Input, &&[f32])| (known(column[row], input.lowest) - input.mean) / input.scale;
    inputs.iter().zip(columns).map(feature).chain([1.0]).collect()
}

/// Solves a small positive definite system by Gaussian elimination.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for i in 0..size {
        let pivot = matrix[i].clone();
        for j in i + 1..size {
            let factor = matrix[j][i] / pivot[i];
            matrix[j].iter_mut().zip(&pivot).for_each(|(value, above)| *value -= factor * above);
            right[j] -= factor * right[i];
        }
    }
    for i in (0..size).rev() {
        let known: f64 = (i + 1..size).map(|j| matrix[i][j] * right[j]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    right
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::TestFile;

    #[test]
    fn mismatched_data_is_refused() {
        let message = |columns: &[&[f32]], labels: &[bool], weights: &[f32]| {
            TwoFeatureNet::fit(columns, labels, weights).unwrap_err().to_string()
        };
        assert_eq!(message(&[&[1.0]], &[true, false], &[1.0; 2]), "rows: expected 2, as many as labels, found 1");
        assert_eq!(
            message(&[], &[true, true], &[1.0; 2]),
            "labels: expected both bound and unbound, found one of them"
        );
        assert_eq!(
            message(&[], &[true, false], &[1.0, 0.0]),
            "labels: expected both bound and unbound, found one of them"
        );
        assert!(message(&[], &[true, false], &[1.0, f32::NAN]).ends_with("found NaN"));
        assert!(message(&[&[f32::INFINITY, 0.0]], &[true, false], &[1.0; 2]).ends_with("found inf"));
    }

    #[test]
    fn logits_equal_scikit_learn() {
        let oracle: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/oracles/two_feature.json")).unwrap();
        let columns: Vec<Vec<Option<f32>>> = serde_json::from_value(oracle["columns"].clone()).unwrap();
        let columns: Vec<Vec<f32>> =
            columns.into_iter().map(|column| column.into_iter().map(|x| x.unwrap_or(f32::NAN)).collect()).collect();
        let columns: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
        let labels: Vec<bool> = serde_json::from_value(oracle["bound"].clone()).unwrap();
        let weights: Vec<f32> = serde_json::from_value(oracle["weights"].clone()).unwrap();
        let expected: Vec<f32> = serde_json::from_value(oracle["logits"].clone()).unwrap();
        let model = TwoFeatureNet::fit(&columns, &labels, &weights).unwrap();
        for (found, expected) in model.logits(&columns).into_iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "{found} {expected}");
        }
    }

    #[test]
    fn a_model_comes_back_from_its_file_and_another_file_is_refused() {
        let model = TwoFeatureNet::fit(&[&[1.5, 0.25, 3.0]], &[true, false, true], &[1.0; 3]).unwrap();
        let path = TestFile::new("two-feature.json", "");
        model.save(&path).unwrap();
        assert_eq!(TwoFeatureNet::open(&path).unwrap(), model);
        for wrong in ["", "{}", r#"{"inputs": [], "weights": []}"#] {
            std::fs::write(&path, wrong).unwrap();
            assert!(matches!(TwoFeatureNet::open(&path), Err(Error::Corrupt { .. })), "{wrong}");
        }
        write_with_checksum(&path, &TwoFeatureNet { weights: Vec::new(), ..model }).unwrap();
        assert!(matches!(TwoFeatureNet::open(&path), Err(Error::Format { .. })));
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(TwoFeatureNet::open(&path), Err(Error::Io { .. })));
    }

    #[test]
    fn without_features_it_is_the_log_odds_of_the_prior() {
        let model = TwoFeatureNet::fit(&[&[2.0; 4]], &[true, false, false, false], &[1.0, 1.0, 1.0, 2.0]).unwrap();
        assert!((model.logits(&[&[2.0, 5.0]])[0] - 0.25_f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn separable_labels_give_finite_weights() {
        let column = [-3.0, -2.0, 2.0, 3.0];
        let model = TwoFeatureNet::fit(&[&column], &[false, false, true, true], &[1.0; 4]).unwrap();
        let logits = model.logits(&[&column]);
        assert!(logits.iter().all(|logit| logit.is_finite()) && logits[1] < -3.0 && logits[2] > 3.0);
    }

    proptest! {
        #[test]
        fn no_small_step_lowers_the_loss(
            rows in proptest::collection::vec((-3.0_f32..3.0, -3.0_f32..3.0, any::<bool>(), 0.1_f32..4.0), 4..40),
            step in proptest::array::uniform3(-0.01_f64..0.01),
        ) {
            let first: Vec<f32> = rows.iter().map(|row| row.0).collect();
            let second: Vec<f32> = rows.iter().map(|row| row.1).collect();
            let mut labels: Vec<bool> = rows.iter().map(|row| row.2).collect();
            (labels[0], labels[1]) = (true, false);
            let weights: Vec<f32> = rows.iter().map(|row| row.3).collect();
            let model = TwoFeatureNet::fit(&[&first, &second], &labels, &weights).unwrap();
            let row = |row| standardized(&model.inputs, &[&first, &second], row);
            let table: Vec<_> = (0..labels.len()).map(row).collect();
            let mut other = model.clone();
            other.weights.iter_mut().zip(step).for_each(|(weight, step)| *weight += step);
            let loss = model.loss(&table, &labels, &weights);
            prop_assert!(other.loss(&table, &labels, &weights) >= loss - 1e-9 * loss.abs());
        }
    }
}
