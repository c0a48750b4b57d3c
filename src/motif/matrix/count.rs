//! Base counts at each position of aligned sites.

use super::rows::{self, Row};
use crate::{
    Result,
    motif::{Background, ProbabilityMatrix},
};

/// How often each base occurs at each position of aligned sites.
///
/// # Examples
///
/// ```
/// use multitf::motif::{Background, CountMatrix};
///
/// let counts = CountMatrix::new(vec![[3.0, 0.0, 0.0, 1.0]])?;
/// let probabilities = counts.to_probabilities(&Background::UNIFORM, 4.0)?;
/// assert_eq!(probabilities.rows(), [[0.5, 0.125, 0.125, 0.25]]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CountMatrix {
    rows: Vec<Row>,
}

impl CountMatrix {
    /// Makes a matrix of counts, which need not be whole.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) without a position, and if a count is negative or not finite or
    /// if all counts of a position are 0.
    pub fn new(rows: Vec<[f64; 4]>) -> Result<Self> {
        Ok(Self { rows: rows::map(rows, EXPECTED, |row| is_counted(row).then_some(*row))? })
    }

    /// Returns the counts: a row for each position, in the order A, C, G, T.
    pub fn rows(&self) -> &[[f64; 4]] {
        &self.rows
    }

    /// Returns the number of positions.
    pub fn width(&self) -> usize {
        self.rows.len()
    }

    /// Returns the counts of the other strand.
    pub fn reverse_complement(&self) -> Self {
        Self { rows: rows::reverse_complement(&self.rows) }
    }

    /// Returns the probabilities `(count + pseudocount * background) / (total + pseudocount)`, where the total is that
    /// of the position: `pseudocount` sites drawn from the background are added.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if `pseudocount` is negative or not finite.
    pub fn to_probabilities(&self, background: &Background, pseudocount: f64) -> Result<ProbabilityMatrix> {
        rows::check_pseudocount(pseudocount)?;
        let background = background.frequencies();
        let with_pseudocounts = |row: &Row| {
            let total = row.iter().sum::<f64>() + pseudocount;
            std::array::from_fn(|base| (row[base] + pseudocount * background[base]) / total)
        };
        ProbabilityMatrix::new(self.rows.iter().map(with_pseudocounts).collect())
    }
}

const EXPECTED: &str = "finite counts of at least 0, not all 0";

/// Whether a position holds counts.
pub(crate) fn is_counted(row: &Row) -> bool {
    let total: f64 = row.iter().sum();
    row.iter().all(|&count| count >= 0.0) && total > 0.0 && total.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_count_is_an_error() {
        let message = |row| CountMatrix::new(vec![[1.0; 4], row]).unwrap_err().to_string();
        assert_eq!(
            message([1.0, -1.0, 0.0, 0.0]),
            "position 2 of the matrix: expected finite counts of at least 0, not all 0, found [1.0, -1.0, 0.0, 0.0]"
        );
        assert!(message([0.0; 4]).contains("not all 0"));
        assert!(message([f64::NAN, 1.0, 1.0, 1.0]).contains("finite"));
        assert!(message([f64::MAX, f64::MAX, 1.0, 1.0]).contains("finite"));
        assert_eq!(
            CountMatrix::new(Vec::new()).unwrap_err().to_string(),
            "width of the matrix: expected at least 1, found 0"
        );
    }

    #[test]
    fn a_negative_pseudocount_is_an_error() {
        let counts = CountMatrix::new(vec![[1.0; 4]]).unwrap();
        let error = counts.to_probabilities(&Background::UNIFORM, -1.0).unwrap_err();
        assert_eq!(error.to_string(), "pseudocount: expected a finite number of at least 0, found -1");
    }
}
