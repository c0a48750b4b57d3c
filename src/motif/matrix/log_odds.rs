//! Log-odds at each position of a site, and the conversions between them and probabilities.

use super::{
    probability::sums_to_1,
    rows::{self, Row},
};
use crate::{
    Result,
    motif::{Background, ProbabilityMatrix},
};

/// How much likelier each base is at each position of a site than in the background, as natural logarithm.
///
/// The sum over the positions of a stretch of DNA is the log-likelihood ratio of site against background: what a
/// convolution filter with these weights computes. The matrix keeps its background, which it needs for the way back to
/// [probabilities](Self::to_probabilities).
///
/// # Examples
///
/// ```
/// use multitf::motif::{Background, ProbabilityMatrix};
///
/// let matrix = ProbabilityMatrix::new(vec![[0.5, 0.125, 0.125, 0.25]])?;
/// let log_odds = matrix.to_log_odds(&Background::UNIFORM, 0.0)?;
/// assert_eq!(log_odds.rows(), [[2_f64.ln(), 0.5_f64.ln(), 0.5_f64.ln(), 0.0]]);
/// assert_eq!(log_odds.to_probabilities(0.0)?.consensus(), "A");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LogOddsMatrix {
    rows: Vec<Row>,
    background: Background,
}

impl LogOddsMatrix {
    /// Makes a matrix of log-odds against a background. Values from files are rounded, so each position is shifted
    /// until its probabilities sum to 1.
    ///
    /// Use [`from_scores`](Self::from_scores) for scores that are not log-odds, such as those of a trained filter.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) without a position, and if a value is positive infinity or not a
    /// number, or if the probabilities of a position, `background * exp(value)`, do not sum to 1, give or take 0.02.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Background, LogOddsMatrix};
    ///
    /// let (likely, unseen) = (2_f64.ln(), f64::NEG_INFINITY);
    /// let matrix = LogOddsMatrix::new(vec![[likely, unseen, likely, unseen]], &Background::UNIFORM)?;
    /// assert_eq!(matrix.to_probabilities(0.0)?.rows(), [[0.5, 0.0, 0.5, 0.0]]);
    /// assert!(LogOddsMatrix::new(vec![[1.0, 1.0, 1.0, 1.0]], &Background::UNIFORM).is_err());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn new(rows: Vec<[f64; 4]>, background: &Background) -> Result<Self> {
        Self::from_scores(
            rows::map(rows, EXPECTED, |row| sums_to_1(total(row, background)).then_some(*row))?,
            background,
        )
    }

    /// Makes a matrix of scores: each position is shifted by a constant that makes it log-odds, and so prefers the same
    /// bases by as much.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) without a position, and if a score is positive infinity or not a
    /// number or no score of a position is finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Background, LogOddsMatrix};
    ///
    /// let twice = 2_f64.ln();
    /// let matrix = LogOddsMatrix::from_scores(vec![[7.0 + twice, 7.0, 7.0, 7.0]], &Background::UNIFORM)?;
    /// assert!((matrix.to_probabilities(0.0)?.rows()[0][0] - 0.4).abs() < 1e-12);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_scores(rows: Vec<[f64; 4]>, background: &Background) -> Result<Self> {
        let shifted = |row: &Row| {
            let greatest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shifted = row.map(|score| score - greatest);
            let constant = total(&shifted, background).ln();
            let fits = greatest.is_finite() && !row.iter().any(|score| score.is_nan());
            fits.then(|| shifted.map(|score| score - constant))
        };
        let rows = rows::map(rows, "scores below infinity, one of which is finite", shifted)?;
        Ok(Self { rows, background: *background })
    }

    /// Takes log-odds without a check.
    pub(crate) fn from_log_odds(rows: Vec<Row>, background: Background) -> Self {
        Self { rows, background }
    }

    /// Returns the log-odds: a row for each position, in the order A, C, G, T.
    pub fn rows(&self) -> &[[f64; 4]] {
        &self.rows
    }

    /// Returns the number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// Returns the log-odds on the other strand, against the background of that strand.
    pub fn reverse_complement(&self) -> Self {
        Self { rows: rows::reverse_complement(&self.rows), background: self.background.reverse_complement() }
    }

    /// Returns the background.
    pub fn background(&self) -> &Background {
        &self.background
    }

    /// Returns the probabilities: the inverse of [`ProbabilityMatrix::to_log_odds`] with the same
    /// `relative_pseudocount` r: `p = q * (1 + r) - r * background`, where `q = background * exp(log-odds)`.
    ///
    /// The pseudocount is relative to the number of sites: 0.1 for 20 sites is 0.005. A base that is less likely than
    /// the pseudocount alone makes it gets 0, and the position is divided by its sum. With 0 the result is `q`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if `relative_pseudocount` is negative or not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Background, ProbabilityMatrix};
    ///
    /// let matrix = ProbabilityMatrix::new(vec![[0.75, 0.0, 0.25, 0.0]])?;
    /// let back = matrix.to_log_odds(&Background::UNIFORM, 0.01)?.to_probabilities(0.01)?;
    /// for (back, given) in back.rows()[0].iter().zip(matrix.rows()[0]) {
    ///     assert!((back - given).abs() < 1e-12);
    /// }
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn to_probabilities(&self, relative_pseudocount: f64) -> Result<ProbabilityMatrix> {
        rows::check_pseudocount(relative_pseudocount)?;
        let background = self.background.frequencies();
        let probabilities = |row: &Row| {
            let without: Row = std::array::from_fn(|base| {
                let mixed = background[base] * row[base].exp();
                (mixed * (1.0 + relative_pseudocount) - relative_pseudocount * background[base]).max(0.0)
            });
            let sum: f64 = without.iter().sum();
            without.map(|p| p / sum)
        };
        ProbabilityMatrix::new(self.rows.iter().map(probabilities).collect())
    }
}

impl ProbabilityMatrix {
    /// Returns `ln(q / background)`, where `q = (p + r * background) / (1 + r)`, with r the `relative_pseudocount`.
    ///
    /// It is relative to the number of sites: a pseudocount of 0.1 for 20 sites is 0.005. With 0, a base that was never
    /// seen gets negative infinity, which no filter should be initialized with.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if `relative_pseudocount` is negative or not finite.
    pub fn to_log_odds(&self, background: &Background, relative_pseudocount: f64) -> Result<LogOddsMatrix> {
        rows::check_pseudocount(relative_pseudocount)?;
        let frequencies = background.frequencies();
        let log_odds = |row: &Row| {
            std::array::from_fn(|base| {
                let mixed = (row[base] + relative_pseudocount * frequencies[base]) / (1.0 + relative_pseudocount);
                (mixed / frequencies[base]).ln()
            })
        };
        Ok(LogOddsMatrix::from_log_odds(self.rows().iter().map(log_odds).collect(), *background))
    }
}

const EXPECTED: &str = "log-odds of probabilities that sum to 1, give or take 0.02";

/// Returns the sum of the probabilities of a position.
fn total(row: &Row, background: &Background) -> f64 {
    row.iter().zip(background.frequencies()).map(|(value, share)| share * value.exp()).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: &[Row], expected: &[Row], tolerance: f64) -> bool {
        let pairs = found.as_flattened().iter().zip(expected.as_flattened());
        found.len() == expected.len() && pairs.into_iter().all(|(a, b)| (a - b).abs() <= tolerance)
    }

    #[test]
    fn what_is_no_log_odds_is_an_error() {
        let message = |row| LogOddsMatrix::new(vec![[0.0; 4], row], &Background::UNIFORM).unwrap_err().to_string();
        assert_eq!(
            message([1.0, 0.0, 0.0, 0.0]),
            "position 2 of the matrix: expected log-odds of probabilities that sum to 1, give or take 0.02, found \
             [1.0, 0.0, 0.0, 0.0]"
        );
        assert!(message([f64::NAN, 0.0, 0.0, 0.0]).contains("sum to 1"));
        assert!(message([f64::INFINITY, 0.0, 0.0, 0.0]).contains("sum to 1"));
        assert!(LogOddsMatrix::new(Vec::new(), &Background::UNIFORM).is_err());
        let scores = |row| LogOddsMatrix::from_scores(vec![row], &Background::UNIFORM);
        for row in [[f64::NEG_INFINITY; 4], [f64::INFINITY, 0.0, 0.0, 0.0], [f64::NAN, 1.0, 1.0, 1.0]] {
            assert!(scores(row).unwrap_err().to_string().contains("one of which is finite"));
        }
        assert!(scores([800.0, -800.0, 0.0, 0.0]).is_ok());
    }

    #[test]
    fn probabilities_are_those_of_a_hand_example() {
        // q = .3 * 2, .2 * 1, .2 * .5, .3 / 3; with a tenth of the background taken off: (1.1 q - .1 b).
        let background = Background::new([0.3, 0.2, 0.2, 0.3]).unwrap();
        let rows = vec![[2.0_f64.ln(), 0.0, 0.5_f64.ln(), (1.0_f64 / 3.0).ln()]];
        let matrix = LogOddsMatrix::new(rows, &background).unwrap();
        assert!(close(matrix.to_probabilities(0.0).unwrap().rows(), &[[0.6, 0.2, 0.1, 0.1]], 1e-12));
        assert!(close(matrix.to_probabilities(0.1).unwrap().rows(), &[[0.63, 0.2, 0.09, 0.08]], 1e-12));
        // With a pseudocount of 1, T would be 0.2 - 0.3.
        let clamped = [[0.9 / 1.1, 0.2 / 1.1, 0.0, 0.0]];
        assert!(close(matrix.to_probabilities(1.0).unwrap().rows(), &clamped, 1e-12));
        assert!(matrix.to_probabilities(-1.0).is_err());
        assert_eq!(matrix.reverse_complement().background(), &background);
    }

    #[test]
    fn without_a_pseudocount_the_unseen_is_impossible() {
        let matrix = ProbabilityMatrix::new(vec![[0.5, 0.5, 0.0, 0.0]]).unwrap();
        let log_odds = matrix.to_log_odds(&Background::UNIFORM, 0.0).unwrap();
        let two = 2_f64.ln();
        assert_eq!(log_odds.rows(), [[two, two, f64::NEG_INFINITY, f64::NEG_INFINITY]]);
        assert!(matrix.to_log_odds(&Background::UNIFORM, f64::NAN).is_err());
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_one_was(
            weights in prop::collection::vec(prop::array::uniform4(0.0_f64..1.0), 1..30),
            shares in prop::array::uniform4(0.1_f64..1.0),
            (pseudocount, constant) in (0.0_f64..2.0, -50.0_f64..50.0),
        ) {
            let normal = |row: Row| { let sum: f64 = row.iter().sum(); row.map(|value| value / sum) };
            prop_assume!(weights.iter().all(|row| row.iter().sum::<f64>() > 0.01));
            let matrix = ProbabilityMatrix::new(weights.into_iter().map(normal).collect()).unwrap();
            let background = Background::new(normal(shares)).unwrap();
            let log_odds = matrix.to_log_odds(&background, pseudocount).unwrap();
            let back = log_odds.to_probabilities(pseudocount).unwrap();
            prop_assert!(close(back.rows(), matrix.rows(), 1e-12));
            prop_assert!(back.rows().iter().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12));
            let again = LogOddsMatrix::new(log_odds.rows().to_vec(), &background).unwrap();
            prop_assert!(close(again.rows(), log_odds.rows(), 1e-12));
            let shifted = log_odds.rows().iter().map(|row| row.map(|value| value + constant)).collect();
            let of_scores = LogOddsMatrix::from_scores(shifted, &background).unwrap();
            prop_assert!(close(of_scores.rows(), log_odds.rows(), 1e-9));
        }
    }
}
