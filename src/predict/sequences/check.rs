//! Checks of the sequences and the accessibility to score.

use std::path::Path;

use super::SequenceScorer;
use crate::{
    Error, Result,
    genome::Genome,
    nn::Network,
    predict::{
        scan::source::ScanSource,
        sequence::{check_length, check_letters, check_reads, check_values},
        signal::check_signal,
    },
};

impl SequenceScorer<'_> {
    /// Refuses sequences that cannot be scored, and accessibility that does not fit them.
    pub(crate) fn check_sequences<S: AsRef<[u8]>>(&self, sequences: &[S], signal: Option<&[Vec<f32>]>) -> Result<()> {
        check_reads(self.file.model.signal_tracks(), signal.is_some())?;
        for (index, letters) in sequences.iter().map(AsRef::as_ref).enumerate() {
            check_letters(|| format!("sequence {index}"), letters, self.context_bp())?;
        }
        let Some(signal) = signal else { return Ok(()) };
        let expected = format!("that of {}, as there are", sequences.len());
        Error::unless_fits(signal.len() == sequences.len(), "accessibility of sequences", expected, signal.len())?;
        let mut pairs = sequences.iter().zip(signal).enumerate();
        pairs.try_for_each(|(index, (letters, values))| {
            check_values(|| format!("sequence {index}"), letters.as_ref().len(), values)
        })
    }

    /// Refuses a genome, bins and accessibility that the model does not read.
    pub(crate) fn check_source(&self, source: ScanSource<'_>) -> Result<()> {
        check_signal(&self.file.model, usize::from(source.has_signal()))?;
        self.check_transform(source)?;
        source.check()
    }

    /// Opens a FASTA file whose records fit into the context.
    pub(crate) fn open_fasta(&self, path: &Path) -> Result<Genome> {
        check_signal(&self.file.model, 0)?;
        let records = Genome::open(path)?;
        for record in 0..records.len() {
            let name = || format!("sequence {}", records.name(record));
            check_length(name, records.length(record), self.context_bp())?;
        }
        Ok(records)
    }

    /// Checks that the transform of accessibility is that of training, if the model reads accessibility.
    fn check_transform(&self, source: ScanSource<'_>) -> Result<()> {
        let trained = self.file.inputs.as_ref().and_then(|inputs| inputs.transform);
        match (trained, source.transform()) {
            (Some(trained), Some(found)) if trained != found && self.file.model.signal_tracks().is_some() => {
                let expected = format!("{trained}, as the model was trained with");
                Err(Error::mismatch("the transform of accessibility", expected, found))
            }
            _ => Ok(()),
        }
    }

    /// Checks that there is a name for each output.
    pub(crate) fn check_tasks(&self) -> Result<()> {
        let (outputs, names) = (self.file.model.tasks(), self.file.tasks.len());
        let expected = format!("{outputs}, one for each of the model's outputs");
        Error::unless_fits(outputs == names, "the names of a model's tasks", expected, names)
    }
}
