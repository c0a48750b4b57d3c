//! Counts of tracks and factors, for the sentences of a report.

use std::collections::BTreeMap;

use crate::eval::{ComparisonRow, EQUAL_WITHIN, TransferRow, Verdict, report::numbers::tracks};

/// A track with a difference.
#[derive(Clone, Copy, Debug)]
pub(in crate::eval) struct JudgedTrack<'a> {
    tf: &'a str,
    verdict: Option<Verdict>,
    excludes_loss: bool,
    detectable: Option<f64>,
}

impl<'a> From<&'a ComparisonRow> for JudgedTrack<'a> {
    fn from(row: &'a ComparisonRow) -> Self {
        let excludes_loss = row.excludes_loss() == Some(true);
        Self { tf: &row.tf, verdict: row.verdict, excludes_loss, detectable: row.detectable }
    }
}

impl<'a> From<&'a TransferRow> for JudgedTrack<'a> {
    fn from(row: &'a TransferRow) -> Self {
        let excludes_loss = row.excludes_loss() == Some(true);
        Self { tf: &row.tf, verdict: row.verdict, excludes_loss, detectable: row.detectable }
    }
}

/// The tracks of a comparison that have a difference, by factor.
///
/// Tracks of a factor in several cell types are not independent findings, so that factors are counted too. A factor
/// counts as better if it is better on a track and worse on none, as worse if it is worse on a track, and a loss is
/// excluded for it if one is excluded on all of its tracks.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Tally<'a> {
    factors: BTreeMap<&'a str, Vec<JudgedTrack<'a>>>,
}

impl<'a> Tally<'a> {
    /// Groups tracks with a difference by factor.
    pub(in crate::eval) fn new<T: Into<JudgedTrack<'a>>>(tracks: impl IntoIterator<Item = T>) -> Self {
        let mut factors: BTreeMap<&str, Vec<JudgedTrack<'_>>> = BTreeMap::new();
        for track in tracks.into_iter().map(Into::into) {
            factors.entry(track.tf).or_default().push(track);
        }
        Self { factors }
    }

    /// Returns the number of tracks.
    pub(in crate::eval) fn tracks(&self) -> usize {
        self.count_tracks(|_| true)
    }

    /// Returns whether no factor has more than one track, so that to count both would say things twice.
    pub(in crate::eval) fn has_one_track_each(&self) -> bool {
        self.tracks() == self.factors.len()
    }

    /// Returns on how many tracks, and factors, there is a verdict.
    pub(in crate::eval) fn on(&self, verdict: Verdict) -> String {
        let tracks = self.count_tracks(|track| track.verdict == Some(verdict));
        let has = |factor: &[JudgedTrack<'_>], verdict| factor.iter().any(|track| track.verdict == Some(verdict));
        let is_better = |factor: &[JudgedTrack<'_>]| has(factor, Verdict::Better) && !has(factor, Verdict::Worse);
        match verdict {
            Verdict::Better => self.with_factors(tracks, is_better),
            Verdict::Worse => self.with_factors(tracks, |factor| has(factor, Verdict::Worse)),
            Verdict::Equal | Verdict::Undecided => tracks.to_string(),
        }
    }

    fn with_factors(&self, count: usize, is_counted: impl Fn(&[JudgedTrack<'_>]) -> bool) -> String {
        if self.has_one_track_each() {
            return count.to_string();
        }
        format!("{count} of {} ({})", tracks(self.tracks()), self.share_of_factors(is_counted))
    }

    /// Says for how many factors, and on how many tracks, a loss is excluded: "for 1 of 2 factors a loss above 0.02 is
    /// excluded".
    pub(in crate::eval) fn excluded_loss(&self) -> String {
        let factors = self.share_of_factors(|factor| factor.iter().all(|track| track.excludes_loss));
        let excluded = self.count_tracks(|track| track.excludes_loss);
        let on_tracks = if self.has_one_track_each() {
            String::new()
        } else {
            format!(" (on {excluded} of {})", tracks(self.tracks()))
        };
        format!("for {factors}{on_tracks} a loss above {EQUAL_WITHIN} is excluded")
    }

    /// Says what could have been found; `None` if no track can be judged.
    pub(in crate::eval) fn detectable_loss(&self) -> Option<String> {
        let mut detectable: Vec<f64> = self.factors.values().flatten().filter_map(|track| track.detectable).collect();
        detectable.sort_by(f64::total_cmp);
        let upper = *detectable.get(detectable.len() / 2)?;
        let median = f64::midpoint(detectable[(detectable.len() - 1) / 2], upper);
        let small = detectable.partition_point(|loss| *loss < EQUAL_WITHIN);
        let all = tracks(self.tracks());
        Some(format!("the median detectable loss is {median:.3}, and on {small} of {all} it is below {EQUAL_WITHIN}"))
    }

    fn count_tracks(&self, is_counted: impl Fn(&JudgedTrack<'_>) -> bool) -> usize {
        self.factors.values().flatten().filter(|track| is_counted(track)).count()
    }

    /// "1 of 2 factors"
    fn share_of_factors(&self, is_counted: impl Fn(&[JudgedTrack<'_>]) -> bool) -> String {
        let (count, all) = (self.factors.values().filter(|factor| is_counted(factor)).count(), self.factors.len());
        format!("{count} of {all} factor{}", if all == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tf: &str, verdict: Verdict, low: f64, detectable: Option<f64>) -> ComparisonRow {
        let (tf, low, verdict) = (tf.into(), Some(low), Some(verdict));
        ComparisonRow { tf, low, verdict, detectable, ..ComparisonRow::default() }
    }

    #[test]
    fn a_factor_is_worse_if_a_track_is_and_better_only_if_none_is() {
        let rows = [
            row("A", Verdict::Better, 0.01, None),
            row("A", Verdict::Worse, -0.1, None),
            row("B", Verdict::Better, 0.01, None),
            row("B", Verdict::Equal, -0.02, None),
            row("C", Verdict::Undecided, -0.03, None),
        ];
        let tally = Tally::new(&rows);
        let found = Verdict::ALL.map(|verdict| tally.on(verdict));
        assert_eq!(found, ["2 of 5 tracks (1 of 3 factors)", "1 of 5 tracks (1 of 3 factors)", "1", "1"]);
        let excluded = "for 1 of 3 factors (on 3 of 5 tracks) a loss above 0.02 is excluded";
        assert_eq!(tally.excluded_loss(), excluded);
        assert_eq!(tally.detectable_loss(), None);
    }

    #[test]
    fn with_one_track_for_each_factor_nothing_is_said_twice() {
        let rows = [
            row("A", Verdict::Better, 0.01, Some(0.01)),
            row("B", Verdict::Worse, -0.1, Some(0.25)),
            row("C", Verdict::Undecided, 0.0, None),
        ];
        let tally = Tally::new(&rows);
        assert_eq!(Verdict::ALL.map(|verdict| tally.on(verdict)), ["1", "1", "0", "1"]);
        assert_eq!(tally.excluded_loss(), "for 2 of 3 factors a loss above 0.02 is excluded");
        let detectable = "the median detectable loss is 0.130, and on 1 of 3 tracks it is below 0.02";
        assert_eq!(tally.detectable_loss().as_deref(), Some(detectable));
        let detectable = "the median detectable loss is 0.010, and on 1 of 1 track it is below 0.02";
        assert_eq!(Tally::new(&rows[..1]).detectable_loss().as_deref(), Some(detectable));
    }
}
