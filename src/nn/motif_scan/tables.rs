//! Partial sums over three bases, for a block of motifs on one strand.

/// Motifs side by side in a block.
pub(super) const LANES: usize = 16;
/// Bases a lookup.
pub(super) const STEP: usize = 3;

/// One value for each motif of a block.
pub(super) type Row = [f32; LANES];
/// A row for each three letters: 64 without N, which take half of the first-level cache that the 125 with N would take.
/// The other rows are never looked at; they are there so that an index needs no check.
pub(super) type Table = [Row; 256];

/// `[motif, row, position]`, the bases' rows first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) motifs: usize,
    pub(super) rows: usize,
    pub(super) width: usize,
}

/// One strand of a layer, block by block.
#[derive(Debug, Clone)]
pub(super) struct StrandTables {
    pub(super) blocks: Vec<Block>,
}

/// One strand of a block of motifs.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// A table for each three positions, for sequence without N.
    pub(super) known: Vec<Table>,
    /// The same with N.
    pub(super) all: Vec<Table>,
    /// What each position multiplies a signal with; empty without one.
    pub(super) taps: Vec<Row>,
}

impl StrandTables {
    pub(super) fn forward(sizes: Sizes, weight: &[f32]) -> Self {
        Self::new(sizes, |motif, row, position| weight[(motif * sizes.rows + row) * sizes.width + position])
    }

    /// The motifs as they read on the other strand.
    pub(super) fn reverse(sizes: Sizes, weight: &[f32]) -> Self {
        let Sizes { rows, width, .. } = sizes;
        let turned = |row| if row < 4 { 3 - row } else { row };
        Self::new(sizes, |motif, row, position| weight[(motif * rows + turned(row)) * width + width - 1 - position])
    }

    fn new(sizes: Sizes, value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let block = |first: usize| {
            let lanes = |row: usize, position: usize| -> Row {
                std::array::from_fn(|lane| {
                    let is_there = first + lane < sizes.motifs && position < sizes.width;
                    if is_there { value(first + lane, row, position) } else { 0.0 }
                })
            };
            let steps = || (0..sizes.width).step_by(STEP);
            Block {
                known: steps().map(|start| table::<4>(start, lanes)).collect(),
                all: steps().map(|start| table::<5>(start, lanes)).collect(),
                taps: (4..sizes.rows)
                    .flat_map(|row| (0..sizes.width).map(move |at| (row, at)))
                    .map(|(row, at)| lanes(row, at))
                    .collect(),
            }
        };
        Self { blocks: (0..sizes.motifs).step_by(LANES).map(block).collect() }
    }
}

/// The sums of all combinations of three of so many letters, the first one slowest; N counts 0.
fn table<const LETTERS: usize>(start: usize, lanes: impl Fn(usize, usize) -> Row) -> Table {
    let rows: [[Row; LETTERS]; STEP] = std::array::from_fn(|offset| {
        std::array::from_fn(|letter| if letter < 4 { lanes(letter, start + offset) } else { [0.0; LANES] })
    });
    let mut table = [[0.0; LANES]; 256];
    for (index, entry) in table.iter_mut().take(LETTERS.pow(STEP as u32)).enumerate() {
        let letters = [index / (LETTERS * LETTERS), index / LETTERS % LETTERS, index % LETTERS];
        *entry = std::array::from_fn(|lane| (0..STEP).map(|i| rows[i][letters[i]][lane]).sum());
    }
    table
}

/// Writes the index of the three letters from each position on, past the end as if the first letter followed, and
/// returns whether there is an N; without one, indices are those of [`Block::known`].
pub(super) fn index_letters(codes: &[u8], out: &mut Vec<u8>) -> bool {
    let has_unknown = codes.iter().any(|code| *code > 3);
    let letters = if has_unknown { 5 } else { 4 };
    let (inner, last) = (codes.len().saturating_sub(STEP - 1), codes.len());
    let at = |position: usize| codes.get(position).map_or(0, |code| (*code).min(4));
    out.clear();
    out.extend((0..inner).map(|p| (at(p) * letters + at(p + 1)) * letters + at(p + 2)));
    out.extend((inner..last + STEP).map(|p| (at(p) * letters + at(p + 1)) * letters + at(p + 2)));
    has_unknown
}
