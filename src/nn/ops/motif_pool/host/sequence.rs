//! The best score of each motif in pools of different lengths, along one long sequence.

use rayon::prelude::*;

use super::{
    best_scores::{BestScores, Output},
    motif_tables::MotifTables,
    sizes::LANES,
    window::Window,
};
use crate::nn::ops::host::simd;

/// Positions that one thread scans at a time, about.
const SEGMENT_BP: usize = 2048;

/// Returns the best score of each motif in each pool, bias and ReLU included, `[pool, motif]`.
///
/// The layers have the same centres; the widest comes first. The codes are 0 to 4; the signal has a value for each, or
/// is empty where motifs scan none. The lengths of the pools repeat: their sum is the period.
///
/// # Panics
///
/// Panics if the positions of the widest motif are not whole periods, or there are fewer or more values than codes.
pub(crate) fn pool_sequence(layers: &[MotifTables], codes: &[u8], signal: &[f32], lengths: &[usize]) -> Vec<f32> {
    let motifs: usize = layers.iter().map(MotifTables::motifs).sum();
    let overlap = layers.first().map_or(0, MotifTables::width) - 1;
    let (period, row) = (lengths.iter().sum::<usize>(), lengths.len() * motifs);
    let positions = codes.len() - overlap;
    assert!(positions.is_multiple_of(period), "{positions} positions in periods of {period}");
    assert!(signal.is_empty() || signal.len() == codes.len(), "{} values for {} codes", signal.len(), codes.len());
    let mut best = vec![0.0; positions / period * row];
    let periods = SEGMENT_BP.div_ceil(period);
    best.par_chunks_mut(periods * row).enumerate().for_each(|(index, best)| {
        let start = index * periods * period;
        let end = start + best.len() / row * period + overlap;
        let mut first = 0;
        for tables in layers {
            let crop = (overlap + 1 - tables.width()) / 2;
            let place = start + crop..end - (overlap + 1 - tables.width() - crop);
            let window = Window::new(&codes[place.clone()], signal.get(place).unwrap_or_default()).by_changes();
            simd::run(Scan { window, tables, lengths, first, motifs, best });
            first += tables.motifs();
        }
    });
    best
}

/// A scan of one segment with one layer.
struct Scan<'a> {
    window: Window,
    tables: &'a MotifTables,
    lengths: &'a [usize],
    /// The layer's first motif among all.
    first: usize,
    /// Motifs of all layers.
    motifs: usize,
    /// `[pool, motif]`
    best: &'a mut [f32],
}

impl simd::Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { window, tables, lengths, first, motifs, best } = self;
        let mut bests = vec![BestScores::NONE; best.len() / motifs];
        let mut output = Output { values: best, strides: [1, motifs], winners: &mut [] };
        for (index, (block, bias)) in tables.blocks().enumerate() {
            window.scan::<FUSED, false>(block, lengths, &mut bests);
            window.scan_reverse::<FUSED, false>(block, lengths, &mut bests);
            output.write(&bests, first + index * LANES, bias);
        }
        let spoiled = window.spoiled_pools(lengths, bests.len(), tables.width());
        output.spoil(&spoiled, bests.len(), first..first + tables.motifs());
    }
}
