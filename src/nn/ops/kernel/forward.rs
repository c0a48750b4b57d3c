//! The forward pass.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

use rayon::prelude::*;

use super::{
    Sizes,
    table::{Block, LANES, Row, STEP, Strand, blocks, index_letters},
};

/// Positions that are scored together.
const ABREAST: usize = 4;

/// Returns the pooled values and their winners, both `[batch, motif, pool]`.
///
/// A winner is twice its position, plus 1 on the reverse strand, or -1 where the ReLU let nothing through.
pub(super) fn forward(
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
    let mut winners = vec![0; sizes.batch * outputs];
    pooled.par_chunks_mut(outputs).zip(winners.par_chunks_mut(outputs)).enumerate().for_each_init(
        Vec::new,
        |letters, (sample, (pooled, winners))| {
            index_letters(&codes[sample * sizes.length..][..sizes.length], letters);
            let signal = &signal[sample * sizes.channels * sizes.length..][..sizes.channels * sizes.length];
            let window = Window { sizes, letters, signal };
            pulp::Arch::new().dispatch(Scan { window, blocks: &blocks, bias: &bias, pooled, winners });
        },
    );
    (pooled, winners)
}

/// A score that is not a number never is the greatest, and would go unseen: the bias carries it.
fn poisoned(bias: &[f32], weight: &[f32]) -> Vec<f32> {
    let weights = weight.chunks_exact(weight.len() / bias.len());
    bias.iter().zip(weights).map(|(bias, weight)| bias + 0.0 * weight.iter().sum::<f32>()).collect()
}

/// One sample's work, compiled for each vector unit; a closure would not be.
struct Scan<'a> {
    window: Window<'a>,
    blocks: &'a [Block],
    bias: &'a [f32],
    pooled: &'a mut [f32],
    winners: &'a mut [i32],
}

impl pulp::NullaryFnOnce for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.window.scan(self.blocks, self.bias, self.pooled, self.winners);
    }
}

/// One sample.
struct Window<'a> {
    sizes: &'a Sizes,
    /// Indices of three letters.
    letters: &'a [u8],
    /// `[channel, length]`.
    signal: &'a [f32],
}

impl Window<'_> {
    #[inline(always)]
    fn scan(&self, blocks: &[Block], bias: &[f32], pooled: &mut [f32], winners: &mut [i32]) {
        let pools = self.sizes.pools();
        let poison = 0.0 * self.signal.iter().sum::<f32>();
        for (index, block) in blocks.iter().enumerate() {
            for pool in 0..pools {
                let best = self.best(block, pool * self.sizes.pool);
                let motifs = (index * LANES..self.sizes.motifs).take(LANES);
                for (lane, motif) in motifs.enumerate() {
                    let value = best.value[lane] + bias[motif] + poison;
                    pooled[motif * pools + pool] = if value <= 0.0 { 0.0 } else { value };
                    winners[motif * pools + pool] = if value > 0.0 { best.winner[lane] } else { -1 };
                }
            }
        }
    }

    #[inline(always)]
    fn best(&self, block: &Block, start: usize) -> Best {
        let mut best = Best { value: [f32::NEG_INFINITY; LANES], winner: [-1; LANES] };
        let end = start + self.sizes.pool;
        let mut position = start;
        while position + ABREAST <= end {
            self.offer::<ABREAST>(block, position, &mut best);
            position += ABREAST;
        }
        for position in position..end {
            self.offer::<1>(block, position, &mut best);
        }
        best
    }

    #[inline(always)]
    fn offer<const N: usize>(&self, block: &Block, position: usize, best: &mut Best) {
        let forward = self.scores::<N>(&block.forward, position);
        let code = |i: usize| 2 * (position + i) as i32;
        if let Some(strand) = &block.reverse {
            let reverse = self.scores::<N>(strand, position);
            for (i, (forward, reverse)) in forward.iter().zip(&reverse).enumerate() {
                best.offer_both(forward, reverse, code(i));
            }
        } else {
            for (i, forward) in forward.iter().enumerate() {
                best.offer(forward, code(i));
            }
        }
    }

    /// The scores of neighbouring positions: sums that do not wait for each other.
    #[inline(always)]
    fn scores<const N: usize>(&self, strand: &Strand, position: usize) -> [Row; N] {
        let mut sums = [[0.0; LANES]; N];
        for (step, table) in strand.bases.iter().enumerate() {
            let letters = &self.letters[position + step * STEP..][..N];
            for (sum, letters) in sums.iter_mut().zip(letters) {
                let row = &table[usize::from(letters & 127)];
                for lane in 0..LANES {
                    sum[lane] += row[lane];
                }
            }
        }
        let width = self.sizes.width;
        for (taps, signal) in strand.signal.chunks_exact(width).zip(self.signal.chunks_exact(self.sizes.length)) {
            let signal = &signal[position..position + width + N - 1];
            for (tap, values) in taps.iter().zip(signal.windows(N)) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    for lane in 0..LANES {
                        sum[lane] += tap[lane] * value;
                    }
                }
            }
        }
        sums
    }
}

/// The best value so far of each motif of a block, and where it was.
struct Best {
    value: Row,
    winner: [i32; LANES],
}

impl Best {
    #[inline(always)]
    fn offer(&mut self, score: &Row, code: i32) {
        for lane in 0..LANES {
            let better = score[lane] > self.value[lane];
            self.value[lane] = if better { score[lane] } else { self.value[lane] };
            self.winner[lane] = if better { code } else { self.winner[lane] };
        }
    }

    #[inline(always)]
    fn offer_both(&mut self, forward: &Row, reverse: &Row, code: i32) {
        for lane in 0..LANES {
            let turns = reverse[lane] > forward[lane];
            let score = if turns { reverse[lane] } else { forward[lane] };
            let code = if turns { code + 1 } else { code };
            let better = score > self.value[lane];
            self.value[lane] = if better { score } else { self.value[lane] };
            self.winner[lane] = if better { code } else { self.winner[lane] };
        }
    }
}
