//! The forward pass.

use rayon::prelude::*;

use super::{
    Sizes,
    table::{Block, LANES, Row, STEP, Strand, blocks, index_letters},
};

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
            pulp::Arch::new().dispatch(|| window.scan(&blocks, &bias, pooled, winners));
        },
    );
    (pooled, winners)
}

/// A score that is not a number never is the greatest, and would go unseen: the bias carries it.
fn poisoned(bias: &[f32], weight: &[f32]) -> Vec<f32> {
    let weights = weight.chunks_exact(weight.len() / bias.len());
    bias.iter().zip(weights).map(|(bias, weight)| bias + 0.0 * weight.iter().sum::<f32>()).collect()
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
    #[inline(always)] // So that it is compiled for the vector unit that the caller found.
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
        for position in start..start + self.sizes.pool {
            let forward = self.score(&block.forward, position);
            let code = 2 * position as i32;
            match &block.reverse {
                Some(strand) => best.offer_both(forward, self.score(strand, position), code),
                None => best.offer(forward, code),
            }
        }
        best
    }

    #[inline(always)]
    fn score(&self, strand: &Strand, position: usize) -> Row {
        let mut sum = [0.0; LANES];
        for (table, letters) in strand.bases.iter().zip(self.letters[position..].iter().step_by(STEP)) {
            let row = &table[usize::from(letters & 127)];
            for lane in 0..LANES {
                sum[lane] += row[lane];
            }
        }
        let width = self.sizes.width;
        for (taps, signal) in strand.signal.chunks_exact(width).zip(self.signal.chunks_exact(self.sizes.length)) {
            for (tap, value) in taps.iter().zip(&signal[position..position + width]) {
                for lane in 0..LANES {
                    sum[lane] += tap[lane] * value;
                }
            }
        }
        sum
    }
}

/// The best value so far of each motif of a block, and where it was.
struct Best {
    value: Row,
    winner: [i32; LANES],
}

impl Best {
    #[inline(always)]
    fn offer(&mut self, score: Row, code: i32) {
        for lane in 0..LANES {
            let better = score[lane] > self.value[lane];
            self.value[lane] = if better { score[lane] } else { self.value[lane] };
            self.winner[lane] = if better { code } else { self.winner[lane] };
        }
    }

    #[inline(always)]
    fn offer_both(&mut self, forward: Row, reverse: Row, code: i32) {
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
