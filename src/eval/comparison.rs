//! Two models compared, track by track.

use serde::Serialize;

use super::{
    difference::{Difference, Differences},
    fdr::q_values,
    run::ALL,
    table::{Fields, Row, write_or_na},
    verdict::Verdict,
};
use crate::{Error, Result};

/// The name of the headline metric.
pub const AVERAGE_PRECISION: &str = "average_precision";

/// How model a differs from model b on one track: a row of `comparison.tsv`.
///
/// Where a track has no score there is no difference: the numbers and the verdict are `None`, `NA` in the file.
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
}

impl Row for ComparisonRow {
    const COLUMNS: &'static [&'static str] =
        &["model_a", "model_b", "tf", "cell", "split", "metric", "delta", "low", "high", "p", "q", "seeds", "verdict"];

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
        })
    }
}

/// Which two models are compared, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
}

impl ComparisonRow {
    /// Makes a row for each track, named by factor and cell type, then one for their mean.
    ///
    /// Q-values are those of the tracks that have a difference; the mean is one test, and no part of them.
    ///
    /// ```
    /// use multitf::{
    ///     eval::{block::Blocks, bootstrap::Bootstrap, comparison::{Compared, ComparisonRow}, verdict::Verdict},
    ///     genome::{Interval, Label::{Bound, Unbound}},
    /// };
    ///
    /// let bins = (0..100).map(|i| Interval { chromosome: 0, start: i * 10_000, end: i * 10_000 + 200 });
    /// let blocks = Blocks::new(bins, 10_000);
    /// let labels: Vec<_> = (0..100).map(|i| if i % 4 == 0 { Bound } else { Unbound }).collect();
    /// let scores: Vec<f32> = (0..100).map(|i| (i % 3) as f32).collect();
    /// let bootstrap = Bootstrap { replicates: 200, seed: 1 };
    /// let resampled = bootstrap.resample(&[blocks.rank(&scores, &labels)?], blocks.len());
    ///
    /// let compared = Compared { model_a: "multi", model_b: "single", split: "valid" };
    /// let differences = bootstrap.differences(&[resampled.clone()], &[resampled])?;
    /// let rows = ComparisonRow::all(compared, &[("REB1", "yeast")], &differences)?;
    /// assert_eq!((rows[0].tf.as_str(), rows[1].tf.as_str()), ("REB1", "*"));
    /// assert_eq!(rows[0].verdict, Some(Verdict::Equal)); // a model equals itself
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Mismatch`] if there is not one name for each track.
    pub fn all(compared: Compared<'_>, tracks: &[(&str, &str)], differences: &Differences) -> Result<Vec<Self>> {
        if tracks.len() != differences.tracks().len() {
            return Err(Error::Mismatch {
                what: "number of tracks".into(),
                expected: differences.tracks().len().to_string(),
                found: tracks.len().to_string(),
            });
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
                blank.clone().of(*track, tested)
            })
            .collect();
        let mean = differences.mean();
        rows.push(blank.of((ALL, ALL), mean.as_ref().map(|mean| (mean, mean.p_value()))));
        Ok(rows)
    }

    /// Returns whether this is the mean over tracks.
    pub fn is_mean(&self) -> bool {
        self.tf == ALL
    }

    /// Fills in a track and what was found on it: a difference and its q-value.
    fn of(mut self, (tf, cell): (&str, &str), tested: Option<(&Difference, f64)>) -> Self {
        tf.clone_into(&mut self.tf);
        cell.clone_into(&mut self.cell);
        if let Some((difference, q)) = tested {
            let (low, high) = difference.interval();
            self.delta = Some(difference.delta());
            // Without replicates nothing bounds the difference.
            (self.low, self.high) =
                (Some(low).filter(|low| low.is_finite()), Some(high).filter(|high| high.is_finite()));
            (self.p, self.q) = (Some(difference.p_value()), Some(q));
            self.verdict = Some(Verdict::new(difference.delta(), (low, high), q));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::table;

    const COMPARED: Compared<'_> = Compared { model_a: "multi", model_b: "single", split: "test" };

    fn constant(delta: f64) -> Difference {
        Difference::new(delta, vec![delta; 999])
    }

    #[test]
    fn a_track_without_a_score_takes_no_part_in_q_values_and_comes_back_from_a_file() {
        let differences = Differences::new(3, vec![Some(constant(0.1)), None, Some(constant(0.0))]);
        let tracks = [("A", "x"), ("B", "x"), ("C", "x")];
        let rows = ComparisonRow::all(COMPARED, &tracks, &differences).unwrap();
        assert_eq!(rows.iter().map(|row| row.q).collect::<Vec<_>>(), [Some(0.004), None, Some(1.0), Some(0.002)]);
        let verdicts: Vec<_> = rows.iter().map(|row| row.verdict).collect();
        assert_eq!(verdicts, [Some(Verdict::Better), None, Some(Verdict::Equal), Some(Verdict::Better)]);
        assert_eq!(rows.iter().map(ComparisonRow::is_mean).collect::<Vec<_>>(), [false, false, false, true]);
        let path = std::env::temp_dir().join(format!("multitf-comparison-{}.tsv", std::process::id()));
        table::write(&path, &rows).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = "multi\tsingle\tB\tx\ttest\taverage_precision\tNA\tNA\tNA\tNA\tNA\t3\tNA";
        assert_eq!(text.lines().nth(2), Some(expected));
        assert_eq!(table::read::<ComparisonRow>(&path).unwrap(), rows);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn without_any_score_the_mean_is_undefined_too() {
        let rows = ComparisonRow::all(COMPARED, &[("A", "x")], &Differences::new(1, vec![None])).unwrap();
        assert!(rows.iter().all(|row| row.delta.is_none() && row.verdict.is_none()));
    }

    #[test]
    fn names_and_tracks_must_agree_in_number() {
        let error = ComparisonRow::all(COMPARED, &[], &Differences::new(1, vec![None])).unwrap_err();
        assert_eq!(error.to_string(), "number of tracks: expected 1, found 0");
    }
}
