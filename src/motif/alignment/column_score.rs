//! The similarity of two positions of profiles.

use crate::motif::matrix::rows::Row;

/// A measure of the similarity of two positions of profiles, as in [Tomtom](crate::motif::Alignment#references).
///
/// # Examples
///
/// ```
/// use multitf::motif::ColumnScore;
///
/// let (a, c) = ([1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]);
/// assert_eq!(ColumnScore::Pearson.score(&a, &a), 1.0);
/// assert_eq!(ColumnScore::Pearson.score(&a, &[0.25; 4]), 0.0);
/// assert_eq!(ColumnScore::Euclidean.score(&a, &c), -2_f64.sqrt());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnScore {
    /// The correlation of the four probabilities, from -1 to 1; 0 if one position prefers no base.
    Pearson,
    /// The negative of the Euclidean distance, from -√2 to 0.
    ///
    /// The fewer positions overlap, the higher is the sum of these. Tomtom corrects for that by taking the alignment
    /// with the lowest p-value; for [`Alignment::best`](crate::motif::Alignment::best) set a large `min_overlap`.
    Euclidean,
}

impl ColumnScore {
    /// Returns the score of two positions, each four probabilities in the order A, C, G, T.
    pub fn score(self, a: &[f64; 4], b: &[f64; 4]) -> f64 {
        match self {
            Self::Pearson => {
                let (a, b) = (a.map(|p| p - MEAN), b.map(|p| p - MEAN));
                let (square_a, square_b) = (dot(&a, &a), dot(&b, &b));
                if square_a.min(square_b) < FLAT { 0.0 } else { dot(&a, &b) / (square_a * square_b).sqrt() }
            }
            Self::Euclidean => {
                let difference: Row = std::array::from_fn(|base| a[base] - b[base]);
                -dot(&difference, &difference).sqrt()
            }
        }
    }
}

const MEAN: f64 = 0.25;

/// Below this sum of squares, deviations from a quarter are rounding errors.
const FLAT: f64 = 1e-18;

fn dot(a: &Row, b: &Row) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_symmetric_and_highest_for_equal_positions() {
        let (a, b) = ([0.5, 0.25, 0.125, 0.125], [0.125, 0.125, 0.25, 0.5]);
        for measure in [ColumnScore::Pearson, ColumnScore::Euclidean] {
            assert_eq!(measure.score(&a, &b), measure.score(&b, &a));
            assert!(measure.score(&a, &a) > measure.score(&a, &b));
        }
    }

    #[test]
    fn a_position_that_is_flat_but_for_rounding_correlates_with_nothing() {
        let nearly = [0.25 + 1e-12, 0.25, 0.25, 0.25 - 1e-12];
        assert_eq!(ColumnScore::Pearson.score(&nearly, &[1.0, 0.0, 0.0, 0.0]), 0.0);
        assert_eq!(ColumnScore::Pearson.score(&[0.25; 4], &[0.25; 4]), 0.0);
    }
}
