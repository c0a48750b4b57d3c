//! What a run saw of itself.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Result, file::write_atomic};

/// One look at the validation split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Samples drawn until then.
    pub draws: usize,
    /// Seconds of training and validation until then.
    pub seconds: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The mean training loss since the last look.
    pub training_loss: f64,
    /// The mean average precision over the tracks with bound bins.
    pub average_precision: f64,
}

/// Writes the validations as a table.
pub(super) fn write_log(path: &Path, history: &[Validation]) -> Result<()> {
    write_atomic(path, |out| {
        writeln!(out, "draws\tseconds\tlearning_rate\ttraining_loss\taverage_precision")?;
        for v in history {
            let (draws, seconds, rate) = (v.draws, v.seconds, v.learning_rate);
            writeln!(out, "{draws}\t{seconds:.1}\t{rate:.3e}\t{:.6}\t{:.6}", v.training_loss, v.average_precision)?;
        }
        Ok(())
    })
}
