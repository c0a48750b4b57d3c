//! P-values of a motif's scores.

use super::{LogOddsMatrix, MarkovBackground, matrix::rows};
use crate::Result;

/// Number of steps in the range of a motif's scores.
const STEPS: usize = 1 << 16;

/// The distribution of a motif's scores where nothing binds.
///
/// It is computed by dynamic programming over the positions. At each position scores are rounded to steps of 1/65,536
/// of their range. A p-value counts all sequences that rounding may have moved past the score: it is never too small,
/// and too large at most by the probability of the scores that lie below it by no more than twice the
/// [`max_rounding_error`](Self::max_rounding_error) and a step.
///
/// # Examples
///
/// ```
/// use multitf::motif::{Background, CountMatrix, ScoreDistribution};
///
/// let counts = CountMatrix::new(vec![[8.0, 0.0, 0.0, 0.0], [0.0, 4.0, 4.0, 0.0]])?;
/// let matrix = counts.to_probabilities(&Background::UNIFORM, 1.0)?.to_log_odds(&Background::UNIFORM, 0.0)?;
/// let distribution = ScoreDistribution::new(&matrix, &Background::UNIFORM.into())?;
/// // AC and AG are the best of the 16 sequences.
/// let best: f64 = matrix.rows().iter().map(|row| row.iter().copied().fold(f64::MIN, f64::max)).sum();
/// assert_eq!(distribution.p_value(best), 2.0 / 16.0);
/// assert!(distribution.threshold(0.2) <= best && distribution.p_value(distribution.threshold(0.2)) <= 0.2);
/// assert_eq!(distribution.threshold(0.1), f64::INFINITY);
/// # Ok::<(), multitf::Error>(())
/// ```
///
/// # References
///
/// Staden 1989, [doi:10.1093/bioinformatics/5.2.89](https://doi.org/10.1093/bioinformatics/5.2.89), and for the error
/// of rounding, Touzet and Varré 2007, [doi:10.1186/1748-7188-2-15](https://doi.org/10.1186/1748-7188-2-15).
#[derive(Clone, Debug)]
pub struct ScoreDistribution {
    lowest: f64,
    step: f64,
    max_rounding_error: f64,
    /// The probability that the rounded score is at least each step.
    survival: Vec<f64>,
}

impl ScoreDistribution {
    /// Computes the distribution of a motif's scores.
    ///
    /// A base that is impossible at a position (minus infinity) gives a sequence the lowest score.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if a position has no finite log-odds, or one that is not a number or
    /// plus infinity.
    pub fn new(matrix: &LogOddsMatrix, background: &MarkovBackground) -> Result<Self> {
        let lowest = Self::bounds(matrix, f64::min)?;
        let highest = Self::bounds(matrix, f64::max)?;
        let range: f64 = highest.iter().zip(&lowest).map(|(high, low)| high - low).sum();
        // A motif without preferences has one score, and no range.
        let step = range.max(1e-9) / STEPS as f64;
        let steps = |score: f64, low: f64| score.is_finite().then(|| ((score - low) / step).round() as usize);
        let rows: Vec<_> =
            matrix.rows().iter().zip(&lowest).map(|(row, &low)| row.map(|score| steps(score, low))).collect();
        let mut survival = score_probabilities(&rows, background);
        let mut above = 0.0;
        for probability in survival.iter_mut().rev() {
            above += *probability;
            *probability = above;
        }
        // The second term is for the rounding of floats.
        let max_rounding_error =
            step * matrix.width() as f64 / 2.0 + 1e-9 * highest.iter().chain(&lowest).map(|x| x.abs()).sum::<f64>();
        Ok(Self { lowest: lowest.iter().sum(), step, max_rounding_error, survival })
    }

    /// Returns the lowest or the highest finite log-odds of each position.
    fn bounds(matrix: &LogOddsMatrix, bound: fn(f64, f64) -> f64) -> Result<Vec<f64>> {
        let finite = |(index, row): (usize, &[f64; 4])| {
            let finite = row.iter().copied().filter(|score| score.is_finite()).reduce(bound);
            let fits = row.iter().all(|&score| score < f64::INFINITY);
            let error = || rows::bad_position(index, "log-odds, at least one of them finite", row);
            finite.filter(|_| fits).ok_or_else(error)
        };
        matrix.rows().iter().enumerate().map(finite).collect()
    }

    /// Returns the probability that a sequence of the background scores at least `score`.
    ///
    /// ```
    /// use multitf::motif::{Background, ProbabilityMatrix, ScoreDistribution};
    ///
    /// let matrix = ProbabilityMatrix::new(vec![[0.7, 0.1, 0.1, 0.1]])?.to_log_odds(&Background::UNIFORM, 0.0)?;
    /// let distribution = ScoreDistribution::new(&matrix, &Background::UNIFORM.into())?;
    /// assert_eq!(distribution.p_value(1.0), 0.25);
    /// assert_eq!(distribution.p_value(-0.9), 0.25);
    /// assert_eq!(distribution.p_value(-1.0), 1.0);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn p_value(&self, score: f64) -> f64 {
        if score == f64::NEG_INFINITY {
            return 1.0;
        }
        let least = ((score - self.max_rounding_error - self.lowest) / self.step).ceil();
        if least.is_nan() {
            return f64::NAN;
        }
        // A float below 0 becomes index 0.
        self.survival.get(least as usize).copied().unwrap_or(0.0)
    }

    /// Returns the lowest score that has a p-value of at most `p_value`, or one that is higher by no more than twice
    /// the [`max_rounding_error`](Self::max_rounding_error) and two steps. It is infinity if there is none.
    pub fn threshold(&self, p_value: f64) -> f64 {
        let first = self.survival.partition_point(|&tail| tail > p_value);
        match self.survival.get(first) {
            Some(&tail) if tail > 0.0 => self.lowest + first as f64 * self.step + self.max_rounding_error,
            _ => f64::INFINITY,
        }
    }

    /// Returns the largest difference between a sequence's score and its rounded score: half a step for each position.
    pub fn max_rounding_error(&self) -> f64 {
        self.max_rounding_error
    }
}

/// One position: the steps that each base adds; nothing if it is impossible.
type Steps = [Option<usize>; 4];

/// Returns the probability of each number of steps.
fn score_probabilities(rows: &[Steps], background: &MarkovBackground) -> Vec<f64> {
    let length = rows.iter().map(|row| row.iter().flatten().max().unwrap_or(&0)).sum::<usize>() + 1;
    let mut at: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; length]);
    let mut reached = 0;
    for (index, row) in rows.iter().enumerate() {
        let mut next: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; length]);
        for (base, next) in next.iter_mut().enumerate() {
            let Some(more) = row[base] else { continue };
            if index == 0 {
                next[more] = background.initial()[base];
                continue;
            }
            for (before, at) in (0..4).zip(&at) {
                let transition = background.transitions_from(before)[base];
                for (next, at) in next[more..].iter_mut().zip(&at[..=reached]) {
                    *next += at * transition;
                }
            }
        }
        at = next;
        reached += row.iter().flatten().max().unwrap_or(&0);
    }
    let [mut probabilities, others @ ..] = at;
    for other in others {
        probabilities.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::motif::{Background, ProbabilityMatrix};

    fn log_odds(rows: Vec<[f64; 4]>) -> LogOddsMatrix {
        let rows = rows.into_iter().map(|row| row.map(|x| x / row.iter().sum::<f64>())).collect();
        ProbabilityMatrix::new(rows).unwrap().to_log_odds(&Background::UNIFORM, 0.0).unwrap()
    }

    /// Score and share of each sequence.
    fn sequences(matrix: &LogOddsMatrix, background: &MarkovBackground) -> Vec<(f64, f64)> {
        let mut sequences = vec![(0.0, 1.0, None)];
        for row in matrix.rows() {
            let longer = |(score, share, last): (f64, f64, Option<u8>)| {
                let next = last.map_or(background.initial(), |last| background.transitions_from(last));
                (0..4_u8).map(move |base| {
                    let i = usize::from(base);
                    (score + row[i], share * next[i], Some(base))
                })
            };
            sequences = sequences.into_iter().flat_map(longer).collect();
        }
        sequences.into_iter().map(|(score, share, _)| (score, share)).collect()
    }

    fn chain() -> MarkovBackground {
        let genome = crate::genome::Genome::from_sequences([("1", "AACGTTTTACGGATTACCA")]).unwrap();
        MarkovBackground::from_genome(&genome)
    }

    proptest! {
        #[test]
        fn p_values_are_those_of_all_sequences_counted(
            rows in proptest::collection::vec(proptest::array::uniform4(0.01_f64..1.0), 1..6),
            first_order in any::<bool>(),
            p in 0.0001_f64..1.0,
        ) {
            let matrix = log_odds(rows);
            let background = if first_order { chain() } else { Background::new([0.3, 0.2, 0.2, 0.3]).unwrap().into() };
            let distribution = ScoreDistribution::new(&matrix, &background).unwrap();
            let sequences = sequences(&matrix, &background);
            let share_from = |least: f64| {
                sequences.iter().filter(|(score, _)| *score >= least).map(|(_, share)| share).sum::<f64>()
            };
            for (score, _) in &sequences {
                let found = distribution.p_value(*score);
                prop_assert!(found >= share_from(*score) - 1e-12);
                let lower = score - 2.0 * distribution.max_rounding_error() - distribution.step;
                prop_assert!(found <= share_from(lower) + 1e-12);
                prop_assert!(distribution.p_value(distribution.threshold(found)) <= found);
            }
            let threshold = distribution.threshold(p);
            prop_assert!(share_from(threshold) <= p + 1e-12);
            // Were it lower by the rounding error, there would be too many hits, or it is the lowest there is.
            let lower = threshold - 2.0 * distribution.max_rounding_error() - 2.0 * distribution.step;
            prop_assert!(share_from(lower) > p - 1e-12 || threshold == f64::INFINITY);
        }
    }

    /// lightmotif rounds each log-odds to one of about 1,000 steps, and the score to one of theirs.
    #[test]
    fn p_values_are_those_of_lightmotif_up_to_its_rounding() {
        use lightmotif::{
            abc::{Background as LightBackground, Dna},
            dense::DenseMatrix,
            pwm::ScoringMatrix,
        };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles");
        let mut sets: Vec<std::path::PathBuf> =
            vec![format!("{folder}/toy.meme").into(), format!("{folder}/toy.jaspar").into()];
        sets.extend(crate::testing::real_data("yeast").map(|folder| folder.join("motifs.meme")));
        for motif in
            sets.iter().flat_map(|set| crate::motif::MotifSet::open(set).unwrap().iter().cloned().collect::<Vec<_>>())
        {
            let matrix = motif.matrix.to_log_odds(&Background::UNIFORM, 0.01).unwrap();
            let ours = ScoreDistribution::new(&matrix, &Background::UNIFORM.into()).unwrap();
            let rows =
                matrix.rows().iter().map(|row| [row[0], row[1], row[3], row[2], f64::NEG_INFINITY].map(|x| x as f32));
            let theirs = ScoringMatrix::<Dna>::new(LightBackground::uniform(), DenseMatrix::from_rows(rows))
                .to_score_distribution();
            let entries = matrix.rows().as_flattened();
            let (low, high) = entries.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)));
            let step = 1.0 / (1000.0 / (high - low.floor())).floor();
            let error = step * (matrix.width() as f64 + 1.0) / 2.0 + 1e-4;
            let best: f64 = matrix.rows().iter().map(|row| row.iter().copied().fold(f64::MIN, f64::max)).sum();
            for score in (0..60).map(|i| best - 0.3 * f64::from(i)) {
                let found = theirs.pvalue(score as f32);
                let (least, most) =
                    (ours.p_value(score + error + 2.0 * ours.max_rounding_error()), ours.p_value(score - error));
                assert!(least - 1e-9 <= found && found <= most + 1e-9, "{} {score}: {least} {found} {most}", motif.id);
            }
        }
    }

    #[test]
    fn what_is_impossible_scores_below_all() {
        let rows = vec![[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
        let matrix = log_odds(rows);
        let distribution = ScoreDistribution::new(&matrix, &Background::UNIFORM.into()).unwrap();
        assert_eq!(distribution.p_value(-1e9), 0.125);
        assert_eq!(distribution.p_value(f64::NEG_INFINITY), 1.0);
        assert_eq!(distribution.p_value(1e9), 0.0);
        assert!(distribution.p_value(f64::NAN).is_nan());
    }

    #[test]
    fn a_motif_without_preferences_has_one_score() {
        let distribution = ScoreDistribution::new(&log_odds(vec![[1.0; 4]; 3]), &chain()).unwrap();
        assert!((distribution.p_value(0.0) - 1.0).abs() < 1e-12);
        assert_eq!(distribution.p_value(0.1), 0.0);
        assert_eq!(distribution.threshold(0.5), f64::INFINITY);
    }

    #[test]
    fn log_odds_that_are_no_numbers_are_an_error() {
        for row in [[f64::NEG_INFINITY; 4], [f64::NAN, 0.0, 0.0, 0.0], [f64::INFINITY, 0.0, 0.0, 0.0]] {
            let matrix = LogOddsMatrix::from_log_odds(vec![[0.0; 4], row], Background::UNIFORM);
            let error = ScoreDistribution::new(&matrix, &chain()).unwrap_err().to_string();
            assert!(
                error.starts_with("position 2 of the matrix: expected log-odds, at least one of them finite"),
                "{error}"
            );
        }
    }
}
