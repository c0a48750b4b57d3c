//! What a training cost.

use serde::Serialize;

use crate::eval::table::table_row;

/// The name that stands for all factors, or all cell types.
pub const ALL: &str = "*";

/// A training run: a row of `runs.tsv`.
///
/// See [`write_table`](crate::eval::write_table) for an example.
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
    /// Number of trainable parameters.
    pub parameters: u64,
    /// How long training took, in seconds.
    pub seconds: f64,
    /// The device, as its backend names it.
    pub device: String,
}

table_row!(RunRow: model, seed, tf, draws, parameters, seconds, device);
