//! The scan of one segment.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use super::tables::{Block, LANES, Row, STEP, StrandTables};

/// Positions that are scored together.
const ABREAST: usize = 4;

/// A segment of a chromosome, from the first position of a layer's motifs on.
pub(super) struct Segment<'a> {
    /// Indices of three letters.
    pub(super) letters: &'a [u8],
    pub(super) has_unknown: bool,
    pub(super) signal: Option<&'a [f32]>,
    pub(super) stride: usize,
    pub(super) pieces: &'a [Range<usize>],
    /// Motifs of all layers.
    pub(super) motifs: usize,
}

/// One segment's work, compiled for each vector unit; a closure would not be.
pub(super) struct SegmentScan<'a> {
    pub(super) segment: Segment<'a>,
    pub(super) strands: &'a [StrandTables],
    pub(super) bias: &'a [f32],
    /// The layer's first motif among all.
    pub(super) first_motif: usize,
    /// `[stride, piece, motif]`.
    pub(super) best: &'a mut [f32],
}

impl pulp::NullaryFnOnce for SegmentScan<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { segment, strands, bias, first_motif, best } = self;
        let poison = segment.signal.map_or(0.0, |signal| 0.0 * signal.iter().sum::<f32>());
        for (index, bias) in bias.chunks(LANES).enumerate() {
            let place = Place { first: first_motif + index * LANES, lanes: bias.len() };
            for (strand, tables) in strands.iter().enumerate() {
                let block = &tables.blocks[index];
                if segment.has_unknown {
                    segment.scan(block, &block.all, strand > 0, place, best);
                } else {
                    segment.scan(block, &block.known, strand > 0, place, best);
                }
            }
            for row in best.chunks_exact_mut(segment.motifs) {
                for (value, bias) in row[place.first..place.first + place.lanes].iter_mut().zip(bias) {
                    let score = *value + bias + poison;
                    *value = if score <= 0.0 { 0.0 } else { score };
                }
            }
        }
    }
}

/// A block's motifs among all.
#[derive(Clone, Copy)]
struct Place {
    first: usize,
    lanes: usize,
}

impl Segment<'_> {
    /// Writes the best of each piece, or keeps what is better if another strand was there before.
    #[inline(always)]
    fn scan<const ROWS: usize>(
        &self,
        block: &Block,
        tables: &[[Row; ROWS]],
        is_second: bool,
        place: Place,
        best: &mut [f32],
    ) {
        let positions = best.len() / self.motifs / self.pieces.len() * self.stride;
        let mut running = Running { segment: self, is_second, place, best, value: WORST, row: 0, left: 0 };
        running.start(0);
        let mut position = 0;
        while position + ABREAST <= positions {
            let scores = self.scores::<ROWS, ABREAST>(block, tables, position);
            for score in &scores {
                running.offer(score);
            }
            position += ABREAST;
        }
        for position in position..positions {
            running.offer(&self.scores::<ROWS, 1>(block, tables, position)[0]);
        }
    }

    /// The scores of neighbouring positions: sums that do not wait for each other.
    #[inline(always)]
    fn scores<const ROWS: usize, const N: usize>(
        &self,
        block: &Block,
        tables: &[[Row; ROWS]],
        position: usize,
    ) -> [Row; N] {
        let mut sums = [[0.0; LANES]; N];
        for (step, table) in tables.iter().enumerate() {
            let letters = &self.letters[position + step * STEP..][..N];
            for (sum, letters) in sums.iter_mut().zip(letters) {
                let row = &table[usize::from(*letters) & (ROWS - 1)];
                for lane in 0..LANES {
                    sum[lane] += row[lane];
                }
            }
        }
        if !block.taps.is_empty() {
            let signal = self.signal.expect("the trunk was made for a signal, and there is none");
            let signal = &signal[position..position + block.taps.len() + N - 1];
            for (tap, values) in block.taps.iter().zip(signal.windows(N)) {
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

const WORST: Row = [f32::NEG_INFINITY; LANES];

/// The best value so far in a piece.
struct Running<'a> {
    segment: &'a Segment<'a>,
    is_second: bool,
    place: Place,
    best: &'a mut [f32],
    value: Row,
    /// The piece, from 0 on over all strides.
    row: usize,
    /// Positions that are left in the piece.
    left: usize,
}

impl Running<'_> {
    #[inline(always)]
    fn start(&mut self, row: usize) {
        let piece = &self.segment.pieces[row % self.segment.pieces.len()];
        (self.value, self.row, self.left) = (WORST, row, piece.end - piece.start);
    }

    #[inline(always)]
    fn offer(&mut self, score: &Row) {
        for lane in 0..LANES {
            self.value[lane] = if score[lane] > self.value[lane] { score[lane] } else { self.value[lane] };
        }
        self.left -= 1;
        if self.left == 0 {
            self.store();
            self.start(self.row + 1);
        }
    }

    #[inline(always)]
    fn store(&mut self) {
        let first = self.row * self.segment.motifs + self.place.first;
        for (best, value) in self.best[first..first + self.place.lanes].iter_mut().zip(&self.value) {
            *best = if self.is_second && *best > *value { *best } else { *value };
        }
    }
}
