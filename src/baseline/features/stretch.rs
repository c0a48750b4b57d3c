//! Neighbouring bins whose sequence is read once.

use std::ops::Range;

use crate::genome::{BinGrid, Interval};

/// How far a stretch may reach before another one is begun.
const LONGEST_BP: usize = 1 << 15;

/// Bins that lie near each other, and what is read for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The places of the bins in the list they were taken from.
    pub(super) places: Range<usize>,
    pub(super) chromosome: usize,
    /// Where it starts, before the chromosome's start if flanks reach there.
    pub(super) start: i64,
    pub(super) len: usize,
}

impl Stretch {
    /// Groups ascending bins, with their flanks.
    pub(super) fn of(grid: &BinGrid, bins: &[u32], flank_bp: usize) -> Vec<Self> {
        let mut stretches: Vec<Self> = Vec::new();
        for (place, &bin) in bins.iter().enumerate() {
            let Interval { chromosome, start, end } = grid.interval(bin as usize);
            let (from, to) = (start as i64 - flank_bp as i64, end as i64 + flank_bp as i64);
            match stretches.last_mut() {
                Some(last) if last.reaches(chromosome, from) => {
                    last.places.end = place + 1;
                    last.len = (to - last.start) as usize;
                }
                _ => stretches.push(Self {
                    places: place..place + 1,
                    chromosome,
                    start: from,
                    len: (to - from) as usize,
                }),
            }
        }
        stretches
    }

    /// Whether a bin whose flanks begin at `from` belongs here.
    fn reaches(&self, chromosome: usize, from: i64) -> bool {
        chromosome == self.chromosome && from < self.start + self.len as i64 && self.len < LONGEST_BP
    }

    /// Where an interval lies in the stretch.
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
        let stretches = Stretch::of(&grid, &[0, 11, 12, 40, second], 200);
        let parts: Vec<_> = stretches.iter().map(|s| (s.places.clone(), s.chromosome, s.start, s.len)).collect();
        // Bin 0 with its flanks ends at 400, bin 11 begins at 550 - 200.
        assert_eq!(parts, [(0..3, 0, -200, 1200), (3..4, 0, 1800, 600), (4..5, 1, -200, 600)][..]);
    }

    #[test]
    fn a_stretch_does_not_grow_without_bound_and_none_is_lost() {
        let genome = Genome::from_sequences([("1", "A".repeat(100_000))]).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        let bins: Vec<u32> = (0..grid.len() as u32).collect();
        let stretches = Stretch::of(&grid, &bins, 100);
        assert!(stretches.len() > 2 && stretches.iter().all(|stretch| stretch.len < LONGEST_BP + 200));
        let places: Vec<usize> = stretches.iter().flat_map(|stretch| stretch.places.clone()).collect();
        assert_eq!(places, (0..grid.len()).collect::<Vec<_>>());
        for (place, stretch) in stretches.iter().flat_map(|s| s.places.clone().map(move |place| (place, s))) {
            let range = stretch.within(grid.interval(place));
            assert!(range.start >= 100 && range.end + 100 <= stretch.len);
        }
    }
}
