//! The difference between two models, with its interval and p-value.

/// The share of replicates outside an interval, on each side: 95 % intervals.
const TAIL: f64 = 0.025;

/// How many standard errors a difference must have to be found with 80 % power by a two-sided test at 5 %: the normal
/// quantiles z(.975) + z(.8).
const DETECTABLE_ERRORS: f64 = 1.959_964 + 0.841_621;

/// The difference between two models on one track, or averaged over tracks.
///
/// See [`Bootstrap`](crate::eval::Bootstrap) for an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    delta: f64,
    /// In the order in which they were drawn, since the n-th replicates of all tracks belong together.
    replicates: Vec<f64>,
}

impl Difference {
    /// Makes a difference from its value on the full data, and its value in each replicate.
    pub(crate) const fn new(delta: f64, replicates: Vec<f64>) -> Self {
        Self { delta, replicates }
    }

    /// Returns the difference on the full data, averaged over seeds.
    pub const fn delta(&self) -> f64 {
        self.delta
    }

    /// Returns the difference in each replicate.
    pub fn replicates(&self) -> &[f64] {
        &self.replicates
    }

    /// Returns the 95 % percentile interval: the quantiles .025 and .975 of the replicates, by linear interpolation.
    ///
    /// Without replicates it is (-inf, inf).
    pub fn interval(&self) -> (f64, f64) {
        if self.replicates.is_empty() {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        let mut sorted = self.replicates.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        (quantile(&sorted, TAIL), quantile(&sorted, 1.0 - TAIL))
    }

    /// Returns the smallest difference that would have been found: with 80 % power, by a two-sided test at 5 %, without
    /// correction for other tests.
    ///
    /// It is `(z(.975) + z(.8)) s = 2.802 s`, where `s`, the standard deviation of the replicates, estimates the
    /// standard error of the difference. It depends on how much the data and the trainings vary, not on
    /// [`delta`](Self::delta). After correction over many tracks only larger differences are found, and with few seeds
    /// `s` tends to be too low. `None` with less than two replicates.
    ///
    /// # References
    /// Bloom 1995, <https://doi.org/10.1177/0193841X9501900504> (minimum detectable effects)
    pub fn detectable(&self) -> Option<f64> {
        let count = self.replicates.len() as f64;
        let mean = self.replicates.iter().sum::<f64>() / count;
        let squares: f64 = self.replicates.iter().map(|replicate| (replicate - mean).powi(2)).sum();
        (self.replicates.len() > 1).then(|| DETECTABLE_ERRORS * (squares / (count - 1.0)).sqrt())
    }

    /// Returns the two-sided p-value of no difference, from the replicates.
    ///
    /// `p = min(1, 2 min((1 + n(d <= 0)) / (1 + n), (1 + n(d >= 0)) / (1 + n)))`, so that it is never 0.
    pub fn p_value(&self) -> f64 {
        let at_most = self.replicates.iter().filter(|difference| **difference <= 0.0).count();
        let at_least = self.replicates.iter().filter(|difference| **difference >= 0.0).count();
        let share = (at_most.min(at_least) + 1) as f64 / (self.replicates.len() + 1) as f64;
        (2.0 * share).min(1.0)
    }
}

/// The differences between two models on several tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Differences {
    seeds: usize,
    tracks: Vec<Option<Difference>>,
}

impl Differences {
    /// Gathers the differences that one bootstrap found on several tracks.
    pub(crate) const fn new(seeds: usize, tracks: Vec<Option<Difference>>) -> Self {
        Self { seeds, tracks }
    }

    /// Returns how many training seeds each model has.
    pub const fn seeds(&self) -> usize {
        self.seeds
    }

    /// Returns the difference on each track, `None` for those without a bound or without an unbound bin.
    pub fn tracks(&self) -> &[Option<Difference>] {
        &self.tracks
    }

    /// Returns the difference averaged over tracks, replicate by replicate; `None` if no track has one.
    ///
    /// All tracks share their draws, so this is the bootstrap of the mean. Tracks without a difference are left out.
    pub fn mean(&self) -> Option<Difference> {
        let scored: Vec<&Difference> = self.tracks.iter().flatten().collect();
        let first = scored.first()?;
        let tracks = scored.len() as f64;
        let delta = scored.iter().map(|track| track.delta).sum::<f64>() / tracks;
        let mean = |replicate: usize| scored.iter().map(|track| track.replicates[replicate]).sum::<f64>() / tracks;
        Some(Difference::new(delta, (0..first.replicates.len()).map(mean).collect()))
    }
}

/// A quantile of sorted numbers, of which there is at least one.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    (sorted[above] - sorted[below]).mul_add(place - place.floor(), sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_interpolates_between_replicates() {
        let difference = Difference::new(0.5, (0..=100).rev().map(f64::from).collect());
        assert_eq!(difference.interval(), (2.5, 97.5));
        assert_eq!(Difference::new(0.0, vec![3.0]).interval(), (3.0, 3.0));
        assert_eq!(Difference::new(0.0, vec![]).interval(), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn what_is_detectable_follows_from_the_spread_of_the_replicates() {
        let detectable = Difference::new(0.0, vec![1.0, 1.25, 1.5]).detectable().unwrap();
        assert!((detectable - 2.801_585 * 0.25).abs() < 1e-9, "{detectable}");
        assert_eq!(Difference::new(0.5, vec![0.5; 4]).detectable(), Some(0.0));
        assert_eq!(Difference::new(0.0, vec![0.5]).detectable(), None);
        assert_eq!(Difference::new(0.0, vec![]).detectable(), None);
    }

    #[test]
    fn p_is_never_zero_and_never_above_one() {
        assert_eq!(Difference::new(1.0, vec![1.0; 99]).p_value(), 0.02);
        assert_eq!(Difference::new(-1.0, vec![-1.0; 99]).p_value(), 0.02);
        assert_eq!(Difference::new(0.0, vec![0.0; 99]).p_value(), 1.0);
        assert_eq!(Difference::new(0.0, vec![]).p_value(), 1.0);
        assert_eq!(Difference::new(0.1, vec![-1.0, 1.0, 1.0, 1.0]).p_value(), 0.8);
    }

    #[test]
    fn the_mean_leaves_out_tracks_without_a_difference() {
        let tracks = vec![Some(Difference::new(1.0, vec![0.0, 2.0])), None, Some(Difference::new(3.0, vec![4.0, 0.0]))];
        assert_eq!(Differences::new(1, tracks).mean(), Some(Difference::new(2.0, vec![2.0, 1.0])));
        assert_eq!(Differences::new(1, vec![None]).mean(), None);
    }
}
