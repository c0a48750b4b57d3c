//! Bins that touch, as stretches of the genome.

use super::Dataset;
use crate::{
    data::{Split, bits::Bits},
    genome::Interval,
};

impl Dataset {
    /// Returns the stretches of a split's regions that its bins cover.
    pub fn regions(&self, split: Split, context_bp: usize) -> Vec<Interval> {
        self.joined(&self.split_bins(split, context_bp))
    }

    /// Returns the stretches of a split's regions where one of some tasks is bound in one of the split's cell types.
    ///
    /// # Panics
    /// Panics if the data set has no such task.
    pub fn bound_regions(&self, tasks: &[usize], split: Split, context_bp: usize) -> Vec<Interval> {
        let bins = self.split_bins(split, context_bp);
        let mut anywhere = Bits::new(self.grid().len());
        for &cell in self.split_cells(split) {
            self.bound(tasks, cell).and(&bins).iter().for_each(|bin| {
                anywhere.insert(bin);
            });
        }
        self.joined(&anywhere)
    }

    fn joined(&self, bins: &Bits) -> Vec<Interval> {
        let mut joined: Vec<Interval> = Vec::new();
        for bin in bins.iter().map(|bin| self.grid().interval(bin)) {
            match joined.last_mut() {
                Some(last) if last.chromosome == bin.chromosome && bin.start <= last.end => last.end = bin.end,
                _ => joined.push(bin),
            }
        }
        joined
    }
}
