//! The validations of a run, and the tables of them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Result, file::write_atomic, predict::TrackPrecision};

/// A validation: the scores on the validation split at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Samples drawn until then.
    pub draws: usize,
    /// Seconds of training and validation until then.
    pub seconds: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The mean training loss since the last validation.
    pub training_loss: f64,
    /// The mean average precision over the tracks with bound and unbound bins.
    pub average_precision: f64,
    /// The average precision of each track, in the order of tasks and cell types; none where it has no bound or no
    /// unbound bin.
    pub tracks: Vec<TrackPrecision>,
}

/// The mean over the tracks that have a score.
pub(crate) fn mean_average_precision(tracks: &[TrackPrecision]) -> f64 {
    let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
    scored.iter().sum::<f64>() / scored.len() as f64
}

/// Writes the validations as two tables: `log.tsv`, and `tracks.tsv` with a line for each track.
pub(super) fn write_log(folder: &Path, history: &[Validation]) -> Result<()> {
    write_atomic(&folder.join("log.tsv"), |out| {
        writeln!(out, "draws\tseconds\tlearning_rate\ttraining_loss\taverage_precision")?;
        for v in history {
            let (draws, seconds, rate) = (v.draws, v.seconds, v.learning_rate);
            writeln!(out, "{draws}\t{seconds:.1}\t{rate:.3e}\t{:.6}\t{:.6}", v.training_loss, v.average_precision)?;
        }
        Ok(())
    })?;
    write_atomic(&folder.join("tracks.tsv"), |out| {
        writeln!(out, "draws\ttask\tcell\taverage_precision")?;
        for (v, track) in history.iter().flat_map(|v| v.tracks.iter().map(move |track| (v, track))) {
            let score = track.average_precision.map_or_else(|| "NA".to_owned(), |score| format!("{score:.6}"));
            writeln!(out, "{}\t{}\t{}\t{score}", v.draws, track.task, track.cell)?;
        }
        Ok(())
    })
}
