//! Two models compared, track by track.

use serde::Serialize;

pub use super::evidence::Compared;
use super::{
    bootstrap::same,
    difference::{Difference, Differences},
    evidence::{ComparedTrack, obstacle},
    fdr::q_values,
    reason::Reason,
    run::ALL,
    table::{Fields, Row, write_or_na},
    verdict::{Verdict, excludes_loss},
};
use crate::Result;

/// The name of the headline metric.
pub const AVERAGE_PRECISION: &str = "average_precision";

/// How model a differs from model b on one track: a row of `comparison.tsv`.
///
/// Where a track has no score there is no difference: the numbers and the verdict are `None`, `NA` in the file. What keeps
/// a track from having a difference, or a difference from being decided, stands in the last column, `NA` where nothing does.
/// Files of before, which lack that column, can be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ComparisonRow {
    /// The model from whose score the other's is subtracted.
    pub model_a: String,
    /// The model whose score is subtracted.
    pub model_b: String,
    /// The factor, [`ALL`] for the mean over tracks.
    pub tf: String,
    /// The cell type, [`ALL`] for the mean over tracks.
    pub cell: String,
    /// The split: `train`, `valid` or `test`.
    pub split: String,
    /// The metric, a column of `scores.tsv`.
    pub metric: String,
    /// The difference a - b, averaged over seeds.
    #[serde(serialize_with = "write_or_na")]
    pub delta: Option<f64>,
    /// The lower end of its 95 % interval.
    #[serde(serialize_with = "write_or_na")]
    pub low: Option<f64>,
    /// The upper end of its 95 % interval.
    #[serde(serialize_with = "write_or_na")]
    pub high: Option<f64>,
    /// The two-sided p-value of no difference.
    #[serde(serialize_with = "write_or_na")]
    pub p: Option<f64>,
    /// The false discovery rate among the tracks of this comparison; the p-value itself for the mean.
    #[serde(serialize_with = "write_or_na")]
    pub q: Option<f64>,
    /// How many training seeds each model has.
    pub seeds: u64,
    /// What that says.
    #[serde(serialize_with = "write_or_na")]
    pub verdict: Option<Verdict>,
    /// Why it says no more, `None` for a verdict other than [`Verdict::Undecided`].
    #[serde(serialize_with = "write_or_na")]
    pub reason: Option<Reason>,
}

impl Row for ComparisonRow {
    const COLUMNS: &'static [&'static str] = &[
        "model_a", "model_b", "tf", "cell", "split", "metric", "delta", "low", "high", "p", "q", "seeds", "verdict",
        "reason",
    ];
    const ADDED: usize = 1;

    fn from_fields(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Self {
            model_a: fields.text(),
            model_b: fields.text(),
            tf: fields.text(),
            cell: fields.text(),
            split: fields.text(),
            metric: fields.text(),
            delta: fields.number_or_na()?,
            low: fields.number_or_na()?,
            high: fields.number_or_na()?,
            p: fields.number_or_na()?,
            q: fields.number_or_na()?,
            seeds: fields.count()?,
            verdict: fields.verdict_or_na()?,
            reason: fields.reason_or_na()?,
        })
    }
}

impl ComparisonRow {
    /// Makes a row for each track, then one for their mean.
    ///
    /// Q-values are those of the tracks that have a difference; the mean is one test, and no part of them. A difference
    /// that cannot be judged, say for one seed, keeps its numbers (see [`nominal`](Self::nominal)).
    ///
    /// ```
    /// use multitf::{
    ///     eval::{
    ///         block::Blocks,
    ///         bootstrap::Bootstrap,
    ///         comparison::{Compared, ComparisonRow},
    ///         evidence::ComparedTrack,
    ///         verdict::Verdict,
    ///     },
    ///     genome::{Interval, Label::{Bound, Unbound}},
    /// };
    ///
    /// let bins = (0..100).map(|i| Interval { chromosome: 0, start: i * 10_000, end: i * 10_000 + 200 });
    /// let blocks = Blocks::new(bins, 10_000);
    /// let labels: Vec<_> = (0..100).map(|i| if i % 4 == 0 { Bound } else { Unbound }).collect();
    /// let scores: Vec<f32> = (0..100).map(|i| (i % 3) as f32).collect();
    /// let bootstrap = Bootstrap { replicates: 200, seed: 1 };
    /// let ranked = blocks.rank(&scores, &labels)?;
    /// let resampled = bootstrap.resample(&[ranked.clone()], blocks.len());
    ///
    /// let compared = Compared { model_a: "multi", model_b: "single", split: "valid" };
    /// let seeds = [resampled.clone(), resampled];
    /// let differences = bootstrap.differences(&seeds, &seeds)?;
    /// let rankings = vec![&ranked; 2];
    /// let track = ComparedTrack { tf: "REB1", cell: "yeast", of_a: rankings.clone(), of_b: rankings };
    /// let rows = ComparisonRow::all(compared, &[track], &differences)?;
    /// assert_eq!((rows[0].tf.as_str(), rows[1].tf.as_str()), ("REB1", "*"));
    /// assert_eq!(rows[0].verdict, Some(Verdict::Equal)); // a model equals itself
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there is not one track for each difference, ranked once for each seed.
    pub fn all(compared: Compared<'_>, tracks: &[ComparedTrack<'_>], differences: &Differences) -> Result<Vec<Self>> {
        same("tracks", differences.tracks().len(), tracks.len())?;
        for track in tracks {
            same("rankings of a track", differences.seeds(), track.of_a.len())?;
            same("rankings of a track", differences.seeds(), track.of_b.len())?;
        }
        let p_values: Vec<f64> = differences.tracks().iter().flatten().map(Difference::p_value).collect();
        let mut q_values = q_values(&p_values).into_iter();
        let blank = Self {
            model_a: compared.model_a.to_owned(),
            model_b: compared.model_b.to_owned(),
            split: compared.split.to_owned(),
            metric: AVERAGE_PRECISION.to_owned(),
            seeds: differences.seeds() as u64,
            ..Self::default()
        };
        let mut rows: Vec<Self> = tracks
            .iter()
            .zip(differences.tracks())
            .map(|(track, difference)| {
                let tested = difference.as_ref().zip(difference.as_ref().and_then(|_| q_values.next()));
                blank.clone().of((track.tf, track.cell), tested, track.obstacle(compared))
            })
            .collect();
        let pairs = tracks.iter().zip(differences.tracks());
        let scored: Vec<&ComparedTrack<'_>> =
            pairs.filter(|(_, difference)| difference.is_some()).map(|(track, _)| track).collect();
        let mean = differences.mean();
        let tested = mean.as_ref().map(|mean| (mean, mean.p_value()));
        rows.push(blank.of((ALL, ALL), tested, obstacle(compared, &scored)));
        Ok(rows)
    }

    /// Returns the row of a track that has no score of one of the models.
    pub(super) fn without_score(compared: Compared<'_>, (tf, cell): (&str, &str), seeds: u64, reason: Reason) -> Self {
        Self {
            model_a: compared.model_a.to_owned(),
            model_b: compared.model_b.to_owned(),
            tf: tf.to_owned(),
            cell: cell.to_owned(),
            split: compared.split.to_owned(),
            metric: AVERAGE_PRECISION.to_owned(),
            seeds,
            reason: Some(reason),
            ..Self::default()
        }
    }

    /// Returns whether this is the mean over tracks.
    pub fn is_mean(&self) -> bool {
        self.tf == ALL
    }

    /// Returns the verdict that the numbers alone would give, whatever they rest on; none without a difference.
    ///
    /// For choosing between models that are there, not for saying which kind is better.
    pub fn nominal(&self) -> Option<Verdict> {
        let interval = (self.low.unwrap_or(f64::NEG_INFINITY), self.high.unwrap_or(f64::INFINITY));
        Some(Verdict::new(self.delta?, interval, self.q?))
    }

    /// Returns whether the data exclude that model a is worse by more than
    /// [`EQUAL_WITHIN`](super::verdict::EQUAL_WITHIN); none without a difference, or without replicates.
    pub fn excludes_loss(&self) -> Option<bool> {
        excludes_loss(self.low, self.reason.as_ref())
    }

    /// Fills in a track, what was found on it (a difference and its q-value), and why that cannot be judged.
    fn of(mut self, (tf, cell): (&str, &str), tested: Option<(&Difference, f64)>, obstacle: Option<Reason>) -> Self {
        tf.clone_into(&mut self.tf);
        cell.clone_into(&mut self.cell);
        self.reason = obstacle;
        if let Some((difference, q)) = tested {
            let (low, high) = difference.interval();
            self.delta = Some(difference.delta());
            // Without replicates nothing bounds the difference.
            (self.low, self.high) =
                (Some(low).filter(|low| low.is_finite()), Some(high).filter(|high| high.is_finite()));
            (self.p, self.q) = (Some(difference.p_value()), Some(q));
            self.verdict = if self.reason.is_some() { Some(Verdict::Undecided) } else { self.nominal() };
            if self.verdict == Some(Verdict::Undecided) && self.reason.is_none() {
                self.reason = Some(Reason::WideInterval);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        eval::table,
        genome::Label::{Bound, Unbound},
        metric::RankedTrack,
        testing::TestFolder,
    };

    const COMPARED: Compared<'_> = Compared { model_a: "multi", model_b: "single", split: "test" };

    fn constant(delta: f64) -> Difference {
        Difference::new(delta, vec![delta; 999])
    }

    /// A track with a bound and an unbound bin in each of some blocks.
    fn ranked(blocks: u32) -> RankedTrack {
        let labels: Vec<_> = (0..2 * blocks).map(|bin| if bin % 2 == 0 { Bound } else { Unbound }).collect();
        let scores: Vec<f32> = (0..2 * blocks).map(|bin| bin as f32).collect();
        let blocks: Vec<u32> = (0..2 * blocks).map(|bin| bin / 2).collect();
        RankedTrack::new(&scores, &labels, &blocks).unwrap()
    }

    fn track<'a>(tf: &'a str, ranked: &'a RankedTrack, seeds: usize) -> ComparedTrack<'a> {
        ComparedTrack { tf, cell: "x", of_a: vec![ranked; seeds], of_b: vec![ranked; seeds] }
    }

    #[test]
    fn a_track_without_a_score_takes_no_part_in_q_values_and_comes_back_from_a_file() {
        let differences = Differences::new(3, vec![Some(constant(0.1)), None, Some(constant(0.0))]);
        let (whole, none) = (ranked(12), ranked(0));
        let tracks = [track("A", &whole, 3), track("B", &none, 3), track("C", &whole, 3)];
        let rows = ComparisonRow::all(COMPARED, &tracks, &differences).unwrap();
        assert_eq!(rows.iter().map(|row| row.q).collect::<Vec<_>>(), [Some(0.004), None, Some(1.0), Some(0.002)]);
        let verdicts: Vec<_> = rows.iter().map(|row| row.verdict).collect();
        assert_eq!(verdicts, [Some(Verdict::Better), None, Some(Verdict::Equal), Some(Verdict::Better)]);
        let reasons: Vec<_> = rows.iter().map(|row| row.reason.clone()).collect();
        assert_eq!(reasons, [None, Some(Reason::NoBoundBin), None, None]);
        assert_eq!(rows.iter().map(ComparisonRow::is_mean).collect::<Vec<_>>(), [false, false, false, true]);
        let folder = TestFolder::new("comparison");
        let path = folder.path().join("comparison.tsv");
        table::write(&path, &rows).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("\t3\tbetter\tNA"), "{}", lines[1]);
        assert_eq!(lines[2], "multi\tsingle\tB\tx\ttest\taverage_precision\tNA\tNA\tNA\tNA\tNA\t3\tNA\tno bound bin");
        assert_eq!(table::read::<ComparisonRow>(&path).unwrap(), rows);
    }

    #[test]
    fn a_difference_that_rests_on_too_little_keeps_its_numbers_and_has_no_verdict() {
        let (whole, few) = (ranked(12), ranked(4));
        let few_blocks = || Some(Reason::FewBoundBlocks { found: 4, needed: 10 });
        let rows = |ranked: &RankedTrack, seeds, difference: Difference| {
            let tracks = [track("A", ranked, seeds)];
            ComparisonRow::all(COMPARED, &tracks, &Differences::new(seeds, vec![Some(difference)])).unwrap()
        };
        for (ranked, seeds, reason) in [(&whole, 1, Some(Reason::OneSeed)), (&few, 2, few_blocks())] {
            for (delta, nominal) in [(0.1, Verdict::Better), (-0.1, Verdict::Worse), (0.0, Verdict::Equal)] {
                // The mean as well.
                for row in rows(ranked, seeds, constant(delta)) {
                    assert_eq!((row.verdict, &row.reason), (Some(Verdict::Undecided), &reason));
                    assert_eq!((row.delta, row.low, row.high), (Some(delta), Some(delta), Some(delta)));
                    assert_eq!((row.nominal(), row.excludes_loss()), (Some(nominal), Some(false)));
                }
            }
        }
        let wide = Difference::new(0.0, (-50..=50).map(f64::from).collect());
        for row in rows(&whole, 2, wide) {
            assert_eq!((row.verdict, row.reason), (Some(Verdict::Undecided), Some(Reason::WideInterval)));
        }
    }

    #[test]
    fn without_any_score_the_mean_is_undefined_too() {
        let none = ranked(0);
        let rows = ComparisonRow::all(COMPARED, &[track("A", &none, 1)], &Differences::new(1, vec![None])).unwrap();
        assert!(rows.iter().all(|row| row.delta.is_none() && row.verdict.is_none()));
        assert_eq!(rows[1].reason, Some(Reason::NoTrack));
    }

    #[test]
    fn tracks_and_rankings_must_agree_in_number() {
        let none = ranked(0);
        let message = |tracks: &[ComparedTrack<'_>]| {
            ComparisonRow::all(COMPARED, tracks, &Differences::new(2, vec![None])).unwrap_err().to_string()
        };
        assert_eq!(message(&[]), "number of tracks: expected 1, found 0");
        assert_eq!(message(&[track("A", &none, 1)]), "number of rankings of a track: expected 2, found 1");
    }
}
