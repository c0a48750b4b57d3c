//! Tables of numbers in files, which are counts or probabilities.

use crate::motif::{
    Background, CountMatrix, ProbabilityMatrix,
    matrix::{
        count::is_counted,
        probability::{self, sums_to_1},
        rows::Row,
    },
};

/// The index of a wrong position, and what it should have been.
pub(crate) type Fault = (usize, &'static str);

/// What a file of counts should hold at each position.
pub(crate) const COUNTED: &str = "finite counts, not all 0";

/// Returns the profile of a table, and the number of sites if the table holds counts.
///
/// A table of fractions holds probabilities if one of its positions sums to 1; then all must.
pub(crate) fn profile(rows: Vec<Row>) -> Result<(ProbabilityMatrix, Option<f64>), Fault> {
    let totals: Vec<f64> = rows.iter().map(|row| row.iter().sum()).collect();
    let numbers = rows.as_flattened();
    let are_fractions = numbers.iter().all(|&x| x <= 1.0) && numbers.iter().any(|x| x.fract() != 0.0);
    let odd = totals.iter().position(|&total| !sums_to_1(total));
    if let Some(index) = odd.filter(|_| are_fractions && totals.iter().any(|&total| sums_to_1(total))) {
        return Err((index, probability::EXPECTED));
    }
    if let Some(index) = rows.iter().position(|row| !is_counted(row)) {
        return Err((index, COUNTED));
    }
    let sites = odd.map(|_| totals.into_iter().fold(0.0, f64::max));
    let probabilities = CountMatrix::new(rows).and_then(|counts| counts.to_probabilities(&Background::UNIFORM, 0.0));
    Ok((probabilities.map_err(|_| (0, "counts"))?, sites))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
