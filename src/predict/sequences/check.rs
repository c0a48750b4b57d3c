//! What a scorer of sequences refuses.

use super::SequenceScorer;
use crate::{
    Error, Result,
    genome::base,
    nn::Network,
    predict::{source::ScanSource, windows::check_signal},
};

impl SequenceScorer<'_> {
    /// Refuses sequences that cannot be scored, and accessibility that is not that of their bases.
    pub(super) fn check_sequences<S: AsRef<[u8]>>(&self, sequences: &[S], signal: Option<&[Vec<f32>]>) -> Result<()> {
        let model = &self.file.model;
        if signal.is_some() && model.signal_tracks().is_none() {
            return Err(mismatch("accessibility of sequences".into(), "none, as the model reads none", "some"));
        }
        check_signal(model, usize::from(signal.is_some()))?;
        for (index, letters) in sequences.iter().map(AsRef::as_ref).enumerate() {
            self.check_length(|| format!("sequence {index}"), letters.len())?;
            if let Some(at) = letters.iter().position(|&letter| base::from_iupac(letter).is_none()) {
                let found = format!("{:?}", char::from(letters[at]));
                return Err(mismatch(format!("base {at} of sequence {index}"), "an IUPAC code", &found));
            }
        }
        signal.map_or(Ok(()), |signal| check_values(sequences, signal))
    }

    /// Refuses accessibility that the model reads and that is not transformed as it was in training, if that is known.
    pub(super) fn check_transform(&self, source: ScanSource<'_>) -> Result<()> {
        let trained = self.file.inputs.as_ref().and_then(|inputs| inputs.transform);
        match (trained, source.transform()) {
            (Some(trained), Some(found)) if trained != found && self.file.model.signal_tracks().is_some() => {
                let expected = format!("{trained}, as the model was trained with");
                Err(mismatch("the transform of accessibility".into(), &expected, &found.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Refuses names that are not one for each output.
    pub(super) fn check_tasks(&self) -> Result<()> {
        let (outputs, names) = (self.file.model.tasks(), self.file.tasks.len());
        if outputs == names {
            return Ok(());
        }
        let expected = format!("{outputs}, one for each of the model's outputs");
        Err(mismatch("the names of a model's tasks".into(), &expected, &names.to_string()))
    }

    /// Refuses a sequence without letters or longer than the context.
    pub(super) fn check_length(&self, what: impl FnOnce() -> String, length: usize) -> Result<()> {
        let context_bp = self.context_bp();
        if (1..=context_bp).contains(&length) {
            return Ok(());
        }
        let expected = format!("1 to {context_bp} bp, which is the model's context: cut longer ones into windows");
        Err(mismatch(format!("the length of {}", what()), &expected, &length.to_string()))
    }
}

/// Refuses accessibility that is not one finite number for each base.
fn check_values<S: AsRef<[u8]>>(sequences: &[S], signal: &[Vec<f32>]) -> Result<()> {
    if signal.len() != sequences.len() {
        let expected = format!("that of {}, as there are", sequences.len());
        return Err(mismatch("accessibility of sequences".into(), &expected, &signal.len().to_string()));
    }
    for (index, (letters, values)) in sequences.iter().zip(signal).enumerate() {
        let what = format!("accessibility of sequence {index}");
        if values.len() != letters.as_ref().len() {
            let expected = format!("{} values, one for each base", letters.as_ref().len());
            return Err(mismatch(what, &expected, &values.len().to_string()));
        }
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(mismatch(what, "finite numbers", &value.to_string()));
        }
    }
    Ok(())
}

fn mismatch(what: String, expected: &str, found: &str) -> Error {
    Error::Mismatch { what, expected: expected.to_owned(), found: found.to_owned() }
}
