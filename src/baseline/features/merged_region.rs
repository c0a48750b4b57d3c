//! Neighboring bins whose sequence is read once.

use std::ops::Range;

use crate::genome::{BinGrid, Interval};

/// A longer region is not extended.
const MAX_BP: usize = 1 << 15;

/// Bins whose flanks overlap, merged so that their sequence is read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MergedRegion {
    /// The indices of the bins in their list.
    pub(super) indices: Range<usize>,
    pub(super) chromosome: usize,
    /// The start; before the chromosome's, if flanks reach there.
    pub(super) start: i64,
    pub(super) len: usize,
}

impl MergedRegion {
    /// Merges ascending bins, with their flanks.
    pub(super) fn merge(grid: &BinGrid, bins: &[u32], flank_bp: usize) -> Vec<Self> {
        let mut regions: Vec<Self> = Vec::new();
        for (index, &bin) in bins.iter().enumerate() {
            let Interval { chromosome, start, end } = grid.interval(bin as usize);
            let (from, to) = (start as i64 - flank_bp as i64, end as i64 + flank_bp as i64);
            match regions.last_mut() {
                Some(last) if last.overlaps(chromosome, from) => {
                    last.indices.end = index + 1;
                    last.len = (to - last.start) as usize;
                }
                _ => {
                    let indices = index..index + 1;
                    regions.push(Self { indices, chromosome, start: from, len: (to - from) as usize });
                }
            }
        }
        regions
    }

    /// Whether a bin whose flanks begin at `from` belongs to the region.
    fn overlaps(&self, chromosome: usize, from: i64) -> bool {
        chromosome == self.chromosome && from < self.start + self.len as i64 && self.len < MAX_BP
    }

    /// Returns the positions of an interval in the region.
    pub(super) fn within(&self, interval: Interval) -> Range<usize> {
        let at = |position: usize| (position as i64 - self.start) as usize;
        at(interval.start)..at(interval.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Genome;

    #[test]
    fn bins_whose_flanks_meet_are_read_together() {
        let genome = Genome::from_sequences([("1", "A".repeat(100_000)), ("2", "C".repeat(400))]).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        let second = grid.bin_at(1, 0).unwrap() as u32;
        let regions = MergedRegion::merge(&grid, &[0, 11, 12, 40, second], 200);
        let parts: Vec<_> = regions.iter().map(|s| (s.indices.clone(), s.chromosome, s.start, s.len)).collect();
        // Bin 0 with its flanks ends at 400, bin 11 begins at 550 - 200.
        assert_eq!(parts, [(0..3, 0, -200, 1200), (3..4, 0, 1800, 600), (4..5, 1, -200, 600)][..]);
    }

    #[test]
    fn a_stretch_does_not_grow_without_bound_and_none_is_lost() {
        let genome = Genome::from_sequences([("1", "A".repeat(100_000))]).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        let bins: Vec<u32> = (0..grid.len() as u32).collect();
        let regions = MergedRegion::merge(&grid, &bins, 100);
        assert!(regions.len() > 2 && regions.iter().all(|region| region.len < MAX_BP + 200));
        let indices: Vec<usize> = regions.iter().flat_map(|region| region.indices.clone()).collect();
        assert_eq!(indices, (0..grid.len()).collect::<Vec<_>>());
        for (index, region) in regions.iter().flat_map(|s| s.indices.clone().map(move |index| (index, s))) {
            let range = region.within(grid.interval(index));
            assert!(range.start >= 100 && range.end + 100 <= region.len);
        }
    }
}
