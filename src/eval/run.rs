//! What a training cost.

use serde::Serialize;

use crate::eval::table::{table_row, write_or_na};

/// The name that stands for all factors, or all cell types.
pub const ALL: &str = "*";

/// A training run: a row of `runs.tsv`. Older files, which lack `network_draws` and `cpu_seconds`, can be read.
///
/// See [`write_table`](crate::eval::write_table) for an example.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunRow {
    /// The model's name, such as `multi`.
    pub model: String,
    /// The seed of the run.
    pub seed: u64,
    /// The factor that the run trained on, [`ALL`] for a model of all factors.
    pub tf: String,
    /// How many samples were drawn, repeats counted.
    pub draws: u64,
    /// How many samples its networks learned from: each draw counts once for each member. `None` for models that are
    /// not networks, and in older files.
    #[serde(serialize_with = "write_or_na")]
    pub network_draws: Option<u64>,
    /// Number of trainable parameters, those of all members.
    pub parameters: u64,
    /// How long it took, in seconds: preparation, training and validation.
    pub seconds: f64,
    /// The device, as its backend names it.
    pub device: String,
    /// Processor seconds of all threads of the process meanwhile. Unlike `seconds` they do not depend on the number of
    /// threads, or on what else the machine does. `None` where they are unknown, and in older files.
    #[serde(serialize_with = "write_or_na")]
    pub cpu_seconds: Option<f64>,
}

table_row!(RunRow: model, seed, tf, draws, network_draws, parameters, seconds, device, cpu_seconds;
    network_draws, cpu_seconds);
