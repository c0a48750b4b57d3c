//! Metrics of predictions: scores and labels in, numbers out.
//!
//! [`Curve`] ranks the bins once and computes all metrics of the ranks: area under the ROC curve, average precision,
//! interpolated area under the precision-recall curve, recall at a false discovery rate. [`RankedTrack`] computes
//! average precision for bootstrap replicates, which weight blocks of the genome. [`Calibration`] compares
//! probabilities with outcomes. [`RankCorrelation`] and [`q_values`] are for numbers of any kind.
//!
//! All others use only bins labelled `Bound` or `Unbound`: `Ambiguous` and `Missing` bins are skipped, whatever their
//! scores.
//! Bins with equal scores are one threshold, so the order of bins never matters. A metric that is not defined is
//! `None`: leave it out of means and say so. Rank metrics are not defined without a bound bin, nor without an unbound
//! one, where any ranking would be perfect.
//!
//! ```
//! use multitf::{genome::Label, metric::Curve};
//!
//! let labels = [Label::Bound, Label::Unbound, Label::Ambiguous, Label::Unbound, Label::Bound];
//! let curve = Curve::new(&[0.9, 0.8, 0.7, 0.6, 0.1], &labels)?;
//! assert_eq!(curve.auroc(), Some(0.5));
//! assert_eq!(curve.average_precision(), Some(0.75));
//! assert_eq!(curve.recall_at_fdr(0.1), Some(0.5));
//! # Ok::<(), multitf::Error>(())
//! ```

mod calibration;
mod curve;
mod keys;
mod q_values;
mod rank_correlation;
mod ranked_track;

pub use calibration::{Calibration, ReliabilityBin};
pub use curve::{Curve, Point};
pub use q_values::q_values;
pub use rank_correlation::RankCorrelation;
pub use ranked_track::RankedTrack;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::genome::Label;

    const TOLERANCE: f64 = 1e-9;

    struct Case {
        name: String,
        scores: Vec<f32>,
        labels: Vec<Label>,
        expected: Value,
    }

    fn cases() -> Vec<Case> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/metrics.json");
        let cases: Vec<Value> = serde_json::from_reader(std::fs::File::open(path).unwrap()).unwrap();
        assert!(cases.len() > 20);
        cases
            .into_iter()
            .map(|expected| Case {
                name: expected["name"].as_str().unwrap().to_owned(),
                scores: numbers(&expected["scores"]).into_iter().map(|score| score as f32).collect(),
                labels: expected["labels"].as_str().unwrap().bytes().map(label).collect(),
                expected,
            })
            .collect()
    }

    fn label(letter: u8) -> Label {
        match letter {
            b'U' => Label::Unbound,
            b'A' => Label::Ambiguous,
            b'B' => Label::Bound,
            _ => Label::Missing,
        }
    }

    fn numbers(values: &Value) -> Vec<f64> {
        values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    }

    fn assert_equal(found: Option<f64>, expected: &Value, what: &str) {
        match (found, expected.as_f64()) {
            (None, None) => {}
            (Some(a), Some(b)) if (a - b).abs() <= TOLERANCE => {}
            (a, b) => panic!("{what}: {a:?}, expected {b:?}"),
        }
    }

    #[test]
    fn curves_equal_scikit_learn_and_the_paper() {
        for Case { name, scores, labels, expected } in cases() {
            let curve = Curve::new(&scores, &labels).unwrap();
            assert_eq!(Some(curve.positives()), expected["positives"].as_u64(), "{name}");
            assert_eq!(Some(curve.negatives()), expected["negatives"].as_u64(), "{name}");
            for (metric, found) in [
                ("auroc", curve.auroc()),
                ("average_precision", curve.average_precision()),
                ("auprc", curve.auprc()),
                ("recall10", curve.recall_at_fdr(0.1)),
                ("recall50", curve.recall_at_fdr(0.5)),
            ] {
                assert_equal(found, &expected[metric], &format!("{name}: {metric}"));
            }
        }
    }

    #[test]
    fn calibration_equals_scikit_learn() {
        let mut compared = 0;
        for Case { name, scores, labels, expected } in cases() {
            let expected = &expected["calibration"];
            if expected.is_null() {
                continue;
            }
            compared += 1;
            let calibration = Calibration::new(&scores, &labels, 10).unwrap();
            assert_equal(calibration.brier_score(), &expected["brier"], &name);
            assert_equal(calibration.expected_error(), &expected["expected_error"], &name);
            let counts: Vec<_> = calibration.bins().iter().map(|bin| bin.count as f64).collect();
            assert_eq!(counts, numbers(&expected["count"]), "{name}");
            for (i, bin) in calibration.bins().iter().enumerate() {
                assert_equal(Some(bin.mean_probability), &expected["mean_probability"][i], &name);
                assert_equal(Some(bin.bound_share), &expected["bound_share"][i], &name);
            }
        }
        assert!(compared > 10);
    }

    #[test]
    fn a_ranked_track_of_weight_one_is_a_curve() {
        for Case { name, scores, labels, .. } in cases() {
            let blocks: Vec<u32> = (0..scores.len() as u32).map(|bin| bin / 3).collect();
            let track = RankedTrack::new(&scores, &labels, &blocks).unwrap();
            let found = track.weighted_average_precision(&vec![1; scores.len()]);
            assert_eq!(found, Curve::new(&scores, &labels).unwrap().average_precision(), "{name}");
        }
    }
}
