//! What looks say of two tasks.

use serde::{Deserialize, Serialize};

use super::student::{p_value, quantile};

/// What the looks of a run say of two tasks, or of one and itself.
///
/// # Examples
///
/// ```
/// use multitf::train::PairLooks;
///
/// let mut pair = PairLooks { samples: 500, ..PairLooks::default() };
/// for product in [-1.0, -2.0, -3.0] {
///     pair.add(product);
/// }
/// assert_eq!((pair.looks, pair.mean()), (3, Some(-2.0)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "(u32, f64, f64, u64)", into = "(u32, f64, f64, u64)")]
pub struct PairLooks {
    /// The number of looks that could tell.
    pub looks: u32,
    /// The sum over these looks of the inner product of the tasks' gradients.
    pub sum: f64,
    /// The sum of the squares of these products.
    pub squares: f64,
    /// The samples of all looks with a label of both.
    pub samples: u64,
}

impl PairLooks {
    /// Adds the inner product of a look.
    pub fn add(&mut self, product: f64) {
        self.looks += 1;
        self.sum += product;
        self.squares += product * product;
    }

    /// Returns the mean product; none without a look.
    pub fn mean(&self) -> Option<f64> {
        (self.looks > 0).then(|| self.sum / f64::from(self.looks))
    }

    /// The standard error of the mean; none with fewer than two looks.
    fn standard_error(&self) -> Option<f64> {
        let looks = f64::from(self.looks);
        let spread = self.squares - self.sum * self.sum / looks;
        (self.looks > 1).then(|| (spread.max(0.0) / (looks * (looks - 1.0))).sqrt())
    }

    /// Half the width of the mean's 95 % interval, by Student's t over the looks.
    pub(super) fn half_width(&self) -> Option<f64> {
        Some(self.standard_error()? * quantile(self.looks - 1))
    }

    /// The two-sided p-value of a mean of 0.
    pub(super) fn p_value(&self) -> Option<f64> {
        let (mean, error) = (self.mean()?, self.standard_error()?);
        Some(if mean == 0.0 { 1.0 } else { p_value(mean / error, self.looks - 1) })
    }
}

impl From<(u32, f64, f64, u64)> for PairLooks {
    fn from((looks, sum, squares, samples): (u32, f64, f64, u64)) -> Self {
        Self { looks, sum, squares, samples }
    }
}

impl From<PairLooks> for (u32, f64, f64, u64) {
    fn from(PairLooks { looks, sum, squares, samples }: PairLooks) -> Self {
        (looks, sum, squares, samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_and_p_values_are_those_of_a_t_test() {
        // scipy.stats.ttest_1samp([1, 2, 3, 4, 5], 0): p = .0132 and, for the mean, 1.0368 to 4.9632.
        let mut pair = PairLooks::default();
        assert_eq!((pair.mean(), pair.half_width(), pair.p_value()), (None, None, None));
        for product in [1.0, 2.0, 3.0, 4.0, 5.0] {
            pair.add(product);
        }
        assert_eq!(pair.mean(), Some(3.0));
        assert!((pair.half_width().unwrap() - 1.963_243).abs() < 1e-5, "{:?}", pair.half_width());
        assert!((pair.p_value().unwrap() - 0.013_236).abs() < 1e-5, "{:?}", pair.p_value());
    }

    #[test]
    fn one_look_has_no_interval_and_looks_without_a_product_no_evidence() {
        let mut pair = PairLooks::default();
        pair.add(2.0);
        assert_eq!((pair.mean(), pair.half_width(), pair.p_value()), (Some(2.0), None, None));
        let mut nothing = PairLooks::default();
        nothing.add(0.0);
        nothing.add(0.0);
        assert_eq!((nothing.half_width(), nothing.p_value()), (Some(0.0), Some(1.0)));
    }
}
