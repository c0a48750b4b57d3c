//! How far below its best a motif's score may stay.

/// The largest sum of deficits that may still be an occurrence.
pub(super) const LIMIT: u8 = u8::MAX - 1;

/// What a pair of bases takes from a motif's best score, in steps, rounded down.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Where the pair lies in the motif.
    pub(super) offset: usize,
    pub(super) deficits: [u8; 16],
}

/// Tables for the pairs of a motif: only where their sum stays within [`LIMIT`] can the score reach the threshold.
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// Those that take most come first. None if no sequence reaches the threshold.
    pub(super) tables: Option<Vec<Table>>,
}

impl Bounds {
    pub(super) fn new(rows: &[[f64; 4]], threshold: f64) -> Self {
        let best = |row: &[f64; 4]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let highest: f64 = rows.iter().map(best).sum();
        let allowed = highest - threshold;
        if allowed.is_nan() || allowed < 0.0 {
            return Self { tables: None };
        }
        // A little more, for the rounding of floats.
        let steps = f64::from(u8::MAX) / (allowed * (1.0 + 1e-9) + 1e-9);
        let deficit = |at: usize, base: usize| rows.get(at).map_or(0.0, |row| best(row) - row[base]);
        let table = |offset: usize| Table {
            offset,
            // Above 255 it is 255.
            deficits: std::array::from_fn(|pair| {
                ((deficit(offset, pair / 4) + deficit(offset + 1, pair % 4)) * steps) as u8
            }),
        };
        let mut tables: Vec<Table> = (0..rows.len()).step_by(2).map(table).collect();
        tables
            .sort_by_key(|table| std::cmp::Reverse(table.deficits.iter().map(|&taken| u32::from(taken)).sum::<u32>()));
        Self { tables: Some(tables) }
    }
}
