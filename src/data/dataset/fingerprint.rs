//! Telling data sets apart.

use super::Dataset;
use crate::{data::Split, genome::Labels, random::mixed};

impl Dataset {
    /// Returns a number that another data set, or this one with other labels, bins, splits, sequence, signal or transform, has
    /// not.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut state = mixed(&[self.genome.total_bases() as u64, self.grid.len() as u64, self.cells.len() as u64]);
        let mut add = |value: u64| state = mixed(&[state, value]);
        let names = self.tasks.iter().map(|task| &task.name).chain(self.cells.iter().map(|cell| &cell.name));
        names.flat_map(|name| name.bytes().chain([0])).for_each(|byte| add(u64::from(byte)));
        for size in [self.grid.bin_bp(), self.grid.stride_bp(), self.transform as usize] {
            add(size as u64);
        }
        for chromosome in 0..self.genome.len() {
            self.genome.name(chromosome).bytes().chain([0]).for_each(|byte| add(u64::from(byte)));
            self.genome.words(chromosome).for_each(&mut add);
        }
        for labels in &self.labels {
            labels.as_ref().map_or(&[][..], Labels::words).iter().for_each(|word| add(*word));
            add(u64::MAX);
        }
        for split in [Split::Train, Split::Valid, Split::Test] {
            self.split_bins(split, self.grid.bin_bp()).words().iter().for_each(|word| add(*word));
            self.split_cells(split).iter().for_each(|&cell| add(cell as u64));
        }
        for (signal, chromosome) in self.signals.iter().flat_map(|s| (0..self.genome.len()).map(move |c| (s, c))) {
            signal.words(chromosome).for_each(&mut add);
        }
        state
    }
}
