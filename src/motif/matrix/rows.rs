//! Rows and checks that the three types of matrix share.

use crate::{Error, Result};

/// One position: A, C, G, T.
pub(crate) type Row = [f64; 4];

/// Maps the positions of a matrix, of which there must be one at least.
///
/// `map` returns nothing for a position that is not as `expected`, which is an error.
pub(crate) fn map(mut rows: Vec<Row>, expected: &str, map: impl Fn(&Row) -> Option<Row>) -> Result<Vec<Row>> {
    if rows.is_empty() {
        return Err(Error::mismatch("width of the matrix", "at least 1", "0"));
    }
    for (index, row) in rows.iter_mut().enumerate() {
        *row = map(row).ok_or_else(|| bad_position(index, expected, row))?;
    }
    Ok(rows)
}

/// Returns the error of a position, which is counted from 1 in the message.
pub(crate) fn bad_position(index: usize, expected: &str, row: &Row) -> Error {
    Error::mismatch(format!("position {} of the matrix", index + 1), expected, format!("{row:?}"))
}

/// Refuses a pseudocount that is negative or not finite.
pub(crate) fn check_pseudocount(pseudocount: f64) -> Result<()> {
    let works = pseudocount.is_finite() && pseudocount >= 0.0;
    Error::unless(works, "pseudocount", "a finite number of at least 0", pseudocount)
}

/// Returns the other strand: positions from the end, A for T and C for G.
pub(crate) fn reverse_complement(rows: &[Row]) -> Vec<Row> {
    rows.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]).collect()
}
