//! The scan of one segment.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use super::tables::{Block, LANES, Row, STEP, StrandTables, Table};

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
                segment.scan(&tables.blocks[index], strand > 0, place, best);
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
    fn scan(&self, block: &Block, is_second: bool, place: Place, best: &mut [f32]) {
        let positions = best.len() / self.motifs / self.pieces.len() * self.stride;
        let (pieces, motifs) = (self.pieces, self.motifs);
        let mut running =
            Running { pieces, motifs, place, is_second, best, value: WORST, row: 0, piece: 0, left: pieces[0].len() };
        let tables = if self.has_unknown { &block.all } else { &block.known };
        let mut position = 0;
        while position + ABREAST <= positions {
            let scores = self.scores::<ABREAST>(tables, &block.taps, position);
            for score in &scores {
                running.offer(score);
            }
            position += ABREAST;
        }
        for position in position..positions {
            let [score] = self.scores::<1>(tables, &block.taps, position);
            running.offer(&score);
        }
    }

    /// The scores of neighbouring positions: sums that do not wait for each other.
    #[inline(always)]
    fn scores<const N: usize>(&self, tables: &[Table], taps: &[Row], position: usize) -> [Row; N] {
        let mut sums = [[0.0; LANES]; N];
        for (step, table) in tables.iter().enumerate() {
            let letters = &self.letters[position + step * STEP..][..N];
            for (sum, letters) in sums.iter_mut().zip(letters) {
                let row = &table[usize::from(*letters)];
                for lane in 0..LANES {
                    sum[lane] += row[lane];
                }
            }
        }
        if !taps.is_empty() {
            let signal = self.signal.expect("the trunk was made for a signal, and there is none");
            let signal = &signal[position..position + taps.len() + N - 1];
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

const WORST: Row = [f32::NEG_INFINITY; LANES];

/// The best value so far in a piece, and where it goes.
struct Running<'a> {
    pieces: &'a [Range<usize>],
    motifs: usize,
    place: Place,
    is_second: bool,
    best: &'a mut [f32],
    value: Row,
    /// The piece over all strides, and in its stride.
    row: usize,
    piece: usize,
    /// Positions that are left in the piece.
    left: usize,
}

impl Running<'_> {
    #[inline(always)]
    fn offer(&mut self, score: &Row) {
        for lane in 0..LANES {
            self.value[lane] = if score[lane] > self.value[lane] { score[lane] } else { self.value[lane] };
        }
        self.left -= 1;
        if self.left == 0 {
            self.store();
            self.row += 1;
            self.piece = if self.piece + 1 == self.pieces.len() { 0 } else { self.piece + 1 };
            (self.value, self.left) = (WORST, self.pieces[self.piece].len());
        }
    }

    #[inline(always)]
    fn store(&mut self) {
        let first = self.row * self.motifs + self.place.first;
        let row = &mut self.best[first..first + self.place.lanes];
        if let Ok(row) = <&mut Row>::try_from(&mut *row) {
            for lane in 0..LANES {
                row[lane] = if self.is_second && row[lane] > self.value[lane] { row[lane] } else { self.value[lane] };
            }
        } else {
            for (best, value) in row.iter_mut().zip(&self.value) {
                *best = if self.is_second && *best > *value { *best } else { *value };
            }
        }
    }
}
