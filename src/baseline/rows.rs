//! Rows to learn from.

use crate::{Error, Result};

/// Refuses features, labels and weights that do not fit together or that nothing can be learned from.
pub(super) fn check_rows(columns: &[&[f32]], labels: &[bool], weights: &[f32]) -> Result<()> {
    let mismatch =
        |what: &str, expected: String, found: String| Err(Error::Mismatch { what: what.to_owned(), expected, found });
    let rows = labels.len();
    if let Some(other) = columns.iter().map(|column| column.len()).chain([weights.len()]).find(|&other| other != rows) {
        return mismatch("rows", format!("{rows}, as many as labels"), other.to_string());
    }
    if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        return mismatch("weights", "finite numbers of at least 0".to_owned(), wrong.to_string());
    }
    if let Some(wrong) = columns.iter().flat_map(|column| column.iter()).find(|value| value.is_infinite()) {
        return mismatch("features", "finite numbers, or NaN where missing".to_owned(), wrong.to_string());
    }
    let has = |wanted: bool| labels.iter().zip(weights).any(|(&bound, &weight)| bound == wanted && weight > 0.0);
    if !has(true) || !has(false) {
        return mismatch("labels", "both bound and unbound".to_owned(), "one of them".to_owned());
    }
    Ok(())
}
