//! The rows of one comparison, in the order in which people read them.

use super::Tally;
use crate::eval::{ComparisonRow, Reason, Verdict, group::group, report::numbers::track_name};

/// The rows of one comparison: two models in one split.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonSummary<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
    /// The metric.
    pub metric: &'a str,
    /// The tracks with a difference, the highest first.
    pub tracks: Vec<&'a ComparisonRow>,
    /// The tracks without a difference.
    pub undefined: Vec<&'a ComparisonRow>,
    /// The mean over tracks, if it has a row.
    pub mean: Option<&'a ComparisonRow>,
}

impl<'a> ComparisonSummary<'a> {
    /// Splits rows by comparison, in the order in which they first appear.
    ///
    /// ```
    /// use multitf::eval::{ComparisonRow, ComparisonSummary};
    ///
    /// let row = |tf: &str, delta| ComparisonRow { tf: tf.into(), delta, ..ComparisonRow::default() };
    /// let rows = [row("REB1", Some(-0.1)), row("GAL4", None), row("ABF1", Some(0.2)), row("*", Some(0.05))];
    /// let summaries = ComparisonSummary::all(&rows);
    /// assert_eq!(summaries[0].tracks, [&rows[2], &rows[0]]);
    /// assert_eq!((summaries[0].undefined[0], summaries[0].mean), (&rows[1], Some(&rows[3])));
    /// ```
    pub fn all(rows: &'a [ComparisonRow]) -> Vec<Self> {
        let key = |row: &'a ComparisonRow| [&row.model_a, &row.model_b, &row.split, &row.metric].map(String::as_str);
        group(rows.iter().map(|row| (key(row), row))).into_iter().map(Self::new).collect()
    }

    fn new(([model_a, model_b, split, metric], rows): ([&'a str; 4], Vec<&'a ComparisonRow>)) -> Self {
        let mean = rows.iter().copied().rfind(|row| row.is_mean());
        let rows_of_tracks = rows.into_iter().filter(|row| !row.is_mean());
        let (mut tracks, undefined): (Vec<_>, Vec<_>) = rows_of_tracks.partition(|row| row.delta.is_some());
        tracks.sort_by(|a, b| b.delta.unwrap_or_default().total_cmp(&a.delta.unwrap_or_default()));
        Self { model_a, model_b, split, metric, tracks, undefined, mean }
    }

    /// Returns how many tracks have a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.tracks.iter().filter(|row| row.verdict == Some(verdict)).count()
    }

    /// Counts tracks and factors.
    pub(in crate::eval) fn tally(&self) -> Tally<'a> {
        Tally::new(self.tracks.iter().copied())
    }

    /// Counts the tracks that are undecided for each reason, in brackets; empty if there are none.
    pub(crate) fn reasons(&self) -> String {
        Reason::format_counts(self.tracks.iter().filter_map(|row| row.reason.as_ref()))
    }

    /// Returns the tracks with a reason, as `TF (CELL)`.
    pub fn tracks_with(&self, reason: &Reason) -> Vec<String> {
        let rows = self.tracks.iter().chain(&self.undefined).filter(|row| row.reason.as_ref() == Some(reason));
        rows.map(|row| track_name(&row.tf, &row.cell)).collect()
    }

    /// Returns what is wrong with a model's scores, and the tracks on which it is.
    pub fn faults(&self) -> Vec<(&'a Reason, Vec<String>)> {
        let faults = self.tracks.iter().filter_map(|row| row.reason.as_ref()).filter(|reason| reason.is_fault());
        group(faults.map(|reason| (reason, ())))
            .into_iter()
            .map(|(reason, _)| (reason, self.tracks_with(reason)))
            .collect()
    }

    /// Returns on how many tracks model a is non-inferior to b (see [`ComparisonRow::excludes_loss`]).
    pub fn without_loss(&self) -> usize {
        self.tracks.iter().filter(|row| row.excludes_loss() == Some(true)).count()
    }

    /// Returns the fewest training seeds behind any of the rows.
    pub fn seeds(&self) -> u64 {
        self.rows().map(|row| row.seeds).min().unwrap_or_default()
    }

    /// Returns all rows: tracks with a difference, the highest first, tracks without one, the mean.
    pub fn rows(&self) -> impl Iterator<Item = &'a ComparisonRow> {
        self.tracks.iter().chain(&self.undefined).copied().chain(self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_do_not_mix_and_keep_their_order() {
        let row = |model_b: &str, tf: &str, verdict| ComparisonRow {
            model_a: "multi".into(),
            model_b: model_b.into(),
            tf: tf.into(),
            delta: Some(0.1),
            seeds: 2,
            verdict: Some(verdict),
            ..ComparisonRow::default()
        };
        let rows = [
            row("single", "CTCF", Verdict::Better),
            row("motif", "CTCF", Verdict::Equal),
            row("single", "MAX", Verdict::Better),
            row("single", "*", Verdict::Better),
        ];
        let summaries = ComparisonSummary::all(&rows);
        assert_eq!(summaries.iter().map(|summary| summary.model_b).collect::<Vec<_>>(), ["single", "motif"]);
        assert_eq!((summaries[0].count(Verdict::Better), summaries[0].count(Verdict::Equal)), (2, 0));
        assert_eq!(summaries[0].rows().count(), 3);
        assert_eq!(summaries[1].seeds(), 2);
    }
}
