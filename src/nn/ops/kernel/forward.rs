//! The forward pass.

use rayon::prelude::*;

use super::{
    super::vector::{self, multiply_add},
    Sizes,
    best::{Best, Pooled},
    letters::{self, STEP},
    table::{Block, LANES, Row, Strand, blocks},
};

/// Positions that are scored together: with two vectors each, sums that do not wait for each other and fit into 16
/// registers.
const ABREAST: usize = 6;
/// Samples that a thread scans with one block before it takes the next, while the tables are in its cache.
const SAMPLES: usize = 8;

/// Returns the pooled values in the order of the axes and, if `TRACKED`, their winners, `[batch, motif, pool]`.
///
/// A winner is twice its position, plus 1 on the reverse strand, or -1 where the ReLU let nothing through.
pub(super) fn forward<const TRACKED: bool>(
    sizes: &Sizes,
    codes: &[u8],
    signal: &[f32],
    weight: &[f32],
    bias: &[f32],
) -> (Vec<f32>, Vec<i32>) {
    let blocks = blocks(sizes, weight);
    let bias = poisoned(bias, weight);
    let outputs = sizes.motifs * sizes.pools();
    let mut pooled = vec![0.0; sizes.batch * outputs];
    let mut winners = vec![0; if TRACKED { sizes.batch * outputs } else { 0 }];
    let share = sizes.batch.div_ceil(2 * rayon::current_num_threads()).clamp(1, SAMPLES);
    let mut parts: Vec<_> = winners.chunks_mut(share * outputs).collect();
    parts.resize_with(sizes.batch.div_ceil(share), Default::default);
    pooled.par_chunks_mut(share * outputs).zip(parts).enumerate().for_each(|(index, (pooled, winners))| {
        let windows = windows(sizes, codes, signal, index * share, pooled.len() / outputs);
        vector::run(Scan::<TRACKED> { windows: &windows, blocks: &blocks, bias: &bias, pooled, winners });
    });
    (pooled, winners)
}

/// A score that is not a number never is the greatest, and would go unseen: the bias carries it.
fn poisoned(bias: &[f32], weight: &[f32]) -> Vec<f32> {
    let weights = weight.chunks_exact(weight.len() / bias.len());
    bias.iter().zip(weights).map(|(bias, weight)| bias + 0.0 * weight.iter().sum::<f32>()).collect()
}

/// Some samples' work.
struct Scan<'a, const TRACKED: bool> {
    windows: &'a [Window<'a>],
    blocks: &'a [Block],
    bias: &'a [f32],
    pooled: &'a mut [f32],
    winners: &'a mut [i32],
}

impl<const TRACKED: bool> vector::Work for Scan<'_, TRACKED> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Some(Window { sizes, .. }) = self.windows.first() else { return };
        let (pools, outputs) = (sizes.pools(), sizes.motifs * sizes.pools());
        let mut bests = vec![Best::NONE; self.windows.len() * pools];
        for (index, block) in self.blocks.iter().enumerate() {
            for (window, bests) in self.windows.iter().zip(bests.chunks_exact_mut(pools)) {
                window.scan::<FUSED, TRACKED>(&block.forward, 0, bests, |best, found| *best = found);
            }
            for (window, bests) in self.windows.iter().zip(bests.chunks_exact_mut(pools)) {
                let Some(reverse) = &block.reverse else { continue };
                window.scan::<FUSED, TRACKED>(reverse, 1, bests, |best, found| best.merge::<TRACKED>(&found));
            }
            for (sample, (window, bests)) in self.windows.iter().zip(bests.chunks_exact(pools)).enumerate() {
                let place = sample * outputs..(sample + 1) * outputs;
                let winners = if TRACKED { &mut self.winners[place.clone()] } else { &mut [] };
                let pooled = Pooled { values: &mut self.pooled[place], strides: sizes.strides(), winners };
                pooled.write(bests, index * LANES, self.bias, window.poison);
            }
        }
    }
}

/// One sample.
struct Window<'a> {
    sizes: &'a Sizes,
    /// Indices of three letters, further than any motif reaches.
    letters: Vec<u8>,
    /// `[channel, length]`, each channel as far.
    signal: Vec<f32>,
    /// 0, or NaN where the signal has one.
    poison: f32,
}

fn windows<'a>(sizes: &'a Sizes, codes: &[u8], signal: &[f32], first: usize, count: usize) -> Vec<Window<'a>> {
    let (length, channels) = (sizes.length, sizes.channels);
    let beyond = ABREAST + STEP;
    let window = |sample: usize| {
        let mut letters = Vec::with_capacity(length + beyond);
        letters::append(&codes[sample * length..][..length], beyond, &mut letters);
        let tracks = &signal[sample * channels * length..][..channels * length];
        let mut signal = Vec::with_capacity(channels * (length + beyond));
        for track in tracks.chunks_exact(length) {
            signal.extend_from_slice(track);
            signal.resize(signal.len() + beyond, 0.0);
        }
        Window { sizes, letters, signal, poison: 0.0 * tracks.iter().sum::<f32>() }
    };
    (first..first + count).map(window).collect()
}

impl Window<'_> {
    /// Finds the best of each pool on one strand of a block.
    #[inline(always)]
    fn scan<const FUSED: bool, const TRACKED: bool>(
        &self,
        strand: &Strand,
        side: i32,
        bests: &mut [Best],
        keep: impl Fn(&mut Best, Best),
    ) {
        let Sizes { pool, .. } = *self.sizes;
        let end = bests.len() * pool;
        let mut pools = bests.iter_mut();
        let (mut best, mut left) = (Best::NONE, pool);
        for start in (0..end).step_by(ABREAST) {
            let scores = self.scores::<FUSED>(strand, start);
            let winner = |i: usize| 2 * (start + i) as i32 + side;
            if left > ABREAST {
                for i in 0..ABREAST {
                    best.offer::<TRACKED>(&scores[i], winner(i));
                }
                left -= ABREAST;
                continue;
            }
            for (i, score) in scores.iter().enumerate() {
                best.offer::<TRACKED>(score, winner(i));
                left -= 1;
                if left == 0 {
                    let Some(pool_best) = pools.next() else { break };
                    keep(pool_best, best);
                    (best, left) = (Best::NONE, pool);
                }
            }
        }
    }

    /// The scores of neighbouring positions: sums that do not wait for each other.
    #[inline(always)]
    fn scores<const FUSED: bool>(&self, strand: &Strand, position: usize) -> [Row; ABREAST] {
        let mut sums = [[0.0; LANES]; ABREAST];
        for (step, table) in strand.bases.iter().enumerate() {
            let letters = &self.letters[position + step * STEP..][..ABREAST];
            for (sum, letters) in sums.iter_mut().zip(letters) {
                let row = table.row(*letters);
                for lane in 0..LANES {
                    sum[lane] += row[lane];
                }
            }
        }
        let (width, channels) = (self.sizes.width, self.sizes.channels.max(1));
        let tracks = self.signal.chunks_exact(self.signal.len().max(1) / channels);
        for (taps, track) in strand.signal.chunks_exact(width).zip(tracks) {
            let track = &track[position..position + width + ABREAST - 1];
            for (tap, values) in taps.iter().zip(track.windows(ABREAST)) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    for lane in 0..LANES {
                        sum[lane] = multiply_add::<FUSED>(tap[lane], *value, sum[lane]);
                    }
                }
            }
        }
        sums
    }
}
