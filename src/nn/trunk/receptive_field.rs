//! The receptive field of a position in a trunk.

/// The receptive field of a layer's positions, in base pairs, and their distance.
///
/// Sizes that exceed a `usize` stay at the largest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReceptiveField {
    /// Base pairs that a position sees.
    pub bp: usize,
    /// Base pairs from a position to the next.
    pub jump: usize,
}

impl ReceptiveField {
    /// Returns the field of the best score in a pool of motifs: `width + pool - 1`, and `pool` to the next.
    pub fn for_motifs(width: usize, pool: usize) -> Self {
        Self { bp: width.saturating_add(pool).saturating_sub(1), jump: pool }
    }

    /// Returns the field after a convolution, which adds `(kernel - 1) * dilation` positions.
    pub fn convolved(self, kernel: usize, dilation: usize) -> Self {
        self.widened(kernel.saturating_sub(1).saturating_mul(dilation))
    }

    /// Returns the field after a max-pool of two, which adds a position and doubles the distance.
    pub fn halved(self) -> Self {
        Self { jump: self.jump.saturating_mul(2), ..self.widened(1) }
    }

    fn widened(self, positions: usize) -> Self {
        Self { bp: self.bp.saturating_add(positions.saturating_mul(self.jump)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_grow_by_the_kernel_and_double_their_distance_with_each_halving() {
        let motifs = ReceptiveField::for_motifs(11, 4);
        assert_eq!(motifs, ReceptiveField { bp: 14, jump: 4 });
        let block = motifs.convolved(3, 1).convolved(3, 1).halved();
        assert_eq!(block, ReceptiveField { bp: 14 + 8 + 8 + 4, jump: 8 });
        assert_eq!(block.convolved(5, 2).bp, 34 + 4 * 2 * 8);
    }

    #[test]
    fn sizes_that_no_number_holds_stay_at_the_largest() {
        let huge = ReceptiveField::for_motifs(usize::MAX, 2).convolved(3, usize::MAX).halved();
        assert_eq!(huge.bp, usize::MAX);
    }
}
