use super::{
    Background, ProbabilityMatrix,
    probability_matrix::{self, sums_to_1},
    rows::{self, Row},
};
use crate::Result;

/// How often each base was seen at each position of aligned sites.
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
    /// [`Error::Mismatch`](crate::Error::Mismatch) without a position, and if a count is negative or no finite number
    /// or if a position has no count at all.
    pub fn new(rows: Vec<[f64; 4]>) -> Result<Self> {
        rows::not_empty(&rows)?;
        match rows.iter().position(|row| !is_counted(row)) {
            Some(index) => Err(rows::bad_position(index, EXPECTED, &rows[index])),
            None => Ok(Self { rows }),
        }
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
    /// [`Error::Config`](crate::Error::Config) if `pseudocount` is negative or no finite number.
    pub fn to_probabilities(&self, background: &Background, pseudocount: f64) -> Result<ProbabilityMatrix> {
        rows::checked_pseudocount(pseudocount)?;
        let background = background.frequencies();
        let with_pseudocounts = |row: &Row| {
            let total = row.iter().sum::<f64>() + pseudocount;
            std::array::from_fn(|base| (row[base] + pseudocount * background[base]) / total)
        };
        ProbabilityMatrix::new(self.rows.iter().map(with_pseudocounts).collect())
    }
}

/// A position that is neither of counts nor of probabilities, and what it should have been.
pub(super) type Fault = (usize, &'static str);

/// The profile of a matrix that a file has of counts or of probabilities, with the number of sites if it is of counts.
///
/// Fractions that sum to 1 at some positions are probabilities: where one position of them does not, something is wrong.
pub(super) fn profile(rows: Vec<Row>) -> Result<(ProbabilityMatrix, Option<f64>), Fault> {
    let totals: Vec<f64> = rows.iter().map(|row| row.iter().sum()).collect();
    let numbers = rows.as_flattened();
    let are_fractions = numbers.iter().all(|&x| x <= 1.0) && numbers.iter().any(|x| x.fract() != 0.0);
    let odd = totals.iter().position(|&total| !sums_to_1(total));
    if let Some(index) = odd.filter(|_| are_fractions && totals.iter().any(|&total| sums_to_1(total))) {
        return Err((index, probability_matrix::EXPECTED));
    }
    if let Some(index) = rows.iter().position(|row| !is_counted(row)) {
        return Err((index, COUNTED));
    }
    let sites = odd.map(|_| totals.into_iter().fold(0.0, f64::max));
    let probabilities = CountMatrix::new(rows).and_then(|counts| counts.to_probabilities(&Background::UNIFORM, 0.0));
    Ok((probabilities.map_err(|_| (0, "counts"))?, sites))
}

/// What each position of counts in a file is.
pub(super) const COUNTED: &str = "finite counts, not all 0";
const EXPECTED: &str = "finite counts of at least 0, not all 0";

fn is_counted(row: &Row) -> bool {
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
    fn fractions_are_probabilities_and_whole_numbers_are_counts() {
        let (matrix, sites) = profile(vec![[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 1.0]]).unwrap();
        assert_eq!((matrix.rows(), sites), (&[[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 0.0, 1.0]][..], None));
        let (matrix, sites) = profile(vec![[1.0; 4], [1.0, 1.0, 0.0, 0.0]]).unwrap();
        assert_eq!((matrix.rows(), sites), (&[[0.25; 4], [0.5, 0.5, 0.0, 0.0]][..], Some(4.0)));
        assert_eq!(profile(vec![[1.5, 0.5, 0.0, 0.0]]).unwrap().1, Some(2.0));
        assert_eq!(profile(vec![[0.5, 0.5, 0.0, 0.0], [0.5, 0.4, 0.0, 0.0]]).unwrap_err().0, 1);
        assert_eq!(profile(vec![[3.0, 0.0, 0.0, 0.0], [0.0; 4]]).unwrap_err(), (1, COUNTED));
        // Counts of single sites with weights.
        assert_eq!(profile(vec![[0.5, 0.25, 0.0, 0.0]]).unwrap().1, Some(0.75));
    }

    #[test]
    fn a_negative_pseudocount_is_an_error() {
        let counts = CountMatrix::new(vec![[1.0; 4]]).unwrap();
        let error = counts.to_probabilities(&Background::UNIFORM, -1.0).unwrap_err();
        assert_eq!(error.to_string(), "pseudocount: expected a finite number of at least 0, found -1");
    }
}
