//! Tables of partial sums over three bases, for a block of motifs.

use super::{
    Sizes, Strands,
    letters::{LETTERS, STEP, index_of},
};

/// Motifs side by side in a block: two vectors of AVX, one of AVX-512.
pub(super) const LANES: usize = 16;

/// One value for each motif of a block.
pub(super) type Row = [f32; LANES];
/// A row for each three letters: 125, and 3 unused, so that an index of 7 bits needs no check. Those without N come
/// first: half of a table is in use, and the tables of a motif of width 24 fit into a first-level cache of 32 KiB. No
/// row lies across two cache lines.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Table([Row; 128]);

impl Table {
    /// Returns the row of three letters, of whose index 7 bits count.
    #[inline(always)]
    pub(super) fn row(&self, letters: u8) -> &Row {
        &self.0[usize::from(letters & 127)]
    }
}

/// A strand of a block of motifs.
#[derive(Debug)]
pub(super) struct Strand {
    /// One table for each three positions of the motif.
    pub(super) bases: Vec<Table>,
    /// `[channel, width]` rows.
    pub(super) signal: Vec<Row>,
}

/// A block of motifs, ready to scan.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) forward: Strand,
    pub(super) reverse: Option<Strand>,
}

/// Makes the blocks of all motifs from `[motif, 4 + channel, width]` weights.
pub(super) fn blocks(sizes: &Sizes, weight: &[f32]) -> Vec<Block> {
    (0..sizes.motifs).step_by(LANES).map(|first| block(sizes, weight, first)).collect()
}

fn block(sizes: &Sizes, weight: &[f32], first: usize) -> Block {
    let row_of = |row: usize, position: usize| lanes(sizes, weight, first, row, position);
    let last = sizes.width - 1;
    let forward = strand(sizes, row_of);
    let reverse = (sizes.strands == Strands::Both)
        .then(|| strand(sizes, |row, position| row_of(if row < 4 { 3 - row } else { row }, last - position)));
    Block { forward, reverse }
}

fn lanes(sizes: &Sizes, weight: &[f32], first: usize, row: usize, position: usize) -> Row {
    std::array::from_fn(|lane| {
        let motif = first + lane;
        if motif < sizes.motifs { weight[(motif * (4 + sizes.channels) + row) * sizes.width + position] } else { 0.0 }
    })
}

fn strand(sizes: &Sizes, row_of: impl Fn(usize, usize) -> Row) -> Strand {
    let bases = (0..sizes.width).step_by(STEP).map(|start| table(sizes.width, start, &row_of)).collect();
    let taps = (0..sizes.channels).flat_map(|channel| (0..sizes.width).map(move |position| (4 + channel, position)));
    Strand { bases, signal: taps.map(|(row, position)| row_of(row, position)).collect() }
}

fn table(width: usize, start: usize, row_of: &impl Fn(usize, usize) -> Row) -> Table {
    let rows: [[Row; LETTERS]; STEP] = std::array::from_fn(|offset| {
        let position = start + offset;
        std::array::from_fn(|base| if base < 4 && position < width { row_of(base, position) } else { [0.0; LANES] })
    });
    let mut table = [[0.0; LANES]; 128];
    for (a, first) in rows[0].iter().enumerate() {
        for (b, second) in rows[1].iter().enumerate() {
            let pair: Row = std::array::from_fn(|lane| first[lane] + second[lane]);
            for (c, third) in rows[2].iter().enumerate() {
                let entry = &mut table[usize::from(index_of(a, b, c))];
                *entry = std::array::from_fn(|lane| pair[lane] + third[lane]);
            }
        }
    }
    Table(table)
}
