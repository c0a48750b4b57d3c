//! How the units of a cube share out motifs, pools and positions.

use super::sizes::{LANES, Sizes};

/// The most units of a cube.
pub(super) const UNITS: usize = 256;

/// The most units side by side, each for [`LANES`] motifs.
const COLUMNS: usize = 32;

/// The fewest positions that repay what it takes to bring the parts of a pool together.
const FEWEST: usize = 4;

/// A cube has a row of units for each part of each of its pools.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Units of a row.
    pub(super) columns: usize,
    /// Pools of a cube.
    pub(super) pools: usize,
    /// Parts of a pool.
    pub(super) parts: usize,
    /// Positions of a part. The last part of a pool may have fewer, but at least one.
    pub(super) positions: usize,
}

impl Layout {
    /// Splits pools where those of a sample are too few to fill a cube, if units can wait for each other cheaply.
    pub(super) fn new(sizes: &Sizes, may_split: bool) -> Self {
        let columns = sizes.motifs.div_ceil(LANES).min(COLUMNS);
        let rows = UNITS / columns;
        let parts = if may_split { (rows / sizes.pools).max(1) } else { 1 };
        let positions = sizes.pool.div_ceil(parts).max(FEWEST.min(sizes.pool));
        let parts = sizes.pool.div_ceil(positions);
        Self { columns, pools: (rows / parts).min(sizes.pools), parts, positions }
    }

    pub(super) fn rows(&self) -> usize {
        self.pools * self.parts
    }

    pub(super) fn is_split(&self) -> bool {
        self.parts > 1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{nn::ops::motif_pool::gpu::sizes::Scan, testing::cases};

    fn layout(motifs: usize, pool: usize, pools: usize) -> Layout {
        let scan = Scan { channels: 0, both_strands: false, positions_first: false };
        Layout::new(&Sizes { batch: 1, motifs, width: 1, pool, pools, scan }, true)
    }

    /// Columns, pools, parts and positions.
    fn numbers(motifs: usize, pool: usize, pools: usize) -> [usize; 4] {
        let Layout { columns, pools, parts, positions } = layout(motifs, pool, pools);
        [columns, pools, parts, positions]
    }

    #[test]
    fn one_pool_of_the_whole_context_fills_the_cube() {
        assert_eq!(numbers(128, 300, 1), [32, 1, 8, 38]);
        assert_eq!(numbers(64, 300, 1), [16, 1, 16, 19]);
        assert_eq!(numbers(129, 300, 3), [32, 3, 2, 150]);
        assert_eq!(numbers(4, 300, 1), [1, 1, 75, 4]);
    }

    #[test]
    fn pools_that_fill_the_cube_stay_whole() {
        assert_eq!(numbers(128, 13, 75), [32, 8, 1, 13]);
        assert_eq!(numbers(128, 10, 97), [32, 8, 1, 10]);
        assert_eq!(numbers(64, 4, 245), [16, 16, 1, 4]);
        assert_eq!(numbers(128, 60, 5), [32, 5, 1, 60]);
    }

    #[test]
    fn a_short_pool_stays_whole() {
        assert_eq!(numbers(128, 4, 1), [32, 1, 1, 4]);
        assert_eq!(numbers(128, 1, 1), [32, 1, 1, 1]);
    }

    proptest! {
        #![proptest_config(cases(512))]

        #[test]
        fn each_position_lies_in_one_part_and_no_part_is_empty(
            motifs in 1..600usize, pool in 1..3000usize, pools in 1..300usize,
        ) {
            let layout = layout(motifs, pool, pools);
            let part = |index: usize| index * layout.positions..((index + 1) * layout.positions).min(pool);
            prop_assert!((0..layout.parts).all(|index| !part(index).is_empty()));
            prop_assert!((0..layout.parts).flat_map(part).eq(0..pool));
            prop_assert!((1..=pools).contains(&layout.pools));
            prop_assert!(layout.columns * layout.rows() <= UNITS);
            prop_assert!(!layout.is_split() || layout.pools == pools);
        }
    }
}
