//! Scores of a model on a track.

use serde::Serialize;

use crate::{
    Error, Result,
    eval::table::{table_row, write_or_na},
    genome::Label,
    metric::Curve,
};

/// The scores of one model on one track in one split: a row of `scores.tsv`.
///
/// A score is `None`, and `NA` in the file, where it is not defined. All of them need a positive and a negative:
/// without a negative any ranking would be perfect. `bound_ap` needs both among the bins that any factor binds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ScoreRow {
    /// The model's name, such as `multi`.
    pub model: String,
    /// The seed of the run that made the model.
    pub seed: u64,
    /// The split: `train`, `valid` or `test`.
    pub split: String,
    /// The factor.
    pub tf: String,
    /// The cell type.
    pub cell: String,
    /// How many bins are bound.
    pub positives: u64,
    /// How many bins are unbound.
    pub negatives: u64,
    /// Average precision: the headline metric.
    #[serde(serialize_with = "write_or_na")]
    pub average_precision: Option<f64>,
    /// The area under the precision-recall curve, after Davis and Goadrich.
    #[serde(serialize_with = "write_or_na")]
    pub auprc: Option<f64>,
    /// The area under the receiver operating characteristic.
    #[serde(serialize_with = "write_or_na")]
    pub auroc: Option<f64>,
    /// Recall at a false discovery rate of 10 %.
    #[serde(serialize_with = "write_or_na")]
    pub recall10: Option<f64>,
    /// Recall at a false discovery rate of 50 %.
    #[serde(serialize_with = "write_or_na")]
    pub recall50: Option<f64>,
    /// Average precision among the bins that any factor binds: does the model know *which* factor?
    #[serde(serialize_with = "write_or_na")]
    pub bound_ap: Option<f64>,
    /// Average precision among the bins that are bound in some of the cell types where the factor was measured, but not
    /// in all of them: does the model know *where* it binds? Not defined for one cell type, or where a task is a track.
    #[serde(serialize_with = "write_or_na")]
    pub differing_ap: Option<f64>,
}

table_row!(ScoreRow: model, seed, split, tf, cell, positives, negatives, average_precision, auprc, auroc, recall10,
    recall50, bound_ap, differing_ap; differing_ap);

/// Which model was scored on what: the first columns of a [`ScoreRow`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoredTrack<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The seed of the run.
    pub seed: u64,
    /// The split.
    pub split: &'a str,
    /// The factor.
    pub tf: &'a str,
    /// The cell type.
    pub cell: &'a str,
}

impl ScoreRow {
    /// Scores a track.
    ///
    /// `scores`, `labels` and `any_bound` hold one entry a bin; ambiguous and missing bins are left out. A bin is
    /// `any_bound` if any factor binds it in this cell type.
    ///
    /// ```
    /// use multitf::{eval::{ScoreRow, ScoredTrack}, genome::Label::{Ambiguous, Bound, Unbound}};
    ///
    /// let track = ScoredTrack { model: "multi", seed: 1, split: "valid", tf: "REB1", cell: "yeast" };
    /// let labels = [Bound, Unbound, Ambiguous, Bound, Unbound];
    /// let any_bound = [true, false, true, true, true];
    /// let row = ScoreRow::new(track, &[0.9, 0.8, 0.7, 0.6, 0.1], &labels, &any_bound)?;
    /// assert_eq!((row.positives, row.negatives), (2, 2));
    /// assert_eq!(row.average_precision, Some((1.0 + 2.0 / 3.0) / 2.0));
    /// assert_eq!(row.bound_ap, Some(1.0));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] where the lengths differ, [`Error::ScoreNan`] at a score that is not a number.
    pub fn new(track: ScoredTrack<'_>, scores: &[f32], labels: &[Label], any_bound: &[bool]) -> Result<Self> {
        Error::unless_equal("bins that say whether any factor binds them", labels.len(), any_bound.len())?;
        let curve = Curve::new(scores, labels)?;
        Ok(Self {
            model: track.model.to_owned(),
            seed: track.seed,
            split: track.split.to_owned(),
            tf: track.tf.to_owned(),
            cell: track.cell.to_owned(),
            positives: curve.positives(),
            negatives: curve.negatives(),
            average_precision: curve.average_precision(),
            auprc: curve.auprc(),
            auroc: curve.auroc(),
            recall10: curve.recall_at_fdr(0.1),
            recall50: curve.recall_at_fdr(0.5),
            bound_ap: among(scores, labels, any_bound)?,
            differing_ap: None,
        })
    }

    /// Adds the score over the bins that differ between cell types, one entry a bin.
    pub(super) fn with_differing(self, scores: &[f32], labels: &[Label], differs: &[bool]) -> Result<Self> {
        Ok(Self { differing_ap: among(scores, labels, differs)?, ..self })
    }
}

/// Average precision over some of the bins.
fn among(scores: &[f32], labels: &[Label], is_wanted: &[bool]) -> Result<Option<f64>> {
    let bins = scores.iter().zip(labels).zip(is_wanted);
    let (scores, labels): (Vec<_>, Vec<_>) =
        bins.filter(|(_, wanted)| **wanted).map(|((score, label), _)| (*score, *label)).unzip();
    Ok(Curve::new(&scores, &labels)?.average_precision())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        eval::{read_table, write_table},
        genome::Label::{Ambiguous, Bound, Missing, Unbound},
        testing::TestFile,
    };

    const TRACK: ScoredTrack<'_> = ScoredTrack { model: "multi", seed: 7, split: "test", tf: "GCN4", cell: "yeast" };

    #[test]
    fn a_track_without_positives_has_no_score_and_comes_back_from_a_file() {
        let row = ScoreRow::new(TRACK, &[0.5, 0.4], &[Unbound, Missing], &[true, true]).unwrap();
        assert_eq!((row.positives, row.negatives), (0, 1));
        let undefined = [row.average_precision, row.auprc, row.auroc, row.recall10, row.recall50, row.bound_ap];
        assert_eq!(undefined, [None; 6]);
        let path = TestFile::new("score.tsv", "");
        write_table(&path, std::slice::from_ref(&row)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().nth(1), Some("multi\t7\ttest\tGCN4\tyeast\t0\t1\tNA\tNA\tNA\tNA\tNA\tNA\tNA"));
        assert_eq!(read_table::<ScoreRow>(&path).unwrap(), [row]);
    }

    #[test]
    fn a_track_without_negatives_has_no_score() {
        let row = ScoreRow::new(TRACK, &[0.5, 0.4, 0.3], &[Bound, Bound, Ambiguous], &[true; 3]).unwrap();
        assert_eq!((row.positives, row.negatives), (2, 0));
        let scores = [row.average_precision, row.auprc, row.auroc, row.recall10, row.recall50, row.bound_ap];
        assert_eq!(scores, [None; 6]);
        // All bins that any factor binds are bound by this one, so there is none to tell it from.
        let row = ScoreRow::new(TRACK, &[0.5, 0.4, 0.3], &[Bound, Bound, Unbound], &[true, true, false]).unwrap();
        assert_eq!((row.average_precision, row.bound_ap), (Some(1.0), None));
    }

    #[test]
    fn each_score_stands_in_its_own_column() {
        // Ranked: bound, unbound, bound, two unbound, bound.
        let labels = [Bound, Unbound, Bound, Unbound, Unbound, Bound];
        let any_bound = [true, false, true, true, false, true];
        let row = ScoreRow::new(TRACK, &[6.0, 5.0, 4.0, 3.0, 2.0, 1.0], &labels, &any_bound).unwrap();
        let near = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-12;
        assert!(near(row.average_precision, (1.0 + 2.0 / 3.0 + 3.0 / 6.0) / 3.0));
        // Trapezoids from 1/2 to 2/3 and from 2/5 to 3/6: precision falls before the next bound bin.
        assert!(near(row.auprc, (1.0 + 7.0 / 12.0 + 9.0 / 20.0) / 3.0));
        assert!(near(row.auroc, 5.0 / 9.0));
        assert!(near(row.recall10, 1.0 / 3.0) && near(row.recall50, 1.0));
        assert!(near(row.bound_ap, (1.0 + 1.0 + 3.0 / 4.0) / 3.0));
    }

    #[test]
    fn bound_ap_ignores_bins_that_no_factor_binds() {
        let labels = [Unbound, Bound, Unbound, Ambiguous];
        let row = ScoreRow::new(TRACK, &[0.9, 0.5, 0.4, 0.3], &labels, &[false, true, true, true]).unwrap();
        assert_eq!(row.average_precision, Some(0.5));
        assert_eq!(row.bound_ap, Some(1.0));
    }

    #[test]
    fn lengths_that_differ_and_scores_that_are_not_numbers_are_refused() {
        let mismatch = ScoreRow::new(TRACK, &[0.5], &[Bound], &[]).unwrap_err();
        assert_eq!(mismatch.to_string(), "bins that say whether any factor binds them: expected 1, found 0");
        let nan = ScoreRow::new(TRACK, &[f32::NAN], &[Bound], &[true]).unwrap_err();
        assert!(matches!(nan, Error::ScoreNan { index: 0 }));
    }
}
