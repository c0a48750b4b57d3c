//! Base probabilities at each position of a site.

use std::ops::Range;

use super::rows::{self, Row};
use crate::Result;

/// How likely each base is at each position of a site.
///
/// # Examples
///
/// ```
/// use multitf::motif::ProbabilityMatrix;
///
/// let matrix = ProbabilityMatrix::new(vec![[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]])?;
/// assert_eq!(matrix.width(), 2);
/// assert_eq!(matrix.consensus(), "AG");
/// assert_eq!(matrix.reverse_complement().consensus(), "AT");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProbabilityMatrix {
    rows: Vec<Row>,
}

impl ProbabilityMatrix {
    /// Makes a matrix of probabilities. Values from files are rounded, so each position is divided by its sum.
    ///
    /// Rounded to two decimals, as collections print them, a probability is off by up to 0.005, and the sum of four by
    /// up to 0.02.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) without a position, and if a probability is negative or not a number
    /// or if a position does not sum to 1, give or take 0.02.
    pub fn new(rows: Vec<[f64; 4]>) -> Result<Self> {
        Ok(Self { rows: rows::map(rows, EXPECTED, normalized)? })
    }

    /// Returns the probabilities: a row for each position, in the order A, C, G, T.
    pub fn rows(&self) -> &[[f64; 4]] {
        &self.rows
    }

    /// Returns the number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// Returns the probabilities on the other strand.
    pub fn reverse_complement(&self) -> Self {
        Self { rows: rows::reverse_complement(&self.rows) }
    }

    /// Returns the information of each position in bits: 2 less the entropy, never below 0.
    pub fn information(&self) -> impl DoubleEndedIterator<Item = f64> + ExactSizeIterator {
        self.rows.iter().map(information)
    }

    /// Returns the information in bits, summed over positions.
    pub fn information_content(&self) -> f64 {
        self.information().sum()
    }

    /// Returns the profile without the positions at either end whose [`information`](Self::information) is below
    /// `min_information` bits, or `None` if no position is left.
    ///
    /// Positions between informative ones stay, whatever their information.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::ProbabilityMatrix;
    ///
    /// let (flat, g) = ([0.25; 4], [0.0, 0.0, 1.0, 0.0]);
    /// let matrix = ProbabilityMatrix::new(vec![flat, flat, g, flat, g, flat])?;
    /// let trimmed = matrix.trimmed(0.5).expect("two positions hold 2 bits each");
    /// assert_eq!(trimmed.rows(), [g, flat, g]);
    /// assert_eq!(matrix.trimmed(2.5), None);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn trimmed(&self, min_information: f64) -> Option<Self> {
        Some(Self { rows: self.rows[self.core(min_information)?].to_vec() })
    }

    /// The positions from the first to the last one of so much information.
    pub(crate) fn core(&self, min_information: f64) -> Option<Range<usize>> {
        let first = self.information().position(|bits| bits >= min_information)?;
        let last = self.information().rposition(|bits| bits >= min_information)?;
        Some(first..last + 1)
    }

    /// Returns the likeliest base of each position; of equals, the first in the order A, C, G, T.
    pub fn consensus(&self) -> String {
        let likeliest = |row: &Row| (1..4).fold(0, |best, base| if row[base] > row[best] { base } else { best });
        self.rows.iter().map(|row| ['A', 'C', 'G', 'T'][likeliest(row)]).collect()
    }
}

/// What each position of a profile should be.
pub(crate) const EXPECTED: &str = "probabilities that sum to 1, give or take 0.02";

fn information(row: &Row) -> f64 {
    let entropy = -row.iter().filter(|&&p| p > 0.0).map(|p| p * p.log2()).sum::<f64>();
    (2.0 - entropy).max(0.0)
}

/// Whether four probabilities, each rounded to two decimals, may have this sum.
pub(crate) fn sums_to_1(sum: f64) -> bool {
    // Floats are rounded, too.
    (sum - 1.0).abs() <= 0.02 + 1e-9
}

/// Returns the row divided by its sum, or nothing if it holds no probabilities.
pub(crate) fn normalized(row: &Row) -> Option<Row> {
    let sum: f64 = row.iter().sum();
    let fits = row.iter().all(|&probability| probability >= 0.0) && sums_to_1(sum);
    fits.then(|| row.map(|probability| probability / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_probability_is_an_error() {
        let message = |row| ProbabilityMatrix::new(vec![row]).unwrap_err().to_string();
        assert_eq!(
            message([0.5; 4]),
            "position 1 of the matrix: expected probabilities that sum to 1, give or take 0.02, found [0.5, 0.5, 0.5, \
             0.5]"
        );
        assert!(message([1.5, -0.5, 0.0, 0.0]).contains("sum to 1"));
        assert!(message([f64::NAN, 0.0, 0.0, 1.0]).contains("sum to 1"));
        assert!(ProbabilityMatrix::new(Vec::new()).is_err());
    }

    #[test]
    fn rounding_in_a_row_is_undone() {
        let matrix = ProbabilityMatrix::new(vec![[0.333, 0.333, 0.333, 0.0]]).unwrap();
        assert_eq!(matrix.rows()[0].iter().sum::<f64>(), 1.0);
    }

    #[test]
    fn four_numbers_of_two_decimals_may_be_off_by_two_hundredths() {
        // An eighth is 0.13 or 0.12, as one rounds up or to even: 0.385, 0.385, 0.115 and 0.115 sum to 1.
        for (row, sum) in [([0.39, 0.39, 0.12, 0.12], 1.02), ([0.38, 0.38, 0.11, 0.11], 0.98)] {
            let matrix = ProbabilityMatrix::new(vec![row]).unwrap();
            for (found, given) in matrix.rows()[0].iter().zip(row) {
                assert!((found - given / sum).abs() < 1e-15, "{found} of {given}");
            }
        }
        for wrong in [[0.39, 0.39, 0.12, 0.121], [0.38, 0.38, 0.11, 0.109]] {
            assert!(ProbabilityMatrix::new(vec![wrong]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn information_is_2_bits_for_a_sure_base_1_for_two_and_0_for_four() {
        let matrix = ProbabilityMatrix::new(vec![[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0], [0.25; 4]]).unwrap();
        assert_eq!(matrix.information().collect::<Vec<_>>(), [2.0, 1.0, 0.0]);
        assert_eq!(matrix.information_content(), 3.0);
    }

    #[test]
    fn trimming_stops_at_the_first_position_that_reaches_the_bound() {
        let rows = vec![[0.25; 4], [0.0, 0.5, 0.5, 0.0], [1.0, 0.0, 0.0, 0.0], [0.25; 4], [0.5, 0.5, 0.0, 0.0]];
        let matrix = ProbabilityMatrix::new(rows.clone()).unwrap();
        let trimmed = |bound| matrix.trimmed(bound).map(|trimmed| trimmed.rows);
        assert_eq!(trimmed(0.0), Some(rows.clone()));
        assert_eq!(trimmed(1.0), Some(rows[1..].to_vec()));
        assert_eq!(trimmed(1.5), Some(rows[2..3].to_vec()));
        for bound in [2.1, f64::INFINITY, f64::NAN] {
            assert_eq!(trimmed(bound), None);
        }
    }
}
