//! Calibration: probabilities compared with outcomes.

use crate::{Error, Result, genome::Label};

/// The genomic bins of one track whose probabilities lie in one range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// The number of genomic bins.
    pub count: u64,
    /// The mean of their probabilities.
    pub mean_probability: f64,
    /// The share of them that is bound, which equals the mean probability of a calibrated model.
    pub bound_share: f64,
}

/// The calibration of a model's probabilities on one track.
///
/// Calibration and ranking are independent: a model can be perfect in one and useless in the other. With few bound bins
/// the expected error is small for any model, so look at the reliability bins, too.
///
/// # Examples
///
/// ```
/// use multitf::{genome::Label::{Bound, Unbound}, metric::Calibration};
///
/// let calibration = Calibration::new(&[0.25, 0.25, 0.75, 0.75], &[Unbound, Unbound, Bound, Unbound], 10)?;
/// assert_eq!(calibration.brier_score(), Some(0.1875));
/// assert_eq!(calibration.expected_error(), Some(0.25));
/// assert_eq!(calibration.bins()[1].bound_share, 0.5);
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
///
/// Brier 1950, [doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2][brier]; Naeini et al. 2015,
/// [doi:10.1609/aaai.v29i1.9602](https://doi.org/10.1609/aaai.v29i1.9602).
///
/// [brier]: https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2
#[derive(Clone, Debug)]
pub struct Calibration {
    bins: Vec<ReliabilityBin>,
    squared_error: f64,
}

impl Calibration {
    /// Sorts the genomic bins of one track into `bins` equal ranges of probability; those labelled `Ambiguous` or
    /// `Missing` are skipped. A probability on a border belongs to the range below.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if there are not as many labels as probabilities or if one is not between 0 and 1,
    /// [`Error::ScoreNan`] if the probability of a bound or unbound bin is not a number, and [`Error::Config`] if
    /// `bins` is 0.
    pub fn new(probabilities: &[f32], labels: &[Label], bins: usize) -> Result<Self> {
        Error::unless_equal("number of labels", probabilities.len(), labels.len())?;
        Error::unless(bins > 0, "bins", "at least 1", bins)?;
        let mut sums = vec![Sums::default(); bins];
        let mut squared_error = 0.0;
        for (index, (&probability, label)) in probabilities.iter().zip(labels).enumerate() {
            let bound = match label {
                Label::Bound => 1,
                Label::Unbound => 0,
                Label::Ambiguous | Label::Missing => continue,
            };
            let probability = checked(index, probability)?;
            squared_error += (probability - bound as f64).powi(2);
            let range = ((probability * bins as f64).ceil() as usize).clamp(1, bins) - 1;
            sums[range].count += 1;
            sums[range].bound += bound;
            sums[range].probability += probability;
        }
        Ok(Self { bins: sums.iter().filter_map(Sums::mean).collect(), squared_error })
    }

    /// Returns the ranges that are not empty, from low to high.
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// Returns the mean squared difference of probability and outcome, `None` without a bound or unbound bin.
    pub fn brier_score(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.squared_error / count as f64)
    }

    /// Returns the expected calibration error: the mean absolute difference of mean probability and bound share over
    /// the ranges, weighted by their counts. `None` without a bound or unbound bin.
    pub fn expected_error(&self) -> Option<f64> {
        let count = self.count();
        let error = |bin: &ReliabilityBin| bin.count as f64 * (bin.mean_probability - bin.bound_share).abs();
        (count > 0).then(|| self.bins.iter().map(error).sum::<f64>() / count as f64)
    }

    fn count(&self) -> u64 {
        self.bins.iter().map(|bin| bin.count).sum()
    }
}

fn checked(index: usize, probability: f32) -> Result<f64> {
    match probability {
        p if p.is_nan() => Err(Error::ScoreNan { index }),
        p if (0.0..=1.0).contains(&p) => Ok(f64::from(p)),
        p => Err(Error::mismatch(format!("probability {index}"), "0 to 1", p)),
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    count: u64,
    bound: u64,
    probability: f64,
}

impl Sums {
    fn mean(&self) -> Option<ReliabilityBin> {
        (self.count > 0).then(|| ReliabilityBin {
            count: self.count,
            mean_probability: self.probability / self.count as f64,
            bound_share: self.bound as f64 / self.count as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Label::{Ambiguous, Bound, Missing, Unbound};

    #[test]
    fn zero_one_and_borders_have_their_ranges() {
        let calibration = Calibration::new(&[0.0, 0.25, 0.5, 0.75, 1.0], &[Unbound; 5], 2).unwrap();
        assert_eq!(calibration.bins().iter().map(|bin| bin.count).collect::<Vec<_>>(), [3, 2]);
    }

    #[test]
    fn skipped_bins_may_hold_anything_and_leave_nothing_defined() {
        let calibration = Calibration::new(&[f32::NAN, 7.0], &[Missing, Ambiguous], 10).unwrap();
        assert_eq!((calibration.brier_score(), calibration.expected_error()), (None, None));
        assert!(calibration.bins().is_empty());
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        let message = |p, bins| Calibration::new(&[p], &[Bound], bins).unwrap_err().to_string();
        assert_eq!(message(1.5, 10), "probability 0: expected 0 to 1, found 1.5");
        assert!(message(f32::NAN, 10).starts_with("score 0 is not a number, and has no rank"));
        assert_eq!(message(0.5, 0), "bins: expected at least 1, found 0");
    }
}
