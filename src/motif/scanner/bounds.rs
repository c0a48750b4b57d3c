//! Upper bounds of a motif's score, as deficits below its best score.

use std::cmp::Reverse;

/// The largest sum of deficits of an occurrence.
pub(super) const LIMIT: u8 = u8::MAX - 1;

/// The deficit of each pair of bases at one offset, in steps, rounded down.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// The position of the pair in the motif.
    pub(super) offset: usize,
    pub(super) deficits: [u8; 16],
}

/// Tables for the pairs of a motif: the score can reach the threshold only where their sum is at most [`LIMIT`].
#[derive(Clone, Debug)]
pub(super) struct Bounds {
    /// Tables with the largest deficits come first. None if no sequence reaches the threshold.
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
        // The allowance is enlarged a little for the rounding of floats.
        let steps = f64::from(u8::MAX) / (allowed * (1.0 + 1e-9) + 1e-9);
        let deficit = |at: usize, base: usize| rows.get(at).map_or(0.0, |row| best(row) - row[base]);
        // The conversion saturates at 255.
        let pair = |at: usize, pair: usize| ((deficit(at, pair / 4) + deficit(at + 1, pair % 4)) * steps) as u8;
        let table = |offset: usize| Table { offset, deficits: std::array::from_fn(|bases| pair(offset, bases)) };
        let mut tables: Vec<Table> = (0..rows.len()).step_by(2).map(table).collect();
        let total = |table: &Table| table.deficits.into_iter().map(u32::from).sum::<u32>();
        tables.sort_by_key(|table| Reverse(total(table)));
        Self { tables: Some(tables) }
    }
}
