//! Scores of sequences, as a table.

use std::{io, path::Path};

use crate::{Result, file::write_atomic, predict::TrackValue};

/// Scores of sequences or of intervals of a genome (see [`SequenceScorer`](crate::predict::SequenceScorer)).
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceScores {
    /// The name of each sequence: its index if it has none, and `chr:start-end` for an interval of a genome.
    pub names: Vec<String>,
    /// The names of the tasks.
    pub tasks: Vec<String>,
    /// The values by task, in the order of the sequences.
    pub values: Vec<Vec<f32>>,
    /// What the values are.
    pub value: TrackValue,
    /// Number of intervals longer than the model's context, of which only the middle is scored.
    pub truncated: usize,
}

impl SequenceScores {
    /// Writes a tab-separated table: `name` and a column for each task. An old file stays until the new one is
    /// complete.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let decimals = self.value.decimals() as usize;
        write_atomic(path.as_ref(), |out| {
            let mut table = csv::WriterBuilder::new().delimiter(b'\t').from_writer(out);
            table.write_record(std::iter::once("name").chain(self.tasks.iter().map(String::as_str)))?;
            for (index, name) in self.names.iter().enumerate() {
                let values = self.values.iter().map(|values| format!("{:.decimals$}", values[index]));
                table.write_record(std::iter::once(name.clone()).chain(values)).map_err(io::Error::from)?;
            }
            table.flush()
        })
    }
}
