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
        let mut rows = Rows { motifs: self.motifs, place, is_second, best, row: 0 };
        let (mut value, mut piece) = (WORST, 0);
        let mut left = self.pieces[0].len();
        let mut position = 0;
        while position < positions {
            let abreast = ABREAST.min(positions - position);
            let scores = if abreast == ABREAST {
                self.scores::<ROWS, ABREAST>(block, tables, position)
            } else {
                let mut scores = [WORST; ABREAST];
                for (i, score) in scores.iter_mut().take(abreast).enumerate() {
                    [*score] = self.scores::<ROWS, 1>(block, tables, position + i);
                }
                scores
            };
            for score in &scores[..abreast] {
                for lane in 0..LANES {
                    value[lane] = if score[lane] > value[lane] { score[lane] } else { value[lane] };
                }
                left -= 1;
                if left == 0 {
                    rows.store(&value);
                    piece = if piece + 1 == self.pieces.len() { 0 } else { piece + 1 };
                    (value, left) = (WORST, self.pieces[piece].len());
                }
            }
            position += abreast;
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

/// Where the best of one piece after the other goes.
struct Rows<'a> {
    motifs: usize,
    place: Place,
    is_second: bool,
    best: &'a mut [f32],
    row: usize,
}

impl Rows<'_> {
    #[inline(always)]
    fn store(&mut self, value: &Row) {
        let first = self.row * self.motifs + self.place.first;
        let row = &mut self.best[first..first + self.place.lanes];
        if let Ok(row) = <&mut Row>::try_from(&mut *row) {
            for lane in 0..LANES {
                row[lane] = if self.is_second && row[lane] > value[lane] { row[lane] } else { value[lane] };
            }
        } else {
            for (best, value) in row.iter_mut().zip(value) {
                *best = if self.is_second && *best > *value { *best } else { *value };
            }
        }
        self.row += 1;
    }
}
