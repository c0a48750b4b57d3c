//! A sequence to explain, in the context of a model.

use std::ops::Range;

use super::{BaseEffects, Origin};
use crate::{
    Error, Result,
    data::{HostBatch, SignalTransform, context_start},
    genome::{Genome, Interval, Label, base},
    nn::{Model, Network},
    predict::{ScanSource, middle},
};

/// A sequence in the middle of a context, and the places whose bases are asked for.
pub(super) struct Input {
    pub(super) origin: Origin,
    pub(super) codes: Vec<u8>,
    /// Empty if the model reads none.
    pub(super) signal: Vec<f32>,
    pub(super) places: Range<usize>,
}

impl Input {
    fn empty(model: &Model, places: Range<usize>, origin: Origin) -> Self {
        let context_bp = model.context_bp();
        let signal_bp = model.signal_tracks().map_or(0, |_| context_bp);
        Self { origin, codes: vec![base::N; context_bp], signal: vec![0.0; signal_bp], places }
    }

    /// A sequence in memory.
    pub(super) fn of_letters(
        model: &Model,
        name: String,
        letters: &[u8],
        signal: Option<(&[f32], SignalTransform)>,
    ) -> Self {
        let places = middle(letters.len(), model.context_bp());
        let mut input = Self::empty(model, places.clone(), Origin { region: name.clone(), sequence: name, start: 0 });
        for (code, &letter) in input.codes[places.clone()].iter_mut().zip(letters) {
            *code = base::from_ascii(letter);
        }
        if let Some((signal, transform)) = signal {
            let values = &mut input.signal[places];
            values.copy_from_slice(signal);
            transform.apply(values);
        }
        input
    }

    /// A record of a FASTA file.
    pub(super) fn of_record(model: &Model, records: &Genome, record: usize) -> Self {
        let name = records.name(record).to_owned();
        let places = middle(records.length(record), model.context_bp());
        let mut input = Self::empty(model, places.clone(), Origin { region: name.clone(), sequence: name, start: 0 });
        records.decode(record, 0, &mut input.codes[places]);
        input
    }

    /// The context around the middle of an interval.
    pub(super) fn of_region(model: &Model, source: ScanSource<'_>, region: Interval) -> Self {
        let start = context_start(region, model.context_bp());
        let name = source.genome().name(region.chromosome);
        let origin =
            Origin { region: format!("{name}:{}-{}", region.start, region.end), sequence: name.to_owned(), start };
        let mut input = Self::empty(model, 0..model.context_bp(), origin);
        source.genome().decode(region.chromosome, start, &mut input.codes);
        source.fill_signal(region.chromosome, start, &mut input.signal);
        input
    }

    /// A sequence that was explained.
    pub(super) fn of_effects(model: &Model, effects: &BaseEffects) -> Result<Self> {
        let length = effects.len();
        Error::unless_within(1..=model.context_bp(), "the positions of the effects", length)?;
        let places = middle(length, model.context_bp());
        let mut input = Self::empty(model, places.clone(), effects.origin().clone());
        let expected = if input.signal.is_empty() { 0 } else { length };
        Error::unless_equal("the accessibility of the effects", expected, effects.signal().len())?;
        input.codes[places.clone()].copy_from_slice(effects.codes());
        if expected > 0 {
            input.signal[places].copy_from_slice(effects.signal());
        }
        Ok(input)
    }

    /// The codes of the places.
    pub(super) fn own_codes(&self) -> &[u8] {
        &self.codes[self.places.clone()]
    }

    /// A batch of changed sequences, with the same signal.
    pub(super) fn batch(&self, sequences: impl ExactSizeIterator<Item = Vec<u8>>) -> HostBatch {
        let size = sequences.len();
        HostBatch {
            size,
            codes: sequences.flatten().collect(),
            signal: self.signal.repeat(size),
            labels: vec![Label::Missing; size],
            weights: vec![1.0; size],
        }
    }
}
