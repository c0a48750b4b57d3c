//! Bins that touch, as stretches of the genome.

use super::Dataset;
use crate::{
    data::{Split, bits::Bits, region::merged},
    genome::Interval,
};

impl Dataset {
    /// Returns the stretches of a split's regions that its bins cover.
    pub fn regions(&self, split: Split, context_bp: usize) -> Vec<Interval> {
        merged(self.intervals(&self.split_bins(split, context_bp)).collect())
    }

    /// Returns the stretches of a split's regions where one of some tasks is bound in one of the split's cell types.
    ///
    /// # Panics
    /// Panics if the data set has no such task.
    pub fn bound_regions(&self, tasks: &[usize], split: Split, context_bp: usize) -> Vec<Interval> {
        let bins = self.split_bins(split, context_bp);
        let bound: Vec<Bits> = self.split_cells(split).iter().map(|&cell| self.bound(tasks, cell).and(&bins)).collect();
        merged(bound.iter().flat_map(|bins| self.intervals(bins)).collect())
    }

    fn intervals(&self, bins: &Bits) -> impl Iterator<Item = Interval> {
        bins.iter().map(|bin| self.grid().interval(bin))
    }
}
