//! The sizes of one call, and of what is scanned at once.

use crate::nn::ops::{Axes, MotifPoolOptions, Strands};

/// Motifs of a block, side by side: two vectors of AVX, one of AVX-512.
pub(crate) const LANES: usize = 16;

/// One value for each motif of a block.
pub(super) type Row = [f32; LANES];

/// Positions of a tile, which are scored together: with two vectors each, sums that do not wait for each other and fit
/// into 16 registers.
pub(super) const TILE: usize = 6;

/// The sizes of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) length: usize,
    pub(super) channels: usize,
    pub(super) motifs: usize,
    pub(super) width: usize,
    pub(super) pool: usize,
    pub(super) strands: Strands,
    pub(super) axes: Axes,
}

impl Sizes {
    pub(super) fn new(
        [batch, length]: [usize; 2],
        [motifs, rows, width]: [usize; 3],
        options: MotifPoolOptions,
    ) -> Self {
        let MotifPoolOptions { strands, axes, pool } = options;
        Self { batch, length, channels: rows - 4, motifs, width, pool, strands, axes }
    }

    pub(super) fn pools(&self) -> usize {
        (self.length - self.width + 1) / self.pool
    }

    /// The shape of the pooled values.
    pub(super) fn pooled(&self) -> [usize; 3] {
        match self.axes {
            Axes::MotifsFirst => [self.batch, self.motifs, self.pools()],
            Axes::PositionsFirst => [self.batch, self.pools(), self.motifs],
        }
    }

    /// From one motif's pooled values to the next, and from one pool's.
    pub(super) fn strides(&self) -> [usize; 2] {
        match self.axes {
            Axes::MotifsFirst => [self.pools(), 1],
            Axes::PositionsFirst => [1, self.motifs],
        }
    }
}
