//! The chain of matrices: counts, probabilities, log-odds.

pub(super) mod count;
pub(super) mod log_odds;
pub(super) mod probability;
pub(super) mod rows;
