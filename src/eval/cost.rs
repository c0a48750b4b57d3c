//! What each model of a comparison cost, and what it scores.

use serde::Serialize;

use crate::eval::{
    MeanScore, RunRow,
    table::{table_row, write_or_na},
};

/// What a model cost and what it scores: a row of `cost.tsv`.
///
/// Costs are those of one seed, the mean of all; those of single models are summed over factors. Scores are means over
/// the tracks that all models of the table have, and over seeds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CostRow {
    /// The model's name.
    pub model: String,
    /// The kind of model, which may be in several arms: the name of its strategy.
    pub strategy: String,
    /// The split on which it was scored.
    pub split: String,
    /// The number of seeds.
    pub seeds: u64,
    /// The number of tracks.
    pub tracks: u64,
    /// The samples drawn.
    pub draws: f64,
    /// The samples that its networks learned from (see [`RunRow::network_draws`]).
    #[serde(serialize_with = "write_or_na")]
    pub network_draws: Option<f64>,
    /// The number of trainable parameters of all its networks.
    pub parameters: f64,
    /// The seconds it took.
    pub seconds: f64,
    /// The processor seconds (see [`RunRow::cpu_seconds`]).
    #[serde(serialize_with = "write_or_na")]
    pub cpu_seconds: Option<f64>,
    /// The mean average precision.
    pub average_precision: f64,
    /// The lower end of its 95 % interval, over blocks of the genome and seeds.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
}

table_row!(CostRow: model, strategy, split, seeds, tracks, draws, network_draws, parameters, seconds, cpu_seconds,
    average_precision, low, high);

impl CostRow {
    /// Makes a row for each model that has runs, given the name of its strategy.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::eval::{CostRow, RunRow};
    ///
    /// let run = RunRow { model: "multi".into(), draws: 100, network_draws: Some(400), ..RunRow::default() };
    /// // The scores are those of `ScoredModels::means`.
    /// assert!(CostRow::all("valid", &[run], &[], str::to_owned).is_empty());
    /// ```
    pub fn all(split: &str, runs: &[RunRow], scores: &[MeanScore], strategy_of: impl Fn(&str) -> String) -> Vec<Self> {
        let row = |score: &MeanScore| Self::new(split, runs, score, strategy_of(&score.model));
        scores.iter().filter_map(row).collect()
    }

    fn new(split: &str, runs: &[RunRow], mean: &MeanScore, strategy: String) -> Option<Self> {
        let runs: Vec<&RunRow> = runs.iter().filter(|run| run.model == mean.model).collect();
        let seeds = mean.seeds as f64;
        let a_seed = |sum: u64| sum as f64 / seeds;
        let (low, high) = mean.score.interval();
        (!runs.is_empty()).then(|| Self {
            model: mean.model.clone(),
            strategy,
            split: split.to_owned(),
            seeds: mean.seeds,
            tracks: mean.tracks,
            draws: a_seed(runs.iter().map(|run| run.draws).sum()),
            network_draws: runs.iter().map(|run| run.network_draws).sum::<Option<u64>>().map(a_seed),
            parameters: a_seed(runs.iter().map(|run| run.parameters).sum()),
            seconds: runs.iter().map(|run| run.seconds).sum::<f64>() / seeds,
            cpu_seconds: runs.iter().map(|run| run.cpu_seconds).sum::<Option<f64>>().map(|sum| sum / seeds),
            average_precision: mean.score.delta(),
            low,
            high,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        eval::{Difference, read_table, write_table},
        testing::TestFolder,
    };

    #[test]
    fn costs_are_those_of_a_seed_and_unknown_ones_have_no_sum() {
        let run = |model: &str, seed, draws, network_draws, cpu_seconds| RunRow {
            model: model.into(),
            seed,
            draws,
            parameters: 10,
            seconds: 3.0,
            network_draws,
            cpu_seconds,
            ..RunRow::default()
        };
        let runs = [
            run("single", 0, 100, Some(400), Some(2.0)),
            run("single", 0, 50, Some(200), Some(2.0)),
            run("single", 1, 150, Some(600), Some(4.0)),
            run("boost", 0, 70, None, None),
        ];
        let score = |model: &str, seeds| MeanScore {
            model: model.into(),
            seeds,
            tracks: 2,
            score: Difference::new(0.5, vec![0.25; 9]),
        };
        let rows =
            CostRow::all("valid", &runs, &[score("single", 2), score("boost", 1), score("truth", 1)], str::to_owned);
        assert_eq!(rows.iter().map(|row| row.model.as_str()).collect::<Vec<_>>(), ["single", "boost"]);
        let CostRow { draws, network_draws, parameters, seconds, cpu_seconds, average_precision, low, high, .. } =
            rows[0];
        assert_eq!((draws, network_draws, parameters), (150.0, Some(600.0), 15.0));
        assert_eq!((seconds, cpu_seconds), (4.5, Some(4.0)));
        assert_eq!((average_precision, low, high), (0.5, 0.25, 0.25));
        assert_eq!((rows[1].network_draws, rows[1].cpu_seconds), (None, None));
        let folder = TestFolder::new("cost");
        let path = folder.path().join("cost.tsv");
        write_table(&path, &rows).unwrap();
        assert_eq!(read_table::<CostRow>(&path).unwrap(), rows);
    }
}
