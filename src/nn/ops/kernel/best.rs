//! The best position of a pool, for a block of motifs.

use super::table::{LANES, Row};

/// The best value so far of each motif of a block, and where it was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    value: Row,
    /// Twice the position, plus 1 on the reverse strand.
    winner: [i32; LANES],
}

impl Best {
    pub(super) const NONE: Self = Self { value: [f32::NEG_INFINITY; LANES], winner: [i32::MAX; LANES] };

    /// Takes a later position's scores where they are better.
    #[inline(always)]
    pub(super) fn offer<const TRACKED: bool>(&mut self, score: &Row, winner: i32) {
        for lane in 0..LANES {
            let better = score[lane] > self.value[lane];
            self.value[lane] = if better { score[lane] } else { self.value[lane] };
            if TRACKED {
                self.winner[lane] = if better { winner } else { self.winner[lane] };
            }
        }
    }

    /// Takes the other strand's best where it is better, or as good and earlier.
    #[inline(always)]
    pub(super) fn merge<const TRACKED: bool>(&mut self, other: &Self) {
        for lane in 0..LANES {
            let tie = other.value[lane] == self.value[lane];
            let better = other.value[lane] > self.value[lane];
            let earlier = TRACKED && tie && other.winner[lane] < self.winner[lane];
            self.value[lane] = if better { other.value[lane] } else { self.value[lane] };
            self.winner[lane] = if better || earlier { other.winner[lane] } else { self.winner[lane] };
        }
    }
}

/// A sample's output.
pub(super) struct Pooled<'a> {
    pub(super) values: &'a mut [f32],
    /// From one motif's values to the next, and from one pool's.
    pub(super) strides: [usize; 2],
    /// `[motif, pool]`, empty where winners are not asked for.
    pub(super) winners: &'a mut [i32],
}

impl Pooled<'_> {
    /// Writes the bests of each pool for the motifs from `first` on, with their biases and through the ReLU.
    #[inline(always)]
    pub(super) fn write(self, bests: &[Best], first: usize, bias: &[f32], poison: f32) {
        let [by_motif, by_pool] = self.strides;
        for (lane, bias) in bias.iter().enumerate() {
            let motif = first + lane;
            for (pool, best) in bests.iter().enumerate() {
                let sum = best.value[lane] + bias + poison;
                self.values[motif * by_motif + pool * by_pool] = if sum <= 0.0 { 0.0 } else { sum };
                if !self.winners.is_empty() {
                    self.winners[motif * bests.len() + pool] = if sum > 0.0 { best.winner[lane] } else { -1 };
                }
            }
        }
    }
}
