//! The backward pass: only the winner of a pool has a gradient.

use rayon::prelude::*;

use super::{
    sizes::Sizes,
    triplets::{self, COUNT, TRIPLET},
};
use crate::nn::ops::host::simd::{self, multiply_add};

/// Values of the signal that are added at once.
const LANES: usize = 8;

/// Returns the gradients of the weights, `[motif, 4 + channel, width]`, and of the biases, `[motif]`.
///
/// Each motif is summed by one thread, in the order of the samples: the result does not depend on their number.
pub(super) fn backward(
    sizes: &Sizes,
    codes: &[u8],
    signal: &[f32],
    winners: &[i32],
    gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let batch = Batch::new(sizes, codes, signal, winners, gradient);
    let mut weights = vec![0.0; sizes.motifs * (4 + sizes.channels) * sizes.width];
    let mut biases = vec![0.0; sizes.motifs];
    let motifs = weights.par_chunks_mut((4 + sizes.channels) * sizes.width).zip(&mut biases).enumerate();
    motifs.for_each_init(
        || [Sums::new(sizes), Sums::new(sizes)],
        |strands, (motif, (weight, bias))| {
            *bias = simd::run(Motif { batch: &batch, index: motif, strands: &mut *strands });
            for (strand, reverse) in strands.iter_mut().zip([false, true]) {
                strand.drain_to(sizes, reverse, weight);
            }
        },
    );
    (weights, biases)
}

/// The data that all motifs read.
struct Batch<'a> {
    sizes: &'a Sizes,
    /// Indices of triplets, `[batch, reach]`.
    triplets: Vec<u8>,
    /// `[batch, channel, reach]`
    signal: Vec<f32>,
    /// Triplets, or values, of a sample: its length, and what a motif reads beyond it.
    reach: usize,
    /// `[batch, motif, pool]`
    winners: &'a [i32],
    gradient: &'a [f32],
}

impl<'a> Batch<'a> {
    fn new(sizes: &'a Sizes, codes: &[u8], signal: &[f32], winners: &'a [i32], gradient: &'a [f32]) -> Self {
        let reach = sizes.length + LANES;
        let mut triplets = Vec::with_capacity(sizes.batch * reach);
        for codes in codes.chunks_exact(sizes.length) {
            triplets::append(codes, LANES, &mut triplets);
        }
        let mut padded = Vec::with_capacity(sizes.batch * sizes.channels * reach);
        for track in signal.chunks_exact(sizes.length).take(sizes.batch * sizes.channels) {
            padded.extend_from_slice(track);
            padded.resize(padded.len() + LANES, 0.0);
        }
        Self { sizes, triplets, signal: padded, reach, winners, gradient }
    }
}

/// One motif: its sums over all places where it won, and the gradient of its bias.
struct Motif<'a> {
    batch: &'a Batch<'a>,
    index: usize,
    strands: &'a mut [Sums; 2],
}

impl simd::Work for Motif<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f32 {
        let Batch { sizes, triplets, signal, reach, winners, gradient } = self.batch;
        let (pools, tracks) = (sizes.pools(), sizes.channels * reach);
        let mut bias = 0.0;
        for sample in 0..sizes.batch {
            let place = (sample * sizes.motifs + self.index) * pools;
            let triplets = &triplets[sample * reach..][..*reach];
            let signal = &signal[sample * tracks..][..tracks];
            for (winner, gradient) in winners[place..place + pools].iter().zip(&gradient[place..place + pools]) {
                if *winner >= 0 && *gradient != 0.0 {
                    bias += gradient;
                    let (position, strand) = (*winner as usize / 2, *winner as usize % 2);
                    self.strands[strand].add::<FUSED>(&triplets[position..], signal, *reach, position, *gradient);
                }
            }
        }
        bias
    }
}

/// The sums of a motif's gradients over the places where it won on one strand, as the sequence reads.
struct Sums {
    /// For each three positions of the motif, the sum of each triplet.
    bases: Vec<[f32; 128]>,
    /// For each channel the motif's positions, in whole vectors.
    signal: Vec<Vec<[f32; LANES]>>,
}

impl Sums {
    fn new(sizes: &Sizes) -> Self {
        Self {
            bases: vec![[0.0; 128]; sizes.width.div_ceil(TRIPLET)],
            signal: vec![vec![[0.0; LANES]; sizes.width.div_ceil(LANES)]; sizes.channels],
        }
    }

    #[inline(always)]
    fn add<const FUSED: bool>(
        &mut self,
        triplets: &[u8],
        signal: &[f32],
        reach: usize,
        position: usize,
        gradient: f32,
    ) {
        for (table, triplet) in self.bases.iter_mut().zip(triplets.iter().step_by(TRIPLET)) {
            table[usize::from(triplet & 127)] += gradient;
        }
        for (channel, sums) in self.signal.iter_mut().enumerate() {
            let (values, _) = signal[channel * reach + position..].as_chunks::<LANES>();
            for (sums, values) in sums.iter_mut().zip(values) {
                // Stored at once: the compiler cannot know that a stored lane is none of the values.
                let mut added = *sums;
                for lane in 0..LANES {
                    added[lane] = multiply_add::<FUSED>(gradient, values[lane], added[lane]);
                }
                *sums = added;
            }
        }
    }

    /// Adds the sums to a motif's gradient, `[4 + channel, width]`, and sets them to 0.
    fn drain_to(&mut self, sizes: &Sizes, reverse: bool, weight: &mut [f32]) {
        let width = sizes.width;
        let column = |offset: usize| if reverse { width - 1 - offset } else { offset };
        for (step, table) in self.bases.iter_mut().enumerate() {
            for (offset, sums) in by_base(table).iter().enumerate().take(width - step * TRIPLET) {
                for (base, sum) in sums.iter().enumerate() {
                    let row = if reverse { 3 - base } else { base };
                    weight[row * width + column(step * TRIPLET + offset)] += sum;
                }
            }
            *table = [0.0; 128];
        }
        let taps = weight[4 * width..].chunks_exact_mut(width);
        for (sums, taps) in self.signal.iter_mut().zip(taps) {
            for (offset, sum) in sums.as_flattened().iter().take(width).enumerate() {
                taps[column(offset)] += sum;
            }
            sums.fill([0.0; LANES]);
        }
    }
}

/// Splits the sums of triplets into those of each position and base.
fn by_base(table: &[f32; 128]) -> [[f32; 4]; TRIPLET] {
    let mut sums = [[0.0; 4]; TRIPLET];
    let (whole, with_n) = table.split_at(64);
    for (a, rest) in whole.chunks_exact(16).enumerate() {
        for (b, rest) in rest.chunks_exact(4).enumerate() {
            sums[0][a] += rest.iter().sum::<f32>();
            sums[1][b] += rest.iter().sum::<f32>();
            for c in 0..4 {
                sums[2][c] += rest[c];
            }
        }
    }
    if with_n.iter().any(|sum| *sum != 0.0) {
        add_with_n(table, &mut sums);
    }
    sums
}

fn add_with_n(table: &[f32; 128], sums: &mut [[f32; 4]; TRIPLET]) {
    for codes in (0..COUNT).map(triplets::codes) {
        let index = triplets::index(codes);
        for (sums, base) in sums.iter_mut().zip(codes) {
            if index >= 64 && base < 4 {
                sums[base] += table[usize::from(index)];
            }
        }
    }
}
