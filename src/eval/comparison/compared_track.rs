//! The models and tracks of a comparison.

use crate::metric::RankedTrack;

/// Two models that are compared on a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelPair<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
}

/// A track on which two models are compared: its names, and its bins as the models rank them.
///
/// See [`ComparisonRow::all`](crate::eval::ComparisonRow::all) for an example.
#[derive(Clone, Debug)]
pub struct ComparedTrack<'a> {
    /// The factor.
    pub tf: &'a str,
    /// The cell type.
    pub cell: &'a str,
    /// Model a's ranking for each seed.
    pub rankings_a: Vec<&'a RankedTrack>,
    /// Model b's ranking for each seed.
    pub rankings_b: Vec<&'a RankedTrack>,
}
