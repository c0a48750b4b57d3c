//! The best scores of a pool, for a block of motifs.

use std::ops::Range;

use super::sizes::{LANES, Row};

/// The best score so far of each motif of a block, and where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct BestScores {
    scores: Row,
    /// Twice the position, plus 1 on the reverse strand.
    winners: [i32; LANES],
}

impl BestScores {
    pub(super) const NONE: Self = Self { scores: [f32::NEG_INFINITY; LANES], winners: [i32::MAX; LANES] };

    /// The best of some positions, whose winners are not kept.
    #[inline(always)]
    pub(super) fn of<const PARTS: usize>(parts: [&[Row]; PARTS]) -> Self {
        // Four that do not wait for each other.
        let mut bests = [[f32::NEG_INFINITY; LANES]; 4];
        for part in parts {
            let (fours, rest) = part.as_chunks::<4>();
            for four in fours {
                for (best, row) in bests.iter_mut().zip(four) {
                    greatest(best, row);
                }
            }
            for row in rest {
                greatest(&mut bests[0], row);
            }
        }
        let [mut best, others @ ..] = bests;
        for row in &others {
            greatest(&mut best, row);
        }
        Self { scores: best, ..Self::NONE }
    }

    /// Takes a later position's scores where they are better.
    #[inline(always)]
    pub(super) fn offer<const TRACKED: bool>(&mut self, score: &Row, winner: i32) {
        for lane in 0..LANES {
            let better = score[lane] > self.scores[lane];
            self.scores[lane] = if better { score[lane] } else { self.scores[lane] };
            if TRACKED {
                self.winners[lane] = if better { winner } else { self.winners[lane] };
            }
        }
    }

    /// Takes the other strand's scores where they are better, or as good and earlier.
    // `&&` would be a branch, and the scan take twice as long.
    #[allow(clippy::needless_bitwise_bool)]
    #[inline(always)]
    pub(super) fn merge<const TRACKED: bool>(&mut self, other: &Self) {
        for lane in 0..LANES {
            let (mine, theirs) = (self.scores[lane], other.scores[lane]);
            if TRACKED {
                let earlier = (theirs == mine) & (other.winners[lane] < self.winners[lane]);
                self.winners[lane] = if (theirs > mine) | earlier { other.winners[lane] } else { self.winners[lane] };
            }
            self.scores[lane] = if theirs > mine { theirs } else { mine };
        }
    }
}

/// Keeps the greater of two scores, lane by lane.
#[inline(always)]
pub(super) fn greatest(best: &mut Row, score: &Row) {
    // All lanes are written, or each would be a store with a mask.
    *best = std::array::from_fn(|lane| if score[lane] > best[lane] { score[lane] } else { best[lane] });
}

/// A sample's pooled values, and their winners.
pub(super) struct Output<'a> {
    pub(super) values: &'a mut [f32],
    /// From one motif's values to the next, and from one pool's.
    pub(super) strides: [usize; 2],
    /// `[motif, pool]`; empty where winners are not kept.
    pub(super) winners: &'a mut [i32],
}

impl Output<'_> {
    /// Writes the best scores of each pool for the motifs from `first` on, with bias and ReLU.
    #[inline(always)]
    pub(super) fn write(&mut self, bests: &[BestScores], first: usize, bias: &[f32]) {
        let [by_motif, by_pool] = self.strides;
        for (lane, bias) in bias.iter().enumerate() {
            let values = self.values[(first + lane) * by_motif..].iter_mut().step_by(by_pool);
            for (value, best) in values.zip(bests) {
                let sum = best.scores[lane] + bias;
                *value = if sum <= 0.0 { 0.0 } else { sum };
            }
        }
        let winners = self.winners.chunks_exact_mut(bests.len()).skip(first);
        for (lane, (winners, bias)) in winners.zip(bias).enumerate() {
            for (winner, best) in winners.iter_mut().zip(bests) {
                *winner = if best.scores[lane] + bias > 0.0 { best.winners[lane] } else { -1 };
            }
        }
    }

    /// Writes NaN for some pools of the motifs from `first` on.
    pub(super) fn spoil(&mut self, spoiled: &[usize], pools: usize, motifs: Range<usize>) {
        let [by_motif, by_pool] = self.strides;
        for (motif, pool) in motifs.flat_map(|motif| spoiled.iter().map(move |pool| (motif, pool))) {
            self.values[motif * by_motif + pool * by_pool] = f32::NAN;
            if !self.winners.is_empty() {
                self.winners[motif * pools + pool] = -1;
            }
        }
    }
}
