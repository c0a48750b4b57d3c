//! How much of the genome one position of a trunk sees.

/// What a position of some layer sees, in base pairs, and how far it lies from the next one.
///
/// Sizes beyond what a number can hold stay at the largest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReceptiveField {
    /// Base pairs that a position sees.
    pub bp: usize,
    /// Base pairs from a position to the next.
    pub jump: usize,
}

impl ReceptiveField {
    /// The best score in a pool of motifs: `width + pool - 1`, and `pool` to the next.
    pub fn of_motifs(width: usize, pool: usize) -> Self {
        Self { bp: width.saturating_add(pool).saturating_sub(1), jump: pool }
    }

    /// A convolution adds `(kernel - 1) * dilation` positions.
    pub fn convolved(self, kernel: usize, dilation: usize) -> Self {
        self.widened(kernel.saturating_sub(1).saturating_mul(dilation))
    }

    /// The best of two positions adds one, and doubles the way to the next.
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
    fn fields_grow_by_the_kernel_and_double_their_steps_with_each_halving() {
        let motifs = ReceptiveField::of_motifs(11, 4);
        assert_eq!(motifs, ReceptiveField { bp: 14, jump: 4 });
        let block = motifs.convolved(3, 1).convolved(3, 1).halved();
        assert_eq!(block, ReceptiveField { bp: 14 + 8 + 8 + 4, jump: 8 });
        assert_eq!(block.convolved(5, 2).bp, 34 + 4 * 2 * 8);
    }

    #[test]
    fn sizes_that_no_number_holds_stay_at_the_largest() {
        let huge = ReceptiveField::of_motifs(usize::MAX, 2).convolved(3, usize::MAX).halved();
        assert_eq!(huge.bp, usize::MAX);
    }
}
