//! The forward pass.

use rayon::prelude::*;

use super::{
    best_scores::{BestScores, Output},
    motif_tables::MotifTables,
    sizes::{LANES, Sizes},
    window::Window,
};
use crate::nn::ops::host::simd;

/// Samples that a thread scans with one block of motifs, whose tables stay in its cache, before it takes the next.
const SAMPLES: usize = 8;

/// Returns the pooled values in the order of the axes and, if `TRACKED`, their winners, `[batch, motif, pool]`.
///
/// A winner is twice its position, plus 1 on the reverse strand, or -1 where nothing passes the ReLU.
pub(super) fn forward<const TRACKED: bool>(
    sizes: &Sizes,
    codes: &[u8],
    signal: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> (Vec<f32>, Vec<i32>) {
    let Sizes { batch, length, channels, .. } = *sizes;
    let tables = MotifTables::new([sizes.motifs, 4 + channels, sizes.width], weight, bias, sizes.strands);
    let outputs = sizes.motifs * sizes.pools();
    let mut pooled = vec![0.0; batch * outputs];
    let mut winners = vec![0; if TRACKED { batch * outputs } else { 0 }];
    let share = batch.div_ceil(2 * rayon::current_num_threads()).clamp(1, SAMPLES);
    let mut parts: Vec<_> = winners.chunks_mut(share * outputs).collect();
    parts.resize_with(batch.div_ceil(share), Default::default);
    pooled.par_chunks_mut(share * outputs).zip(parts).enumerate().for_each(|(index, (pooled, winners))| {
        let samples = index * share..index * share + pooled.len() / outputs;
        let codes = |sample| &codes[sample * length..][..length];
        let tracks = |sample| &signal[sample * channels * length..][..channels * length];
        let windows: Vec<Window> = samples.map(|sample| Window::new(codes(sample), tracks(sample))).collect();
        simd::run(Scan::<TRACKED> { sizes, windows: &windows, tables: &tables, pooled, winners });
    });
    (pooled, winners)
}

/// A scan of some samples.
struct Scan<'a, const TRACKED: bool> {
    sizes: &'a Sizes,
    windows: &'a [Window],
    tables: &'a MotifTables,
    pooled: &'a mut [f32],
    winners: &'a mut [i32],
}

impl<const TRACKED: bool> simd::Work for Scan<'_, TRACKED> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { sizes, windows, tables, pooled, winners } = self;
        let (pools, lengths, strides) = (sizes.pools(), [sizes.pool], sizes.strides());
        let mut winners: Vec<_> = winners.chunks_mut(sizes.motifs * pools).collect();
        winners.resize_with(windows.len(), Default::default);
        let values = pooled.chunks_mut(sizes.motifs * pools).zip(winners);
        let mut outputs: Vec<_> = values.map(|(values, winners)| Output { values, strides, winners }).collect();
        let mut bests = vec![BestScores::NONE; windows.len() * pools];
        for (index, (block, bias)) in tables.blocks().enumerate() {
            for (window, bests) in windows.iter().zip(bests.chunks_exact_mut(pools)) {
                window.scan::<FUSED, TRACKED>(block, &lengths, bests);
            }
            for (window, bests) in windows.iter().zip(bests.chunks_exact_mut(pools)) {
                window.scan_reverse::<FUSED, TRACKED>(block, &lengths, bests);
            }
            for (output, bests) in outputs.iter_mut().zip(bests.chunks_exact(pools)) {
                output.write(bests, index * LANES, bias);
            }
        }
        for (output, window) in outputs.iter_mut().zip(windows) {
            output.spoil(&window.spoiled_pools(&lengths, pools, sizes.width), pools, 0..sizes.motifs);
        }
    }
}
