//! Spearman's rank correlation.

use rand::RngExt;

use crate::random::stream;

/// The rank correlation of pairs of numbers, with its 95 % interval.
///
/// The interval is that of a bootstrap of the pairs: 2,000 times, as many pairs are drawn with replacement.
///
/// # Examples
///
/// ```
/// use multitf::metric::RankCorrelation;
///
/// let (height, weight) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 4.0, 9.0, 16.0, 36.0, 25.0]);
/// let correlation = RankCorrelation::new(&height, &weight, 0).unwrap();
/// assert!((correlation.rho - 0.942_857).abs() < 1e-6);
/// assert!(correlation.low <= correlation.rho && correlation.rho <= correlation.high);
/// ```
///
/// # References
///
/// Spearman 1904, [doi:10.2307/1412159](https://doi.org/10.2307/1412159)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankCorrelation {
    /// The correlation of the ranks, -1 to 1.
    pub rho: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

/// Keeps the random numbers apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"ranks   ");

impl RankCorrelation {
    const REPLICATES: u64 = 2_000;

    /// Correlates the ranks of two numbers of each pair. Equal numbers share their mean rank. None with fewer than
    /// three pairs, or where all of one kind are equal.
    ///
    /// # Panics
    ///
    /// Panics if there are not as many of both.
    pub fn new(a: &[f64], b: &[f64], seed: u64) -> Option<Self> {
        assert_eq!(a.len(), b.len(), "the numbers of pairs");
        let rho = (a.len() > 2).then(|| spearman(a, b)).flatten()?;
        let replicate = |number: u64| {
            let mut random = stream(&[seed, STREAM, number]);
            let drawn: Vec<usize> = a.iter().map(|_| random.random_range(0..a.len())).collect();
            let [a, b] = [a, b].map(|values| drawn.iter().map(|&index| values[index]).collect::<Vec<_>>());
            spearman(&a, &b)
        };
        let mut replicates: Vec<f64> = (0..Self::REPLICATES).filter_map(replicate).collect();
        replicates.sort_unstable_by(f64::total_cmp);
        let end = |share: f64| replicates[((replicates.len() - 1) as f64 * share).round() as usize];
        (!replicates.is_empty()).then(|| Self { rho, low: end(0.025), high: end(0.975) })
    }
}

/// Pearson's correlation of the ranks; none where all of one kind are equal.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let length = (product(&a, &a) * product(&b, &b)).sqrt();
    (length > 0.0).then(|| product(&a, &b) / length)
}

/// The rank of each number, less the mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equals in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let middle = (2 * before + equals.len()) as f64 / 2.0;
        for &index in equals {
            ranks[index] = middle - values.len() as f64 / 2.0;
        }
        before += equals.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate_as_worked_out_by_hand() {
        let numbers = [10.0, 20.0, 30.0, 40.0, 50.0];
        let rho = |other: [f64; 5]| RankCorrelation::new(&numbers, &other, 1).unwrap().rho;
        assert_eq!((rho([1.0, 2.0, 3.0, 4.0, 100.0]), rho([5.0, 4.0, 3.0, 2.0, 1.0])), (1.0, -1.0));
        // 1 - 6 sum d^2 / (n (n^2 - 1)) with d = (1, 1, 2, 1, 1).
        assert!((rho([2.0, 1.0, 5.0, 3.0, 4.0]) - (1.0 - 6.0 * 8.0 / 120.0)).abs() < 1e-12);
        // Ranks (1.5, 1.5, 3, 4.5, 4.5): 9 / sqrt(10 * 9).
        assert!((rho([0.0, 0.0, 1.0, 7.0, 7.0]) - 9.0 / 90_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn an_interval_is_narrow_for_many_pairs_and_wide_for_few_and_the_same_for_a_seed() {
        let pairs = |count: u32| -> (Vec<f64>, Vec<f64>) {
            (0..count)
                .map(|i| (f64::from(i), f64::from(i) + f64::from(i * i * 7 % 11) * f64::from(count) / 11.0))
                .unzip()
        };
        let interval = |count| {
            let (a, b) = pairs(count);
            RankCorrelation::new(&a, &b, 3).unwrap()
        };
        let (few, many) = (interval(8), interval(200));
        assert!(many.high - many.low < 0.25 && few.high - few.low > 0.4, "{few:?} {many:?}");
        assert!(many.low > 0.3 && many.low < many.rho && many.rho < many.high, "{many:?}");
        // Fisher's interval of a correlation r of 200 pairs: tanh(atanh(r) +- 1.96 / sqrt(197)), about.
        let half = 1.96 / 197_f64.sqrt();
        let [low, high] = [-half, half].map(|shift| (many.rho.atanh() + shift).tanh());
        assert!((many.low - low).abs() < 0.05 && (many.high - high).abs() < 0.05, "{many:?} {low} {high}");
        assert_eq!(interval(8), few);
    }

    #[test]
    fn equal_numbers_and_few_pairs_have_no_correlation() {
        assert_eq!(RankCorrelation::new(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0], 0), None);
        assert_eq!(RankCorrelation::new(&[1.0, 2.0], &[1.0, 2.0], 0), None);
        assert_eq!(RankCorrelation::new(&[], &[], 0), None);
    }
}
