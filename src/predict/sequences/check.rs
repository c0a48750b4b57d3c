//! Checks of the sequences and the accessibility to score.

use super::SequenceScorer;
use crate::{
    Error, Result,
    genome::base,
    nn::Network,
    predict::{scan::source::ScanSource, signal::check_signal},
};

impl SequenceScorer<'_> {
    /// Refuses sequences that cannot be scored, and accessibility that does not fit them.
    pub(super) fn check_sequences<S: AsRef<[u8]>>(&self, sequences: &[S], signal: Option<&[Vec<f32>]>) -> Result<()> {
        let model = &self.file.model;
        let fits = signal.is_none() || model.signal_tracks().is_some();
        Error::unless_fits(fits, "accessibility of sequences", "none, as the model reads none", "some")?;
        check_signal(model, usize::from(signal.is_some()))?;
        for (index, letters) in sequences.iter().map(AsRef::as_ref).enumerate() {
            self.check_length(|| format!("sequence {index}"), letters.len())?;
            if let Some(at) = letters.iter().position(|&letter| base::from_iupac(letter).is_none()) {
                let found = format!("{:?}", char::from(letters[at]));
                return Err(Error::mismatch(format!("base {at} of sequence {index}"), "an IUPAC code", found));
            }
        }
        signal.map_or(Ok(()), |signal| check_values(sequences, signal))
    }

    /// Checks that the transform of accessibility is that of training, if the model reads accessibility.
    pub(super) fn check_transform(&self, source: ScanSource<'_>) -> Result<()> {
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
    pub(super) fn check_tasks(&self) -> Result<()> {
        let (outputs, names) = (self.file.model.tasks(), self.file.tasks.len());
        let expected = format!("{outputs}, one for each of the model's outputs");
        Error::unless_fits(outputs == names, "the names of a model's tasks", expected, names)
    }

    /// Refuses an empty sequence and one longer than the context.
    pub(super) fn check_length(&self, what: impl FnOnce() -> String, length: usize) -> Result<()> {
        let context_bp = self.context_bp();
        if (1..=context_bp).contains(&length) {
            return Ok(());
        }
        let expected = format!("1 to {context_bp} bp, which is the model's context: cut longer ones into windows");
        Err(Error::mismatch(format!("the length of {}", what()), expected, length))
    }
}

/// Checks that there is a finite number for each base.
fn check_values<S: AsRef<[u8]>>(sequences: &[S], signal: &[Vec<f32>]) -> Result<()> {
    let expected = format!("that of {}, as there are", sequences.len());
    Error::unless_fits(signal.len() == sequences.len(), "accessibility of sequences", expected, signal.len())?;
    for (index, (letters, values)) in sequences.iter().zip(signal).enumerate() {
        let what = format!("accessibility of sequence {index}");
        if values.len() != letters.as_ref().len() {
            let expected = format!("{} values, one for each base", letters.as_ref().len());
            return Err(Error::mismatch(what, expected, values.len()));
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::mismatch(what, "finite numbers", value));
        }
    }
    Ok(())
}
