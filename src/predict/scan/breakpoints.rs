//! Boundaries of intervals in overlapping windows.

use std::ops::Range;

/// Where an interval of some window starts or ends, modulo the stride.
///
/// Windows start a stride apart and have the same intervals, so that their breakpoints repeat with the stride. A piece
/// between two neighboring breakpoints is never divided, and each interval is a row of pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breakpoints {
    stride: usize,
    /// The first is 0.
    offsets: Vec<usize>,
}

impl Breakpoints {
    /// Breakpoints of windows of `count` neighboring intervals of `length`.
    pub(crate) fn new(stride: usize, length: usize, count: usize) -> Self {
        // The breakpoints of further intervals repeat.
        Self::at(stride, (0..=count.min(stride)).map(|interval| interval * length))
    }

    /// Breakpoints at these positions, the first of which is 0.
    pub(crate) fn at(stride: usize, positions: impl Iterator<Item = usize>) -> Self {
        let mut is_breakpoint = vec![false; stride];
        positions.for_each(|position| is_breakpoint[position % stride] = true);
        Self { stride, offsets: (0..stride).filter(|&offset| is_breakpoint[offset]).collect() }
    }

    /// The number of pieces of a stride.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    /// The pieces of a stride.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let ends = self.offsets.iter().skip(1).chain([&self.stride]);
        self.offsets.iter().zip(ends).map(|(&start, &end)| start..end)
    }

    /// The piece that starts at a breakpoint, from 0 on over all strides.
    pub(crate) fn piece_at(&self, breakpoint: usize) -> usize {
        let offset = breakpoint % self.stride;
        breakpoint / self.stride * self.len() + self.offsets.partition_point(|&other| other < offset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_interval_of_whole_strides_has_one_piece_a_stride() {
        let breakpoints = Breakpoints::new(50, 300, 1);
        assert_eq!((breakpoints.len(), breakpoints.pieces().next()), (1, Some(0..50)));
        assert_eq!(breakpoints.piece_at(300), 6);
    }

    #[test]
    fn a_stride_is_cut_where_intervals_meet() {
        let breakpoints = Breakpoints::new(50, 94, 3);
        assert_eq!(breakpoints.pieces().collect::<Vec<_>>(), [0..32, 32..38, 38..44, 44..50]);
        assert_eq!([0, 94, 188, 282].map(|at| breakpoints.piece_at(at)), [0, 7, 14, 21]);
    }

    proptest! {
        #[test]
        fn pieces_between_the_breakpoints_of_an_interval_make_it_up(
            stride in 1_usize..40, length in 1_usize..90, count in 1_usize..60,
        ) {
            let breakpoints = Breakpoints::new(stride, length, count);
            let pieces: Vec<_> = breakpoints.pieces().map(|piece| piece.len()).collect();
            prop_assert_eq!(pieces.iter().sum::<usize>(), stride);
            for interval in 0..count {
                let range = breakpoints.piece_at(interval * length)..breakpoints.piece_at((interval + 1) * length);
                prop_assert_eq!(range.map(|piece| pieces[piece % pieces.len()]).sum::<usize>(), length);
            }
        }
    }
}
