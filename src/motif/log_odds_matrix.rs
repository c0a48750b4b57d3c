use super::rows::{self, Row};

/// How much likelier each base is at each position of a site than in the background, as natural logarithm.
///
/// The sum over the positions of a stretch of DNA is the log-likelihood ratio of site against background: what a
/// convolution filter with these weights computes. It comes from
/// [`ProbabilityMatrix::to_log_odds`](super::ProbabilityMatrix::to_log_odds).
///
/// # Examples
///
/// ```
/// use multitf::motif::{Background, ProbabilityMatrix};
///
/// let matrix = ProbabilityMatrix::new(vec![[0.5, 0.125, 0.125, 0.25]])?;
/// let log_odds = matrix.to_log_odds(&Background::UNIFORM, 0.0)?;
/// assert_eq!(log_odds.rows(), [[2_f64.ln(), 0.5_f64.ln(), 0.5_f64.ln(), 0.0]]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LogOddsMatrix {
    rows: Vec<Row>,
}

impl LogOddsMatrix {
    pub(super) fn from_rows(rows: Vec<Row>) -> Self {
        Self { rows }
    }

    /// Returns the log-odds: a row for each position, in the order A, C, G, T.
    pub fn rows(&self) -> &[[f64; 4]] {
        &self.rows
    }

    /// Returns the number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// Returns the log-odds on the other strand, which fit if the background is the same on both.
    pub fn reverse_complement(&self) -> Self {
        Self { rows: rows::reverse_complement(&self.rows) }
    }
}
