//! What sharing does to each factor's scores.

mod borrowed;

use serde::Serialize;

pub use self::borrowed::BorrowedRow;
use crate::{
    data::{Dataset, Split},
    eval::{
        ALL, ComparisonRow, Reason, RunRow, ScoreRow, Verdict,
        table::{table_row, write_or_na},
    },
};

/// The bound bins to train on, of each factor in each cell type.
#[derive(Clone, Debug, Default)]
pub struct TrainingCells {
    /// The task, factor and cell type of a track, and its number of bound bins.
    tracks: Vec<(usize, String, String, u64)>,
    /// Whether the cell type that is scored was left out of training.
    leaves_out: bool,
}

impl TrainingCells {
    /// Counts the bound bins of a data set's training split.
    pub fn new(dataset: &Dataset, context_bp: usize) -> Self {
        let tracks = dataset
            .bound_bins(Split::Train, context_bp)
            .into_iter()
            .map(|(track, bound)| (track.task, track.factor_name.to_owned(), track.cell_name.to_owned(), bound as u64));
        Self { tracks: tracks.collect(), leaves_out: dataset.is_fold() }
    }

    /// The bound bins in each cell type from which the task of a scored track learns.
    fn bound(&self, tf: &str, cell: &str) -> Vec<u64> {
        let own = || self.tracks.iter().filter(|(_, factor, _, _)| factor == tf);
        let has_tasks = own().any(|(task, ..)| own().any(|(other, ..)| other != task));
        // Of tasks that are tracks each learns from its own cell type, others from all of them.
        let learns = |known: &str| if has_tasks { known == cell } else { !(self.leaves_out && known == cell) };
        own().filter(|(_, _, known, _)| learns(known)).map(|(.., bound)| *bound).collect()
    }
}

/// What a shared model does to one track, compared with the factor's own model: a row of `transfer.tsv`.
///
/// Numbers are means over seeds. Where a track has no score they are `None`, `NA` in the file. Older files, which lack
/// `training_cells`, `detectable` or `reason`, can be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TransferRow {
    /// The model of all factors.
    pub shared: String,
    /// The model of the factor alone.
    pub own: String,
    /// The factor.
    pub tf: String,
    /// The cell type.
    pub cell: String,
    /// The split on which both were scored.
    pub split: String,
    /// How many bound bins there are to train on, in all cell types of the task.
    pub training_positives: u64,
    /// How many bound bins are scored.
    pub positives: u64,
    /// The shared model's average precision.
    #[serde(serialize_with = "write_or_na")]
    pub shared_score: Option<f64>,
    /// The own model's average precision.
    #[serde(serialize_with = "write_or_na")]
    pub own_score: Option<f64>,
    /// The difference shared - own.
    #[serde(serialize_with = "write_or_na")]
    pub delta: Option<f64>,
    /// The lower end of its 95 % interval.
    #[serde(serialize_with = "write_or_na")]
    pub low: Option<f64>,
    /// The upper end of its 95 % interval.
    #[serde(serialize_with = "write_or_na")]
    pub high: Option<f64>,
    /// The false discovery rate, as in the comparison.
    #[serde(serialize_with = "write_or_na")]
    pub q: Option<f64>,
    /// What the numbers say.
    #[serde(serialize_with = "write_or_na")]
    pub verdict: Option<Verdict>,
    /// How many samples the own model's trainings drew, all seeds together.
    pub own_draws: u64,
    /// How long these trainings took, in seconds.
    pub own_seconds: f64,
    /// In how many cell types the task is bound in the training split. `None` in older files.
    #[serde(serialize_with = "write_or_na")]
    pub training_cells: Option<u64>,
    /// The smallest loss that would have been found, as in the comparison.
    #[serde(serialize_with = "write_or_na")]
    pub detectable: Option<f64>,
    /// Why there is no other verdict, as in the comparison.
    #[serde(serialize_with = "write_or_na")]
    pub reason: Option<Reason>,
}

impl TransferRow {
    /// Makes a row for each track on which two models were compared, the greatest loss first.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::eval::{ComparisonRow, ScoreRow, TrainingCells, TransferRow};
    ///
    /// let score = |model: &str, average_precision| ScoreRow {
    ///     model: model.into(),
    ///     tf: "Reb1".into(),
    ///     average_precision: Some(average_precision),
    ///     ..ScoreRow::default()
    /// };
    /// let compared = ComparisonRow {
    ///     model_a: "multi".into(),
    ///     model_b: "single".into(),
    ///     tf: "Reb1".into(),
    ///     delta: Some(-0.25),
    ///     ..ComparisonRow::default()
    /// };
    /// let scores = [score("multi", 0.25), score("single", 0.5)];
    /// let rows = TransferRow::all("multi", "single", &[compared], &scores, &[], &TrainingCells::default());
    /// assert_eq!((rows[0].shared_score, rows[0].own_score), (Some(0.25), Some(0.5)));
    /// ```
    pub fn all(
        shared: &str,
        own: &str,
        comparisons: &[ComparisonRow],
        scores: &[ScoreRow],
        runs: &[RunRow],
        training: &TrainingCells,
    ) -> Vec<Self> {
        let compared = comparisons.iter().filter(|row| row.model_a == shared && row.model_b == own && row.tf != ALL);
        let mut rows: Vec<Self> = compared
            .map(|row| {
                let is_here = |score: &&ScoreRow| score.tf == row.tf && score.cell == row.cell;
                let scores_of = |model: &str| -> Vec<&ScoreRow> {
                    scores.iter().filter(|score| score.model == model).filter(is_here).collect()
                };
                let (shared_scores, own_scores) = (scores_of(shared), scores_of(own));
                let bound = training.bound(&row.tf, &row.cell);
                let own_runs = || runs.iter().filter(|run| run.model == own && run.tf == row.tf);
                Self {
                    shared: shared.to_owned(),
                    own: own.to_owned(),
                    tf: row.tf.clone(),
                    cell: row.cell.clone(),
                    split: row.split.clone(),
                    training_positives: bound.iter().sum(),
                    training_cells: Some(bound.iter().filter(|bound| **bound > 0).count() as u64),
                    positives: shared_scores.first().map_or(0, |score| score.positives),
                    shared_score: mean(&shared_scores),
                    own_score: mean(&own_scores),
                    delta: row.delta,
                    low: row.low,
                    high: row.high,
                    q: row.q,
                    verdict: row.verdict,
                    own_draws: own_runs().map(|run| run.draws).sum(),
                    own_seconds: own_runs().map(|run| run.seconds).sum(),
                    reason: row.reason.clone(),
                    detectable: row.detectable,
                }
            })
            .collect();
        rows.sort_by(|a, b| a.delta.unwrap_or(f64::MAX).total_cmp(&b.delta.unwrap_or(f64::MAX)));
        rows
    }

    /// Returns whether the shared model is non-inferior to the single one: the lower end of the 95 % interval is at
    /// least -[`EQUAL_WITHIN`](crate::eval::EQUAL_WITHIN) (97.5 % confidence, one-sided); `None` without a score. It is
    /// false where the data allow no verdict, say because there is one seed.
    pub fn excludes_loss(&self) -> Option<bool> {
        Verdict::excludes_loss(self.low, self.reason.as_ref())
    }
}

/// The mean over seeds; `None` where a seed has no score.
fn mean(scores: &[&ScoreRow]) -> Option<f64> {
    let values: Vec<f64> = scores.iter().map(|score| score.average_precision).collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

table_row!(TransferRow: shared, own, tf, cell, split, training_positives, positives, shared_score, own_score, delta,
    low, high, q, verdict, own_draws, own_seconds, training_cells, detectable, reason;
    training_cells, detectable, reason);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        eval::{read_table, write_table},
        testing::TestFolder,
    };

    fn score(model: &str, seed: u64, tf: &str, average_precision: Option<f64>) -> ScoreRow {
        let (model, tf) = (model.into(), tf.into());
        ScoreRow { model, seed, tf, positives: 7, average_precision, ..ScoreRow::default() }
    }

    fn compared(tf: &str, delta: Option<f64>) -> ComparisonRow {
        let (model_a, model_b) = ("multi".into(), "single".into());
        let (low, high) = (delta.map(|delta| delta - 0.01), delta.map(|delta| delta + 0.01));
        let detectable = delta.map(|_| 0.125);
        ComparisonRow { model_a, model_b, tf: tf.into(), delta, low, high, detectable, ..ComparisonRow::default() }
    }

    #[test]
    fn rows_hold_means_over_seeds_and_costs_of_all_of_them_and_survive_a_file() {
        let scores = [
            score("multi", 0, "A", Some(0.25)),
            score("multi", 1, "A", Some(0.75)),
            score("single", 0, "A", Some(0.5)),
            score("single", 1, "A", Some(1.0)),
            score("multi", 0, "B", Some(0.5)),
            score("single", 0, "B", Some(0.5)),
            score("multi", 0, "C", None),
        ];
        let comparisons = [
            compared("B", Some(0.0)),
            compared("C", None),
            compared("A", Some(-0.25)),
            ComparisonRow { reason: Some(Reason::OneSeed), ..compared("D", Some(0.0)) },
            compared(ALL, Some(0.1)),
            ComparisonRow { model_b: "motif".into(), ..compared("A", Some(0.5)) },
        ];
        let run = |model: &str, seed, tf: &str| RunRow {
            model: model.into(),
            seed,
            tf: tf.into(),
            draws: 100,
            parameters: 1,
            seconds: 1.5,
            ..RunRow::default()
        };
        let runs = [run("single", 0, "A"), run("single", 1, "A"), run("single", 0, "B"), run("multi", 0, ALL)];
        let training = TrainingCells { tracks: vec![(0, "A".to_owned(), String::new(), 50)], leaves_out: false };
        let rows = TransferRow::all("multi", "single", &comparisons, &scores, &runs, &training);
        assert_eq!(rows.iter().map(|row| row.tf.as_str()).collect::<Vec<_>>(), ["A", "B", "D", "C"]);
        let first = &rows[0];
        assert_eq!((first.shared_score, first.own_score), (Some(0.5), Some(0.75)));
        assert_eq!((first.training_positives, first.positives), (50, 7));
        assert_eq!((first.own_draws, first.own_seconds), (200, 3.0));
        assert_eq!(
            rows.iter().map(TransferRow::excludes_loss).collect::<Vec<_>>(),
            [Some(false), Some(true), Some(false), None]
        );
        assert_eq!(rows[2].reason, Some(Reason::OneSeed));
        let folder = TestFolder::new("transfer");
        let path = folder.path().join("transfer.tsv");
        write_table(&path, &rows).unwrap();
        assert_eq!(read_table::<TransferRow>(&path).unwrap(), rows);
        // Files of before end with the seconds.
        let text = std::fs::read_to_string(&path).unwrap();
        let before = text.lines().map(|line| line.rsplitn(3, '\t').last().unwrap().to_owned() + "\n");
        std::fs::write(&path, before.collect::<String>()).unwrap();
        let read = read_table::<TransferRow>(&path).unwrap();
        assert!(read.iter().all(|row| row.detectable.is_none() && row.reason.is_none()));
        assert_eq!((read[2].tf.as_str(), read[0].own_seconds), ("D", 3.0));
    }
}
