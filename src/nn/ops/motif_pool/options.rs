//! How motifs are scanned and pooled.

use serde::{Deserialize, Serialize};

/// The strands on which a motif is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strands {
    /// The forward strand alone.
    Forward,
    /// The better of both strands at each position; where they tie, the forward one.
    Both,
}

/// The order of the axes of what [`motif_pool`](super::motif_pool()) returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// `[batch, motif, length]`
    MotifsFirst,
    /// `[batch, length, motif]`
    PositionsFirst,
}

/// How [`motif_pool`](super::motif_pool()) scans and pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MotifPoolOptions {
    /// The strands that are scanned.
    pub strands: Strands,
    /// The order of the output's axes.
    pub axes: Axes,
    /// Positions in a pool. Positions at the end that do not fill a pool are left out.
    pub pool: usize,
}
