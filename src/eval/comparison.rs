//! Two models compared, track by track.

mod block;
mod bootstrap;
mod compared_track;
mod difference;
mod reason;
mod summary;
mod tally;
mod verdict;

use serde::Serialize;

pub(super) use self::tally::Tally;
use self::verdict::obstacle;
pub use self::{
    block::{Blocks, MIN_BLOCK_BP},
    bootstrap::{Bootstrap, Resampled},
    compared_track::{ComparedTrack, ModelPair},
    difference::{Difference, Differences},
    reason::Reason,
    summary::ComparisonSummary,
    verdict::{EQUAL_WITHIN, MIN_BLOCKS, MIN_SEEDS, SIGNIFICANT_Q, Verdict},
};
use crate::{
    Error, Result,
    eval::{
        run::ALL,
        table::{table_row, write_or_na},
    },
    metric::q_values,
};

/// The name of the headline metric.
pub const AVERAGE_PRECISION: &str = "average_precision";

/// How model a differs from model b on one track: a row of `comparison.tsv`.
///
/// A track without a score has no difference: the numbers and the verdict are `None`, `NA` in the file. The column
/// `reason` says why a track has no difference, or why the difference is undecided; otherwise it is `NA`. Older files,
/// which lack `reason` or `detectable`, can be read.
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
    /// The false discovery rate among the tracks of all comparisons that were [corrected](Self::correct) together; for
    /// a mean, that among the means.
    #[serde(serialize_with = "write_or_na")]
    pub q: Option<f64>,
    /// How many training seeds each model has.
    pub seeds: u64,
    /// What the numbers say.
    #[serde(serialize_with = "write_or_na")]
    pub verdict: Option<Verdict>,
    /// The smallest difference that would have been found ([`Difference::detectable`]); `None` where no verdict is
    /// possible.
    #[serde(serialize_with = "write_or_na")]
    pub detectable: Option<f64>,
    /// Why there is no other verdict; `None` unless it is [`Verdict::Undecided`] or missing.
    #[serde(serialize_with = "write_or_na")]
    pub reason: Option<Reason>,
}

table_row!(ComparisonRow: model_a, model_b, tf, cell, split, metric, delta, low, high, p, q, seeds, verdict,
    detectable, reason; detectable, reason);

impl ComparisonRow {
    /// Makes a row for each track, then one for their mean.
    ///
    /// Q-values are taken over the tracks that have a difference. The mean is one test by itself. Several pairs of
    /// models must be [corrected](Self::correct) together. A difference that cannot be judged, say because there is one
    /// seed, keeps its numbers (see [`nominal`](Self::nominal)).
    ///
    /// ```
    /// use multitf::{
    ///     eval::{Blocks, Bootstrap, ComparedTrack, ComparisonRow, ModelPair, Verdict},
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
    /// let models = ModelPair { model_a: "multi", model_b: "single", split: "valid" };
    /// let seeds = [resampled.clone(), resampled];
    /// let differences = bootstrap.differences(&seeds, &seeds)?;
    /// let rankings = vec![&ranked; 2];
    /// let track = ComparedTrack { tf: "REB1", cell: "yeast", rankings_a: rankings.clone(), rankings_b: rankings };
    /// let rows = ComparisonRow::all(models, &[track], &differences)?;
    /// assert_eq!((rows[0].tf.as_str(), rows[1].tf.as_str()), ("REB1", "*"));
    /// assert_eq!(rows[0].verdict, Some(Verdict::Equal)); // a model equals itself
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`](crate::Error::Mismatch) unless there is one track for each difference, ranked once for each
    /// seed.
    pub fn all(models: ModelPair<'_>, tracks: &[ComparedTrack<'_>], differences: &Differences) -> Result<Vec<Self>> {
        Error::unless_equal("number of tracks", differences.tracks().len(), tracks.len())?;
        for rankings in tracks.iter().flat_map(|track| [&track.rankings_a, &track.rankings_b]) {
            Error::unless_equal("number of rankings of a track", differences.seeds(), rankings.len())?;
        }
        let seeds = differences.seeds() as u64;
        let pairs = || tracks.iter().zip(differences.tracks());
        let row = |(track, difference): (&ComparedTrack<'_>, &Option<Difference>)| {
            Self::blank(models, (track.tf, track.cell), seeds).measured(difference.as_ref(), obstacle(models, &[track]))
        };
        let mut rows: Vec<Self> = pairs().map(row).collect();
        let scored: Vec<&ComparedTrack<'_>> =
            pairs().filter(|(_, difference)| difference.is_some()).map(|(track, _)| track).collect();
        let mean = differences.mean();
        rows.push(Self::blank(models, (ALL, ALL), seeds).measured(mean.as_ref(), obstacle(models, &scored)));
        Self::correct(&mut rows);
        Ok(rows)
    }

    /// Corrects the comparisons of one report for multiple testing, and judges them.
    ///
    /// The tracks of all pairs of models get their q-values together (Benjamini and Hochberg), and so do the means
    /// among themselves. A verdict follows from the new q-value, where one is possible. Rows may have been corrected
    /// before.
    ///
    /// ```
    /// use multitf::eval::{ComparisonRow, Verdict};
    ///
    /// let row = |model_b: &str, p| ComparisonRow {
    ///     model_b: model_b.into(),
    ///     tf: "REB1".into(),
    ///     delta: Some(0.1),
    ///     p: Some(p),
    ///     ..ComparisonRow::default()
    /// };
    /// let mut rows = [row("single", 0.03), row("motif", 0.5)];
    /// ComparisonRow::correct(&mut rows[..1]);
    /// assert_eq!((rows[0].q, rows[0].verdict), (Some(0.03), Some(Verdict::Better)));
    /// ComparisonRow::correct(&mut rows);
    /// assert_eq!((rows[0].q, rows[0].verdict), (Some(0.06), Some(Verdict::Undecided)));
    /// ```
    pub fn correct(rows: &mut [Self]) {
        for is_mean in [false, true] {
            let mut tested: Vec<&mut Self> =
                rows.iter_mut().filter(|row| row.is_mean() == is_mean && row.p.is_some()).collect();
            let p_values: Vec<f64> = tested.iter().filter_map(|row| row.p).collect();
            for (row, q) in tested.iter_mut().zip(q_values(&p_values)) {
                row.judge(q);
            }
        }
    }

    /// Returns a row without numbers.
    fn blank(models: ModelPair<'_>, (tf, cell): (&str, &str), seeds: u64) -> Self {
        Self {
            model_a: models.model_a.to_owned(),
            model_b: models.model_b.to_owned(),
            tf: tf.to_owned(),
            cell: cell.to_owned(),
            split: models.split.to_owned(),
            metric: AVERAGE_PRECISION.to_owned(),
            seeds,
            ..Self::default()
        }
    }

    /// Returns the row of a track on which one of the models has no score.
    pub(super) fn without_score(models: ModelPair<'_>, track: (&str, &str), seeds: u64, reason: Reason) -> Self {
        Self { reason: Some(reason), ..Self::blank(models, track, seeds) }
    }

    /// Returns whether this is the mean over tracks.
    pub fn is_mean(&self) -> bool {
        self.tf == ALL
    }

    /// Returns the verdict by q-value and interval alone, without the minimum numbers of seeds and blocks and whatever
    /// is wrong with the scores; `None` without a difference.
    ///
    /// It is for choosing between trained models, not for saying which kind of model is better.
    pub fn nominal(&self) -> Option<Verdict> {
        let interval = (self.low.unwrap_or(f64::NEG_INFINITY), self.high.unwrap_or(f64::INFINITY));
        Some(Verdict::new(self.delta?, interval, self.q?))
    }

    /// Returns whether model a is non-inferior to b: the lower end of the 95 % interval is at least
    /// -[`EQUAL_WITHIN`](crate::eval::EQUAL_WITHIN), and a verdict is possible. `None` without a difference, or without
    /// replicates.
    pub fn excludes_loss(&self) -> Option<bool> {
        Verdict::excludes_loss(self.low, self.reason.as_ref())
    }

    /// Fills in a difference, and why it cannot be judged.
    fn measured(mut self, difference: Option<&Difference>, obstacle: Option<Reason>) -> Self {
        if let Some(difference) = difference {
            let (low, high) = difference.interval();
            self.delta = Some(difference.delta());
            // Without replicates nothing bounds the difference.
            (self.low, self.high) =
                (Some(low).filter(|low| low.is_finite()), Some(high).filter(|high| high.is_finite()));
            self.p = Some(difference.p_value());
            self.detectable = difference.detectable().filter(|_| obstacle.is_none());
        }
        self.reason = obstacle;
        self
    }

    /// Fills in the q-value and the verdict.
    fn judge(&mut self, q: f64) {
        self.q = Some(q);
        let obstacle = self.reason.take().filter(|reason| *reason != Reason::WideInterval);
        self.verdict = if obstacle.is_some() { Some(Verdict::Undecided) } else { self.nominal() };
        let wide = (self.verdict == Some(Verdict::Undecided)).then_some(Reason::WideInterval);
        self.reason = obstacle.or(wide);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        eval::{read_table, write_table},
        genome::Label::{Bound, Unbound},
        metric::RankedTrack,
        testing::TestFolder,
    };

    const MODELS: ModelPair<'_> = ModelPair { model_a: "multi", model_b: "single", split: "test" };

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
        ComparedTrack { tf, cell: "x", rankings_a: vec![ranked; seeds], rankings_b: vec![ranked; seeds] }
    }

    #[test]
    fn a_track_without_a_score_takes_no_part_in_q_values_and_comes_back_from_a_file() {
        let differences = Differences::new(3, vec![Some(constant(0.125)), None, Some(constant(0.0))]);
        let (whole, none) = (ranked(12), ranked(0));
        let tracks = [track("A", &whole, 3), track("B", &none, 3), track("C", &whole, 3)];
        let rows = ComparisonRow::all(MODELS, &tracks, &differences).unwrap();
        assert_eq!(rows.iter().map(|row| row.q).collect::<Vec<_>>(), [Some(0.004), None, Some(1.0), Some(0.002)]);
        let verdicts: Vec<_> = rows.iter().map(|row| row.verdict).collect();
        assert_eq!(verdicts, [Some(Verdict::Better), None, Some(Verdict::Equal), Some(Verdict::Better)]);
        let reasons: Vec<_> = rows.iter().map(|row| row.reason.clone()).collect();
        assert_eq!(reasons, [None, Some(Reason::NoBoundBin), None, None]);
        assert_eq!(rows.iter().map(ComparisonRow::is_mean).collect::<Vec<_>>(), [false, false, false, true]);
        let folder = TestFolder::new("comparison");
        let path = folder.path().join("comparison.tsv");
        write_table(&path, &rows).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].ends_with("\t3\tbetter\t0.0\tNA"), "{}", lines[1]);
        assert_eq!(
            lines[2],
            "multi\tsingle\tB\tx\ttest\taverage_precision\tNA\tNA\tNA\tNA\tNA\t3\tNA\tNA\tno bound bin"
        );
        assert_eq!(read_table::<ComparisonRow>(&path).unwrap(), rows);
    }

    #[test]
    fn a_difference_that_rests_on_too_little_keeps_its_numbers_and_has_no_verdict() {
        let (whole, few) = (ranked(12), ranked(4));
        let few_blocks = || Some(Reason::FewBoundBlocks { found: 4, needed: 10 });
        let rows = |ranked: &RankedTrack, seeds, difference: Difference| {
            let tracks = [track("A", ranked, seeds)];
            ComparisonRow::all(MODELS, &tracks, &Differences::new(seeds, vec![Some(difference)])).unwrap()
        };
        for (ranked, seeds, reason) in [(&whole, 1, Some(Reason::OneSeed)), (&few, 2, few_blocks())] {
            for (delta, nominal) in [(0.1, Verdict::Better), (-0.1, Verdict::Worse), (0.0, Verdict::Equal)] {
                // The mean as well.
                for row in rows(ranked, seeds, constant(delta)) {
                    assert_eq!((row.verdict, &row.reason), (Some(Verdict::Undecided), &reason));
                    assert_eq!((row.delta, row.low, row.high), (Some(delta), Some(delta), Some(delta)));
                    assert_eq!((row.nominal(), row.excludes_loss()), (Some(nominal), Some(false)));
                    assert_eq!(row.detectable, None);
                }
            }
        }
        let wide = Difference::new(0.0, (-50..=50).map(f64::from).collect());
        for row in rows(&whole, 2, wide) {
            assert_eq!((row.verdict, row.reason), (Some(Verdict::Undecided), Some(Reason::WideInterval)));
            assert!(row.detectable.is_some_and(|detectable| detectable > 80.0));
        }
    }

    #[test]
    fn pairs_of_models_are_corrected_together_and_means_by_themselves() {
        let row = |model_b: &str, tf: &str, p: Option<f64>| ComparisonRow {
            model_a: "multi".into(),
            model_b: model_b.into(),
            tf: tf.into(),
            delta: p.map(|_| 0.25),
            p,
            ..ComparisonRow::default()
        };
        let mut rows = vec![
            row("single", "A", Some(0.01)),
            row("single", "B", None),
            row("single", ALL, Some(0.03)),
            row("motif", "A", Some(0.04)),
            ComparisonRow { reason: Some(Reason::OneSeed), ..row("motif", "B", Some(0.5)) },
            row("motif", ALL, Some(0.04)),
        ];
        ComparisonRow::correct(&mut rows);
        let (q, verdicts): (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.q, row.verdict)).unzip();
        assert_eq!(q, [Some(0.03), None, Some(0.04), Some(0.06), Some(0.5), Some(0.04)]);
        let (better, undecided) = (Some(Verdict::Better), Some(Verdict::Undecided));
        assert_eq!(verdicts, [better, None, better, undecided, undecided, better]);
        assert_eq!((&rows[3].reason, &rows[4].reason), (&Some(Reason::WideInterval), &Some(Reason::OneSeed)));
        // Again, for a pair alone.
        ComparisonRow::correct(&mut rows[3..4]);
        assert_eq!((rows[3].q, rows[3].verdict, &rows[3].reason), (Some(0.04), better, &None));
    }

    #[test]
    fn without_any_score_the_mean_is_undefined_too() {
        let none = ranked(0);
        let rows = ComparisonRow::all(MODELS, &[track("A", &none, 1)], &Differences::new(1, vec![None])).unwrap();
        assert!(rows.iter().all(|row| row.delta.is_none() && row.verdict.is_none()));
        assert_eq!(rows[1].reason, Some(Reason::NoTrack));
    }

    #[test]
    fn tracks_and_rankings_must_agree_in_number() {
        let none = ranked(0);
        let message = |tracks: &[ComparedTrack<'_>]| {
            ComparisonRow::all(MODELS, tracks, &Differences::new(2, vec![None])).unwrap_err().to_string()
        };
        assert_eq!(message(&[]), "number of tracks: expected 1, found 0");
        assert_eq!(message(&[track("A", &none, 1)]), "number of rankings of a track: expected 2, found 1");
    }
}
