//! The ROC and precision-recall curves of one track, and the metrics of its ranks.

use super::keys::{self, ClassKeys};
use crate::{Result, genome::Label};

/// Counts at a threshold, where every bin with at least this score is called bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The threshold.
    pub score: f32,
    /// Bound bins among those called.
    pub true_positives: u64,
    /// Unbound bins among those called.
    pub false_positives: u64,
}

impl Point {
    /// Returns the share of bound bins among those called.
    pub fn precision(&self) -> f64 {
        self.true_positives as f64 / (self.true_positives + self.false_positives) as f64
    }

    /// Returns the share of unbound bins among those called.
    pub fn false_discovery_rate(&self) -> f64 {
        self.false_positives as f64 / (self.true_positives + self.false_positives) as f64
    }
}

/// The ROC and precision-recall curves of one track.
///
/// Sums are in `f64`, counts exact in `u64`. A track of 60 million bins takes seconds, and four bytes per bin while it
/// is sorted; the curve keeps at most two points per bound bin, plus one.
///
/// # Examples
///
/// ```
/// use multitf::{genome::Label::{Bound, Unbound}, metric::Curve};
///
/// let curve = Curve::new(&[0.5, 0.5, 0.25], &[Bound, Unbound, Unbound])?;
/// assert_eq!((curve.positives(), curve.negatives()), (1, 2));
/// assert_eq!(curve.auroc(), Some(0.75)); // the tie counts half
/// assert_eq!(curve.recall_at_fdr(0.5), Some(1.0));
/// assert_eq!(curve.recall_at_fdr(0.1), Some(0.0));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Curve {
    points: Vec<Point>,
}

impl Curve {
    /// Ranks the bins of one track by score; those labelled `Ambiguous` or `Missing` are skipped.
    ///
    /// Scores can be probabilities, logits or anything else that is higher where binding is likelier; infinities are
    /// allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there are not as many labels as scores, and
    /// [`Error::ScoreNan`](crate::Error::ScoreNan) if the score of a bound or unbound bin is not a number.
    pub fn new(scores: &[f32], labels: &[Label]) -> Result<Self> {
        let keys = ClassKeys::sorted(scores, labels, |_, score| keys::descending(score))?;
        Ok(Self { points: merged(&keys.positives, &keys.negatives) })
    }

    /// Returns the counts at falling thresholds.
    ///
    /// Each distinct score of a bound bin is a threshold. Of a run of scores of unbound bins only the last is one, as
    /// recall is constant between them.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Returns the number of bound bins.
    pub fn positives(&self) -> u64 {
        self.points.last().map_or(0, |point| point.true_positives)
    }

    /// Returns the number of unbound bins.
    pub fn negatives(&self) -> u64 {
        self.points.last().map_or(0, |point| point.false_positives)
    }

    /// Returns the area under the ROC curve: the chance that a bound bin outscores an unbound one, ties counting half.
    ///
    /// `None` without a bound or without an unbound bin.
    pub fn auroc(&self) -> Option<f64> {
        let pairs = u128::from(self.positives()) * u128::from(self.negatives());
        let twice_area = |(from, to): (Point, Point)| {
            u128::from(to.false_positives - from.false_positives) * u128::from(from.true_positives + to.true_positives)
        };
        let twice: u128 = self.steps().map(twice_area).sum();
        self.has_both().then(|| twice as f64 / (2.0 * pairs as f64))
    }

    /// Returns the average precision: the mean over bound bins of the precision at their score.
    ///
    /// This is scikit-learn's `average_precision_score`, a sum of steps without interpolation. `None` without a bound
    /// bin, and without an unbound one, where scikit-learn returns 1 for any scores.
    pub fn average_precision(&self) -> Option<f64> {
        self.mean_over_positives(|from, to| (to.true_positives - from.true_positives) as f64 * to.precision())
    }

    /// Returns the area under the precision-recall curve, interpolated as Davis and Goadrich do.
    ///
    /// Between two thresholds, false positives grow linearly with true positives. The curve has a point at each whole
    /// number of true positives, and trapezoids of one true positive's width join them. Before the first threshold,
    /// precision is that of the first threshold. This is `auc.davis.goadrich` of R's PRROC for hard labels, which the
    /// ENCODE-DREAM challenge reports. It is *not* PRROC's `auc.integral`, which integrates the same curve without such
    /// steps (Keilwagen et al. 2014): with many bound bins the two differ in the last digits, with few by far more.
    ///
    /// `None` without a bound or without an unbound bin.
    ///
    /// # References
    ///
    /// Davis and Goadrich 2006, [doi:10.1145/1143844.1143874](https://doi.org/10.1145/1143844.1143874); Grau et al.
    /// 2015, [doi:10.1093/bioinformatics/btv153](https://doi.org/10.1093/bioinformatics/btv153); Keilwagen et al. 2014,
    /// [doi:10.1371/journal.pone.0092209](https://doi.org/10.1371/journal.pone.0092209).
    pub fn auprc(&self) -> Option<f64> {
        self.mean_over_positives(interpolated_area)
    }

    /// Returns the highest recall of a threshold whose false discovery rate, FP / (TP + FP), is at most `rate`.
    ///
    /// The ENCODE-DREAM challenge reports it at 0.1 and 0.5. The rate may be exceeded at higher thresholds. The recall
    /// is 0 if no threshold is that precise, and `None` without a bound or without an unbound bin.
    pub fn recall_at_fdr(&self, rate: f64) -> Option<f64> {
        // Recall only grows down the curve.
        let last = self.points.iter().rev().find(|point| point.false_discovery_rate() <= rate);
        self.has_both().then(|| last.map_or(0.0, |point| point.true_positives as f64 / self.positives() as f64))
    }

    /// Whether metrics are defined: without an unbound bin every ranking is perfect.
    fn has_both(&self) -> bool {
        self.positives() > 0 && self.negatives() > 0
    }

    /// Returns the sum of a term over the steps between thresholds, divided by the number of bound bins.
    fn mean_over_positives(&self, term: impl Fn(Point, Point) -> f64) -> Option<f64> {
        let sum = || self.steps().map(|(from, to)| term(from, to)).sum::<f64>();
        self.has_both().then(|| sum() / self.positives() as f64)
    }

    /// Iterates over pairs of a point and the next; at the first point of all, nothing is called.
    fn steps(&self) -> impl Iterator<Item = (Point, Point)> {
        let nothing = Point { score: f32::INFINITY, true_positives: 0, false_positives: 0 };
        std::iter::once(nothing).chain(self.points.iter().copied()).zip(self.points.iter().copied())
    }
}

/// Returns the area between two thresholds, in units of one true positive's width.
fn interpolated_area(from: Point, to: Point) -> f64 {
    let steps = to.true_positives - from.true_positives;
    if steps == 0 {
        return 0.0;
    }
    let slope = (to.false_positives - from.false_positives) as f64 / steps as f64;
    let precision = |step: u64| {
        let true_positives = (from.true_positives + step) as f64;
        true_positives / (true_positives + from.false_positives as f64 + slope * step as f64)
    };
    let nothing_called = from.true_positives + from.false_positives == 0;
    let first = if nothing_called { to.precision() } else { precision(0) };
    let between: f64 = (1..steps).map(precision).sum();
    f64::midpoint(first, to.precision()) + between
}

/// Returns the counts at each distinct key of a positive, and at the end of each run of other keys.
fn merged(positives: &[u32], negatives: &[u32]) -> Vec<Point> {
    let mut points = Vec::new();
    let (mut above, mut called) = (0, 0);
    let mut push = |key, bound: usize, unbound: usize| {
        points.push(Point { score: keys::score(key), true_positives: bound as u64, false_positives: unbound as u64 });
    };
    for tied in positives.chunk_by(|a, b| a == b) {
        let key = tied[0];
        let higher = called + negatives[called..].partition_point(|&negative| negative < key);
        if higher > called {
            push(negatives[higher - 1], above, higher);
        }
        above += tied.len();
        called = higher + negatives[higher..].partition_point(|&negative| negative == key);
        push(key, above, called);
    }
    if let Some(&lowest) = negatives[called..].last() {
        push(lowest, above, negatives.len());
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Error,
        genome::Label::{Ambiguous, Bound, Missing, Unbound},
    };

    /// Tracks of few distinct scores, so that there are many ties.
    fn tracks() -> impl Strategy<Value = Vec<(f32, Label)>> {
        let label = prop_oneof![1 => Just(Missing), 3 => Just(Unbound), 1 => Just(Ambiguous), 2 => Just(Bound)];
        proptest::collection::vec(((-20_i8..20).prop_map(f32::from), label), 0..200)
    }

    fn curve(track: &[(f32, Label)]) -> Curve {
        let (scores, labels): (Vec<_>, Vec<_>) = track.iter().copied().unzip();
        Curve::new(&scores, &labels).unwrap()
    }

    fn all(curve: &Curve) -> [Option<f64>; 5] {
        let recalls = [0.1, 0.5].map(|rate| curve.recall_at_fdr(rate));
        [curve.auroc(), curve.average_precision(), curve.auprc(), recalls[0], recalls[1]]
    }

    proptest! {
        #[test]
        fn the_order_of_bins_does_not_matter(
            (original, shuffled) in tracks().prop_flat_map(|track| (Just(track.clone()), Just(track).prop_shuffle())),
        ) {
            prop_assert_eq!(all(&curve(&original)), all(&curve(&shuffled)));
        }

        #[test]
        fn only_the_ranks_of_scores_matter(track in tracks()) {
            let stretched: Vec<_> = track.iter().map(|&(score, label)| ((score / 4.0).exp(), label)).collect();
            prop_assert_eq!(all(&curve(&track)), all(&curve(&stretched)));
        }

        #[test]
        fn negated_scores_mirror_the_roc_curve(track in tracks()) {
            let negated: Vec<_> = track.iter().map(|&(score, label)| (-score, label)).collect();
            match (curve(&track).auroc(), curve(&negated).auroc()) {
                (Some(a), Some(b)) => prop_assert!((a + b - 1.0).abs() < 1e-12, "{a} {b}"),
                (a, b) => prop_assert_eq!(a, b),
            }
        }

        #[test]
        fn scores_of_skipped_bins_do_not_matter(track in tracks()) {
            let masked: Vec<_> = track
                .iter()
                .map(|&(score, label)| (if matches!(label, Bound | Unbound) { score } else { f32::NAN }, label))
                .collect();
            prop_assert_eq!(all(&curve(&track)), all(&curve(&masked)));
        }

        #[test]
        fn metrics_are_between_zero_and_one_and_points_rise(track in tracks()) {
            let curve = curve(&track);
            prop_assert!(all(&curve).into_iter().flatten().all(|value| (0.0..=1.0).contains(&value)));
            prop_assert!(curve.points().is_sorted_by(|a, b| a.score > b.score
                && a.true_positives <= b.true_positives
                && a.false_positives <= b.false_positives));
            prop_assert!(curve.points().len() as u64 <= 2 * curve.positives() + 1);
        }
    }

    #[test]
    fn a_perfect_ranking_scores_one_everywhere() {
        assert_eq!(all(&curve(&[(3.0, Bound), (2.0, Bound), (1.0, Unbound)])), [Some(1.0); 5]);
    }

    #[test]
    fn without_both_classes_metrics_are_undefined() {
        assert_eq!(all(&curve(&[(3.0, Bound), (2.0, Bound), (1.0, Missing), (0.0, Ambiguous)])), [None; 5]);
        assert_eq!(all(&curve(&[(3.0, Unbound), (2.0, Missing)])), [None; 5]);
    }

    #[test]
    fn infinite_scores_have_ranks() {
        let curve = curve(&[(f32::INFINITY, Bound), (0.0, Unbound), (f32::NEG_INFINITY, Bound)]);
        assert_eq!(curve.auroc(), Some(0.5));
    }

    #[test]
    fn a_nan_and_a_missing_label_are_errors() {
        let error = Curve::new(&[0.0, f32::NAN], &[Bound, Unbound]).unwrap_err();
        assert!(matches!(error, Error::ScoreNan { index: 1 }));
        let error = Curve::new(&[0.0, 1.0], &[Bound]).unwrap_err();
        assert_eq!(error.to_string(), "number of labels: expected 2, found 1");
    }
}
