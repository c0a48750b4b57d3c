//! How a model's score on a track changes while it trains.

use serde::Serialize;

use crate::{data::Dataset, eval::table::table_row, predict::TrackPrecision, train::Validation};

/// One validation of a training, on one track with bound and unbound bins: a row of `learning.tsv`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LearningRow {
    /// The model's name, such as `multi`.
    pub model: String,
    /// The seed of the run.
    pub seed: u64,
    /// The factor.
    pub tf: String,
    /// The cell type.
    pub cell: String,
    /// How many samples were drawn until then.
    pub draws: u64,
    /// The average precision on the validation split.
    pub average_precision: f64,
}

impl LearningRow {
    /// Makes a row for each validation of one training and each track with a score.
    pub fn from_history(model: &str, seed: u64, dataset: &Dataset, history: &[Validation]) -> Vec<Self> {
        let row = |draws: usize, track: &TrackPrecision| {
            let task = dataset.tasks().iter().find(|task| task.name == track.task)?;
            Some(Self {
                model: model.to_owned(),
                seed,
                tf: task.factor.clone(),
                cell: task.cell.clone().unwrap_or_else(|| track.cell.clone()),
                draws: draws as u64,
                average_precision: track.average_precision?,
            })
        };
        history.iter().flat_map(|step| step.tracks.iter().filter_map(|track| row(step.draws, track))).collect()
    }
}

table_row!(LearningRow: model, seed, tf, cell, draws, average_precision);
