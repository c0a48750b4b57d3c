//! On whose motifs the predictions of a model rest.

use serde::Serialize;

use crate::eval::table::table_row;

/// On whose motifs the contributions to a factor's log-odds lie, in one model: a row of `borrowed.tsv`.
///
/// See [`MotifOwners`](crate::explain::MotifOwners) for what the shares are. All seeds are taken together.
///
/// # Examples
///
/// ```
/// use multitf::eval::{BorrowedRow, TableRow};
///
/// assert_eq!(BorrowedRow::COLUMNS, ["model", "tf", "bins", "own", "other", "low", "high", "permuted"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BorrowedRow {
    /// The model.
    pub model: String,
    /// The task.
    pub tf: String,
    /// The number of bound bins that were explained.
    pub bins: u64,
    /// The share of the contributions on the factor's own motifs.
    pub own: f64,
    /// The share on motifs of other factors alone.
    pub other: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    /// The upper end of its 95 % interval.
    pub high: f64,
    /// What the share on motifs of others would be with another factor as the owner.
    pub permuted: f64,
}

table_row!(BorrowedRow: model, tf, bins, own, other, low, high, permuted);
