//! Boundaries of intervals in overlapping windows.

use std::ops::Range;

/// A stride cut wherever an interval of some window starts or ends.
///
/// Windows start a stride apart and have the same intervals, so that their cuts repeat with the stride. A piece between
/// two neighbouring cuts is never divided, and each interval is a row of pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cuts {
    stride: usize,
    /// The first cut is 0.
    places: Vec<usize>,
}

impl Cuts {
    /// Cuts windows of `count` neighbouring intervals of `length`.
    pub(crate) fn new(stride: usize, length: usize, count: usize) -> Self {
        // The cuts of further intervals repeat.
        Self::at(stride, (0..=count.min(stride)).map(|interval| interval * length))
    }

    /// Cuts windows at these positions, the first of which is 0.
    pub(crate) fn at(stride: usize, places: impl Iterator<Item = usize>) -> Self {
        let mut is_cut = vec![false; stride];
        places.for_each(|place| is_cut[place % stride] = true);
        Self { stride, places: (0..stride).filter(|&place| is_cut[place]).collect() }
    }

    /// The number of pieces of a stride.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The pieces of a stride.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let ends = self.places.iter().skip(1).chain([&self.stride]);
        self.places.iter().zip(ends).map(|(&start, &end)| start..end)
    }

    /// The piece that starts at a cut, from 0 on over all strides.
    pub(crate) fn piece_at(&self, cut: usize) -> usize {
        let place = cut % self.stride;
        cut / self.stride * self.len() + self.places.partition_point(|&other| other < place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_interval_of_whole_strides_has_one_piece_a_stride() {
        let cuts = Cuts::new(50, 300, 1);
        assert_eq!((cuts.len(), cuts.pieces().next()), (1, Some(0..50)));
        assert_eq!(cuts.piece_at(300), 6);
    }

    #[test]
    fn a_stride_is_cut_where_intervals_meet() {
        let cuts = Cuts::new(50, 94, 3);
        assert_eq!(cuts.pieces().collect::<Vec<_>>(), [0..32, 32..38, 38..44, 44..50]);
        assert_eq!([0, 94, 188, 282].map(|cut| cuts.piece_at(cut)), [0, 7, 14, 21]);
    }

    proptest! {
        #[test]
        fn pieces_between_the_cuts_of_an_interval_make_it_up(
            stride in 1_usize..40, length in 1_usize..90, count in 1_usize..60,
        ) {
            let cuts = Cuts::new(stride, length, count);
            let pieces: Vec<_> = cuts.pieces().map(|piece| piece.len()).collect();
            prop_assert_eq!(pieces.iter().sum::<usize>(), stride);
            for interval in 0..count {
                let range = cuts.piece_at(interval * length)..cuts.piece_at((interval + 1) * length);
                prop_assert_eq!(range.map(|piece| pieces[piece % pieces.len()]).sum::<usize>(), length);
            }
        }
    }
}
