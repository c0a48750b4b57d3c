//! What the three kinds of matrix share.

use crate::{Error, Result};

/// One position: A, C, G, T.
pub(super) type Row = [f64; 4];

/// Refuses a matrix without positions.
pub(super) fn not_empty(rows: &[Row]) -> Result<()> {
    if rows.is_empty() {
        return Err(mismatch("width of the matrix".into(), "at least 1", "0".into()));
    }
    Ok(())
}

/// What is wrong with a position, counted from 1.
pub(super) fn bad_position(index: usize, expected: &str, row: &Row) -> Error {
    mismatch(format!("position {} of the matrix", index + 1), expected, format!("{row:?}"))
}

/// Refuses a pseudocount that is negative or no finite number.
pub(super) fn checked_pseudocount(pseudocount: f64) -> Result<()> {
    if pseudocount.is_finite() && pseudocount >= 0.0 {
        return Ok(());
    }
    Err(Error::Config {
        key: "pseudocount".into(),
        expected: "a finite number of at least 0".into(),
        found: pseudocount.to_string(),
    })
}

/// The other strand: positions from the end, A for T and C for G.
pub(super) fn reverse_complement(rows: &[Row]) -> Vec<Row> {
    rows.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect()
}

fn mismatch(what: String, expected: &str, found: String) -> Error {
    Error::Mismatch { what, expected: expected.into(), found }
}
