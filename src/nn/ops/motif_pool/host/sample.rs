//! The best score of each motif in the pools of one sample, in memory that is given.

use super::{
    best_scores::{BestScores, Output},
    motif_tables::MotifTables,
    sizes::LANES,
    window::Window,
};
use crate::nn::ops::{Axes, host::simd};

/// The memory of a call of [`pool_sample`].
#[derive(Clone, Debug, Default)]
pub(crate) struct SampleBuffers {
    window: Window,
    bests: Vec<BestScores>,
}

/// Writes the best score of each motif in each pool, bias and ReLU included, in the order of the axes.
///
/// The layers have the same centres; the widest comes first. The codes are 0 to 4; the signal has a value for each, or
/// is empty where motifs scan none. Positions behind the last pool are left out.
pub(crate) fn pool_sample(
    layers: &[MotifTables],
    codes: &[u8],
    signal: &[f32],
    pools: &[usize],
    axes: Axes,
    buffers: &mut SampleBuffers,
    best: &mut [f32],
) {
    let SampleBuffers { window, bests } = buffers;
    bests.resize(pools.len(), BestScores::NONE);
    let widest = layers.first().map_or(0, MotifTables::width);
    let strides = match axes {
        Axes::MotifsFirst => [pools.len(), 1],
        Axes::PositionsFirst => [1, layers.iter().map(MotifTables::motifs).sum()],
    };
    let mut first = 0;
    for tables in layers {
        let narrower = widest - tables.width();
        let place = narrower / 2..codes.len() - (narrower - narrower / 2);
        window.read(&codes[place.clone()], signal.get(place).unwrap_or_default());
        simd::run(Scan { window, tables, pools, bests, first, strides, best });
        first += tables.motifs();
    }
}

/// A scan with one layer.
struct Scan<'a> {
    window: &'a Window,
    tables: &'a MotifTables,
    pools: &'a [usize],
    bests: &'a mut [BestScores],
    /// The layer's first motif among all.
    first: usize,
    strides: [usize; 2],
    best: &'a mut [f32],
}

impl simd::Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { window, tables, pools, bests, first, strides, best } = self;
        let mut output = Output { values: best, strides, winners: &mut [] };
        for (index, (block, bias)) in tables.blocks().enumerate() {
            window.scan::<FUSED, false>(block, pools, bests);
            window.scan_reverse::<FUSED, false>(block, pools, bests);
            output.write(bests, first + index * LANES, bias);
        }
        let spoiled = window.spoiled_pools(pools, bests.len(), tables.width());
        output.spoil(&spoiled, bests.len(), first..first + tables.motifs());
    }
}
