//! A stretch of sequence and signal that motifs are scanned along.

use super::{
    super::vector::multiply_add,
    best::Best,
    letters::{self, STEP},
    table::{Block, LANES, Row, Strand},
};

/// Positions that are scored together: with two vectors each, sums that do not wait for each other and fit into 16
/// registers.
const ABREAST: usize = 6;

/// A stretch of sequence and signal.
pub(super) struct Window {
    /// Indices of three letters, further than any motif reaches.
    letters: Vec<u8>,
    /// The values of each channel, as far.
    signal: Vec<Vec<f32>>,
    /// 0, or NaN where the signal has one.
    pub(super) poison: f32,
}

impl Window {
    /// Reads codes, and the tracks of as many values that follow each other.
    pub(super) fn new(codes: &[u8], tracks: &[f32]) -> Self {
        const BEYOND: usize = ABREAST + STEP;
        let mut letters = Vec::with_capacity(codes.len() + BEYOND);
        letters::append(codes, BEYOND, &mut letters);
        let padded = |track: &[f32]| [track, &[0.0; BEYOND]].concat();
        let signal = tracks.chunks_exact(codes.len()).map(padded).collect();
        Self { letters, signal, poison: 0.0 * tracks.iter().sum::<f32>() }
    }

    /// Finds the best of each pool on the forward strand of a block. The pools have these lengths, again and again.
    #[inline(always)]
    pub(super) fn scan<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [Best],
    ) {
        self.strand::<FUSED, TRACKED>(&block.forward, 0, lengths, bests, |best, found| *best = found);
    }

    /// Keeps what is better on the reverse strand, if the block has one.
    #[inline(always)]
    pub(super) fn scan_reverse<const FUSED: bool, const TRACKED: bool>(
        &self,
        block: &Block,
        lengths: &[usize],
        bests: &mut [Best],
    ) {
        if let Some(reverse) = &block.reverse {
            self.strand::<FUSED, TRACKED>(reverse, 1, lengths, bests, |best, found| best.merge::<TRACKED>(&found));
        }
    }

    #[inline(always)]
    fn strand<const FUSED: bool, const TRACKED: bool>(
        &self,
        strand: &Strand,
        side: i32,
        lengths: &[usize],
        bests: &mut [Best],
        keep: impl Fn(&mut Best, Best),
    ) {
        let mut pools = bests.iter_mut().zip(lengths.iter().cycle());
        let Some((mut place, mut left)) = pools.next().map(|(place, length)| (place, *length)) else { return };
        let mut best = Best::NONE;
        for start in (0..).step_by(ABREAST) {
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
                    keep(place, best);
                    let Some((next, length)) = pools.next() else { return };
                    (place, left, best) = (next, *length, Best::NONE);
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
        for (taps, track) in strand.signal.iter().zip(&self.signal) {
            let track = &track[position..position + taps.len() + ABREAST - 1];
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
