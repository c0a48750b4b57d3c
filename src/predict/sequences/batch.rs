//! Batches of sequences, in the host's memory.

use std::ops::Range;

use crate::{
    data::HostBatch,
    genome::{Label, base},
};

/// Builds a batch of sequences, on the forward strand.
pub(crate) fn forward_strand(
    indices: Range<usize>,
    context_bp: usize,
    signal_bp: usize,
    fill: impl Fn(usize, &mut [u8], &mut [f32]),
) -> HostBatch {
    let size = indices.len();
    let (mut codes, mut signal) = (vec![base::N; size * context_bp], vec![0.0; size * signal_bp]);
    for (row, index) in indices.enumerate() {
        let codes = &mut codes[row * context_bp..(row + 1) * context_bp];
        fill(index, codes, &mut signal[row * signal_bp..(row + 1) * signal_bp]);
    }
    HostBatch { size, codes, signal, labels: vec![Label::Missing; size], weights: vec![1.0; size] }
}

/// The reverse complement of a batch; each sequence stays in its place in the context.
pub(crate) fn reverse_strand(
    mut batch: HostBatch,
    context_bp: usize,
    places: impl Iterator<Item = Range<usize>>,
) -> HostBatch {
    for (row, place) in places.enumerate() {
        let place = row * context_bp + place.start..row * context_bp + place.end;
        let codes = &mut batch.codes[place.clone()];
        codes.reverse();
        for code in codes {
            *code = base::complement(*code);
        }
        batch.signal.get_mut(place).unwrap_or_default().reverse();
    }
    batch
}
