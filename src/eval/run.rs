//! What training a model took.

use serde::Serialize;

use super::table::{Fields, Row};
use crate::Result;

/// The name that stands for all factors, or all cell types.
pub const ALL: &str = "*";

/// A training run: a row of `runs.tsv`.
///
/// See [`table::write`](super::table::write) for an example.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunRow {
    /// The model's name, such as `multi`.
    pub model: String,
    /// The seed of the run.
    pub seed: u64,
    /// The factor that the run trained on, [`ALL`] for a model of all factors.
    pub tf: String,
    /// How many samples were drawn, repeats counted.
    pub draws: u64,
    /// How many numbers the model learns.
    pub parameters: u64,
    /// How long training took, in seconds.
    pub seconds: f64,
    /// The device, as its backend names it.
    pub device: String,
}

impl Row for RunRow {
    const COLUMNS: &'static [&'static str] = &["model", "seed", "tf", "draws", "parameters", "seconds", "device"];

    fn from_fields(fields: &mut Fields<'_>) -> Result<Self> {
        Ok(Self {
            model: fields.text(),
            seed: fields.count()?,
            tf: fields.text(),
            draws: fields.count()?,
            parameters: fields.count()?,
            seconds: fields.number()?,
            device: fields.text(),
        })
    }
}
