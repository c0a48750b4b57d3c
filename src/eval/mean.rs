//! Mean scores of models.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::{ScoreRow, group::group, report::numbers::track_name};

/// The mean scores of one model in one split.
///
/// A track's scores are averaged over seeds first, then over tracks. Each score is averaged over the tracks where it is
/// defined.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelMean {
    /// The model's name.
    pub model: String,
    /// The split.
    pub split: String,
    /// How many seeds there are.
    pub seeds: usize,
    /// How many tracks have an average precision.
    pub tracks: usize,
    /// The tracks without a bound bin, which have no score, as `TF (CELL)`.
    pub without_bound: Vec<String>,
    /// The tracks with bound bins but no unbound bin, which have no score either: any ranking would be perfect.
    pub without_unbound: Vec<String>,
    /// Average precision.
    pub average_precision: Option<f64>,
    /// The area under the precision-recall curve, after Davis and Goadrich.
    pub auprc: Option<f64>,
    /// The area under the receiver operating characteristic.
    pub auroc: Option<f64>,
    /// Recall at a false discovery rate of 10 %.
    pub recall10: Option<f64>,
    /// Recall at a false discovery rate of 50 %.
    pub recall50: Option<f64>,
    /// Average precision among the bins that any factor binds.
    pub bound_ap: Option<f64>,
    /// Average precision among the bins that differ between cell types.
    pub differing_ap: Option<f64>,
}

impl ModelMean {
    /// Averages scores, for each split and model in the order in which they first appear.
    ///
    /// ```
    /// use multitf::eval::{ModelMean, ScoreRow};
    ///
    /// let row = |tf: &str, positives, average_precision| ScoreRow {
    ///     model: "multi".into(),
    ///     tf: tf.into(),
    ///     cell: "yeast".into(),
    ///     positives,
    ///     average_precision,
    ///     ..ScoreRow::default()
    /// };
    /// let means = ModelMean::all(&[row("REB1", 7, Some(0.6)), row("GAL4", 0, None), row("ABF1", 3, Some(0.4))]);
    /// assert_eq!((means[0].tracks, means[0].average_precision), (2, Some(0.5)));
    /// assert_eq!(means[0].without_bound, ["GAL4 (yeast)"]);
    /// ```
    pub fn all(scores: &[ScoreRow]) -> Vec<Self> {
        let keyed = scores.iter().map(|row| ((row.split.as_str(), row.model.as_str()), row));
        group(keyed).into_iter().map(|((split, model), rows)| Self::new(split, model, &rows)).collect()
    }

    fn new(split: &str, model: &str, rows: &[&ScoreRow]) -> Self {
        let scored: BTreeSet<_> =
            rows.iter().filter(|row| row.average_precision.is_some()).map(|row| track(row)).collect();
        let left_out = |has_bound: bool| -> Vec<String> {
            let others = rows.iter().filter(|row| !scored.contains(&track(row)) && (row.positives > 0) == has_bound);
            let names: BTreeSet<_> = others.map(|row| track(row)).collect();
            names.into_iter().map(|(tf, cell)| track_name(tf, cell)).collect()
        };
        Self {
            model: model.to_owned(),
            split: split.to_owned(),
            seeds: rows.iter().map(|row| row.seed).collect::<BTreeSet<_>>().len(),
            tracks: scored.len(),
            without_bound: left_out(false),
            without_unbound: left_out(true),
            average_precision: mean(rows, |row| row.average_precision),
            auprc: mean(rows, |row| row.auprc),
            auroc: mean(rows, |row| row.auroc),
            recall10: mean(rows, |row| row.recall10),
            recall50: mean(rows, |row| row.recall50),
            bound_ap: mean(rows, |row| row.bound_ap),
            differing_ap: mean(rows, |row| row.differing_ap),
        }
    }

    /// Returns the tracks without a score, with what they lack.
    pub fn left_out(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        let groups = [("a bound bin", self.without_bound.as_slice()), ("an unbound bin", &self.without_unbound)];
        groups.into_iter().filter(|(_, tracks)| !tracks.is_empty())
    }

    /// Returns which of the scores some means have reason to show: all but the last, which takes several cell types.
    pub(super) fn shown(means: &[Self]) -> usize {
        let has_several_cells = means.iter().any(|mean| mean.differing_ap.is_some());
        if has_several_cells { 7 } else { 6 }
    }

    /// Returns the names and values of the scores, in the order of their columns.
    pub const fn scores(&self) -> [(&'static str, Option<f64>); 7] {
        [
            ("average_precision", self.average_precision),
            ("auprc", self.auprc),
            ("auroc", self.auroc),
            ("recall10", self.recall10),
            ("recall50", self.recall50),
            ("bound_ap", self.bound_ap),
            ("differing_ap", self.differing_ap),
        ]
    }
}

fn track(row: &ScoreRow) -> (&str, &str) {
    (&row.tf, &row.cell)
}

/// The mean over tracks of the means over seeds.
fn mean(rows: &[&ScoreRow], score: impl Fn(&ScoreRow) -> Option<f64>) -> Option<f64> {
    let mut tracks: BTreeMap<_, (f64, f64)> = BTreeMap::new();
    for row in rows {
        if let Some(value) = score(row) {
            let (sum, seeds) = tracks.entry(track(row)).or_default();
            *sum += value;
            *seeds += 1.0;
        }
    }
    let sum: f64 = tracks.values().map(|(sum, seeds)| sum / seeds).sum();
    (!tracks.is_empty()).then(|| sum / tracks.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, seed: u64, tf: &str, average_precision: Option<f64>) -> ScoreRow {
        let (model, tf, cell) = (model.to_owned(), tf.to_owned(), "K562".to_owned());
        ScoreRow { model, seed, tf, cell, average_precision, ..ScoreRow::default() }
    }

    #[test]
    fn seeds_are_averaged_before_tracks() {
        let rows =
            [row("multi", 1, "CTCF", Some(0.5)), row("multi", 2, "CTCF", Some(0.7)), row("multi", 1, "MAX", Some(0.1))];
        let means = ModelMean::all(&rows);
        assert_eq!((means[0].seeds, means[0].tracks), (2, 2));
        assert!((means[0].average_precision.unwrap() - 0.35).abs() < 1e-15);
        assert_eq!(means[0].auroc, None);
    }

    #[test]
    fn models_keep_their_order_and_do_not_mix() {
        let rows = [row("single", 1, "MAX", Some(0.2)), row("multi", 1, "MAX", None), row("single", 1, "MYC", None)];
        let means = ModelMean::all(&rows);
        assert_eq!(means.iter().map(|mean| mean.model.as_str()).collect::<Vec<_>>(), ["single", "multi"]);
        assert_eq!((means[0].tracks, means[1].tracks), (1, 0));
        assert_eq!(means[0].without_bound, ["MYC (K562)"]);
        assert_eq!((means[1].average_precision, &means[1].without_bound[..]), (None, &["MAX (K562)".to_owned()][..]));
    }

    #[test]
    fn tracks_without_an_unbound_bin_are_told_from_those_without_a_bound_one() {
        let all_bound = |seed| ScoreRow { positives: 5, ..row("multi", seed, "POL2", None) };
        let rows = [all_bound(1), all_bound(2), row("multi", 1, "MAX", None), row("multi", 1, "CTCF", Some(0.5))];
        let mean = &ModelMean::all(&rows)[0];
        assert_eq!((mean.tracks, mean.average_precision), (1, Some(0.5)));
        let expected =
            [("a bound bin", &["MAX (K562)".to_owned()][..]), ("an unbound bin", &["POL2 (K562)".to_owned()])];
        assert_eq!(mean.left_out().collect::<Vec<_>>(), expected);
    }
}
