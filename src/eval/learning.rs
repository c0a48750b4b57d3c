//! How a model's score on a track grew while it was trained.

use serde::Serialize;

use super::table::{Fields, Row};
use crate::{Result, data::Dataset, predict::TrackPrecision, train::Validation};

/// One look of a training at the validation split, for one track with bound and unbound bins there: a row of
/// `learning.tsv`.
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
    /// Samples drawn until then.
    pub draws: u64,
    /// The average precision on the validation split.
    pub average_precision: f64,
}

impl LearningRow {
    /// The looks of one training at the tracks that were measured.
    pub fn of_run(model: &str, seed: u64, dataset: &Dataset, history: &[Validation]) -> Vec<Self> {
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
        history.iter().flat_map(|look| look.tracks.iter().filter_map(|track| row(look.draws, track))).collect()
    }
}

impl Row for LearningRow {
    const COLUMNS: &'static [&'static str] = &["model", "seed", "tf", "cell", "draws", "average_precision"];

    fn from_fields(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Self {
            model: fields.text(),
            seed: fields.count()?,
            tf: fields.text(),
            cell: fields.text(),
            draws: fields.count()?,
            average_precision: fields.number()?,
        })
    }
}
