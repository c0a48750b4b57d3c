//! Tables of partial sums over three bases, for a block of motifs.

use super::{
    sizes::{LANES, Row, TILE},
    triplets::{self, CODES, TRIPLET},
};
use crate::nn::ops::Strands;

/// A row for each triplet: 125, and 3 unused, so that an index of 7 bits needs no check. Those without N come first:
/// half of a table is in use, and the tables of a motif of width 24 fit into a first-level cache of 32 KiB. No row lies
/// across two cache lines.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Table([Row; 128]);

impl Table {
    /// Returns the row of a triplet, of whose index 7 bits count.
    #[inline(always)]
    pub(super) fn row(&self, triplet: u8) -> &Row {
        &self.0[usize::from(triplet & 127)]
    }
}

/// A block of motifs as they read on one strand.
#[derive(Debug)]
pub(super) struct StrandTables {
    /// One table for each three positions of the motif.
    pub(super) bases: Vec<Table>,
    /// Taps for each channel.
    pub(super) signal: Vec<Taps>,
}

/// The weights of a channel of the signal.
#[derive(Debug)]
pub(super) struct Taps {
    /// A row for each position of the motif.
    pub(super) rows: Vec<Row>,
    /// The sum of the rows.
    pub(super) total: Row,
    /// At `TILE + i` before the end the sum of the rows from `i` on, for each `i` from 1 on; 0 before and after.
    pub(super) rest: Vec<Row>,
}

impl Taps {
    fn new(rows: Vec<Row>) -> Self {
        let mut rest = vec![[0.0; LANES]; rows.len() + 2 * TILE];
        let mut sum = [0.0; LANES];
        for (position, row) in rows.iter().enumerate().rev() {
            sum = std::array::from_fn(|lane| sum[lane] + row[lane]);
            if position > 0 {
                let last = rest.len() - TILE;
                rest[last - position] = sum;
            }
        }
        Self { rows, total: sum, rest }
    }

    /// Positions of the motif.
    #[inline(always)]
    pub(super) fn width(&self) -> usize {
        self.rows.len()
    }
}

/// A block of motifs, ready to scan.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) forward: StrandTables,
    pub(super) reverse: Option<StrandTables>,
}

/// A layer of motifs, ready to scan.
#[derive(Debug)]
pub(crate) struct MotifTables {
    blocks: Vec<Block>,
    bias: Vec<f32>,
    width: usize,
}

impl MotifTables {
    /// Makes the tables of `[motif, 4 + channel, width]` weights and `[motif]` biases.
    pub(crate) fn new(shape: [usize; 3], weight: &[f32], bias: &[f32], strands: Strands) -> Self {
        let [motifs, rows, width] = shape;
        let weights = Weights { motifs, rows, width, values: weight };
        let blocks = (0..motifs).step_by(LANES).map(|first| weights.block(first, strands)).collect();
        // A score of NaN is never the greatest and would be lost: the bias carries it.
        let carried = |(weights, bias): (&[f32], &f32)| {
            if weights.iter().all(|weight| weight.is_finite()) { *bias } else { f32::NAN }
        };
        Self { blocks, bias: weight.chunks_exact(rows * width).zip(bias).map(carried).collect(), width }
    }

    /// The blocks and their motifs' biases.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&Block, &[f32])> {
        self.blocks.iter().zip(self.bias.chunks(LANES))
    }

    /// The number of motifs.
    pub(crate) fn motifs(&self) -> usize {
        self.bias.len()
    }

    /// Positions in a motif.
    pub(crate) fn width(&self) -> usize {
        self.width
    }
}

/// `[motif, row, position]`, the bases' rows first.
struct Weights<'a> {
    motifs: usize,
    rows: usize,
    width: usize,
    values: &'a [f32],
}

impl Weights<'_> {
    fn block(&self, first: usize, strands: Strands) -> Block {
        let last = self.width - 1;
        let reverse =
            |row: usize, position: usize| self.lanes(first, if row < 4 { 3 - row } else { row }, last - position);
        Block {
            forward: self.strand(|row, position| self.lanes(first, row, position)),
            reverse: (strands == Strands::Both).then(|| self.strand(reverse)),
        }
    }

    fn lanes(&self, first: usize, row: usize, position: usize) -> Row {
        std::array::from_fn(|lane| {
            let motif = first + lane;
            if motif < self.motifs { self.values[(motif * self.rows + row) * self.width + position] } else { 0.0 }
        })
    }

    fn strand(&self, row_at: impl Fn(usize, usize) -> Row) -> StrandTables {
        let taps = |row| Taps::new((0..self.width).map(|position| row_at(row, position)).collect());
        StrandTables {
            bases: (0..self.width).step_by(TRIPLET).map(|start| table(self.width, start, &row_at)).collect(),
            signal: (4..self.rows).map(taps).collect(),
        }
    }
}

fn table(width: usize, start: usize, row_at: &impl Fn(usize, usize) -> Row) -> Table {
    let rows: [[Row; CODES]; TRIPLET] = std::array::from_fn(|offset| {
        let position = start + offset;
        std::array::from_fn(|base| if base < 4 && position < width { row_at(base, position) } else { [0.0; LANES] })
    });
    let mut table = [[0.0; LANES]; 128];
    for (a, first) in rows[0].iter().enumerate() {
        for (b, second) in rows[1].iter().enumerate() {
            let pair: Row = std::array::from_fn(|lane| first[lane] + second[lane]);
            for (c, third) in rows[2].iter().enumerate() {
                let entry = &mut table[usize::from(triplets::index([a, b, c]))];
                *entry = std::array::from_fn(|lane| pair[lane] + third[lane]);
            }
        }
    }
    Table(table)
}
