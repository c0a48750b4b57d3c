//! The bins of a genome.

use std::ops::Range;

use super::{Genome, Interval};
use crate::{Error, Result};

/// The bins of a genome: on every chromosome one starts at position 0 and then one every `stride_bp` bases, as long as
/// whole bins fit.
///
/// Bins are numbered from 0 in the order of the genome; only the number of bins of each chromosome is stored.
///
/// # Examples
///
/// ```
/// use multitf::genome::{BinGrid, Genome, Interval};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(310)), ("chr2", "C".repeat(200))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// assert_eq!(grid.len(), 3 + 1);
/// assert_eq!(grid.interval(2), Interval { chromosome: 0, start: 100, end: 300 });
/// assert_eq!(grid.bin_at(1, 0), Some(3));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinGrid {
    bin_bp: usize,
    stride_bp: usize,
    /// The length of each chromosome, if each is one bin.
    lengths: Option<Vec<usize>>,
    /// The first bin of each chromosome, then the number of all bins.
    offsets: Vec<usize>,
}

impl BinGrid {
    /// Lays bins over a genome.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the width or the stride is 0.
    pub fn new(genome: &Genome, bin_bp: usize, stride_bp: usize) -> Result<Self> {
        for (key, value) in [("windows.bin_bp", bin_bp), ("windows.stride_bp", stride_bp)] {
            Error::unless(value > 0, key.to_owned(), "at least 1", value)?;
        }
        let mut offsets = vec![0];
        let mut bins = 0;
        for chromosome in 0..genome.len() {
            bins += genome.length(chromosome).checked_sub(bin_bp).map_or(0, |last| last / stride_bp + 1);
            offsets.push(bins);
        }
        Ok(Self { bin_bp, stride_bp, lengths: None, offsets })
    }

    /// Makes each chromosome one bin of its length: for sequences that are no genome.
    ///
    /// ```
    /// use multitf::genome::{BinGrid, Genome, Interval};
    ///
    /// let genome = Genome::from_sequences([("oligo1", "ACGTA"), ("oligo2", "CCC")])?;
    /// let grid = BinGrid::from_chromosomes(&genome);
    /// assert_eq!((grid.len(), grid.bin_bp()), (2, 5));
    /// assert_eq!(grid.interval(1), Interval { chromosome: 1, start: 0, end: 3 });
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_chromosomes(genome: &Genome) -> Self {
        let lengths: Vec<usize> = (0..genome.len()).map(|chromosome| genome.length(chromosome)).collect();
        let longest = lengths.iter().copied().max().unwrap_or(1);
        Self { bin_bp: longest, stride_bp: longest, offsets: (0..=lengths.len()).collect(), lengths: Some(lengths) }
    }

    /// Returns whether each chromosome is one bin.
    pub fn has_one_bin_per_chromosome(&self) -> bool {
        self.lengths.is_some()
    }

    /// Returns the width of a bin, or of the longest if each chromosome is one.
    pub fn bin_bp(&self) -> usize {
        self.bin_bp
    }

    /// Returns the distance between the starts of neighbouring bins, or the longest width if each chromosome is one
    /// bin.
    pub fn stride_bp(&self) -> usize {
        self.stride_bp
    }

    /// Returns the number of bins.
    pub fn len(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// Returns whether no chromosome is long enough for a bin.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the interval of a bin.
    ///
    /// # Panics
    ///
    /// Panics if there is no such bin.
    pub fn interval(&self, bin: usize) -> Interval {
        assert!(bin < self.len(), "bin {bin} of {}", self.len());
        let chromosome = self.offsets.partition_point(|&first| first <= bin) - 1;
        let start = (bin - self.offsets[chromosome]) * self.stride_bp;
        Interval { chromosome, start, end: start + self.width(chromosome) }
    }

    /// Returns the bin that starts at a position, if one does.
    #[inline]
    pub fn bin_at(&self, chromosome: usize, start: usize) -> Option<usize> {
        let bins = self.on_chromosome(chromosome);
        let bin = bins.start + start / self.stride_bp;
        (start.is_multiple_of(self.stride_bp) && bin < bins.end).then_some(bin)
    }

    /// Returns the bins of a chromosome, none if the genome has no such chromosome.
    #[inline]
    pub fn on_chromosome(&self, chromosome: usize) -> Range<usize> {
        match self.offsets.get(chromosome..chromosome.saturating_add(2)) {
            Some(&[first, end]) => first..end,
            _ => self.len()..self.len(),
        }
    }

    /// Returns the bins that share at least one base with an interval.
    ///
    /// ```
    /// use multitf::genome::{BinGrid, Genome, Interval};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(1000))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let peak = Interval { chromosome: 0, start: 300, end: 350 };
    /// assert_eq!(grid.overlapping(peak), 3..7);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn overlapping(&self, interval: Interval) -> Range<usize> {
        if interval.is_empty() {
            return self.clamped(interval.chromosome, 0, 0);
        }
        let first =
            interval.start.checked_sub(self.width(interval.chromosome)).map_or(0, |before| before / self.stride_bp + 1);
        self.clamped(interval.chromosome, first, interval.end.div_ceil(self.stride_bp))
    }

    /// Returns the bins that lie wholly in an interval.
    ///
    /// ```
    /// use multitf::genome::{BinGrid, Genome, Interval};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(1000))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let region = Interval { chromosome: 0, start: 120, end: 400 };
    /// assert_eq!(grid.within(region), 3..5);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn within(&self, interval: Interval) -> Range<usize> {
        let end = interval.end.checked_sub(self.width(interval.chromosome)).map_or(0, |last| last / self.stride_bp + 1);
        self.clamped(interval.chromosome, interval.start.div_ceil(self.stride_bp), end)
    }

    /// The width of a chromosome's bins.
    #[inline]
    fn width(&self, chromosome: usize) -> usize {
        let whole = self.lengths.as_ref().and_then(|lengths| lengths.get(chromosome));
        whole.copied().unwrap_or(self.bin_bp)
    }

    /// Returns the bins of a chromosome from its bin `first` to its bin `end`, as far as it has so many.
    fn clamped(&self, chromosome: usize, first: usize, end: usize) -> Range<usize> {
        let bins = self.on_chromosome(chromosome);
        let end = bins.start + end.min(bins.len());
        (bins.start + first.min(bins.len())).min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn genome(lengths: &[usize]) -> Genome {
        let sequences = lengths.iter().enumerate().map(|(i, &length)| (i.to_string(), "A".repeat(length)));
        Genome::from_sequences(sequences).unwrap()
    }

    /// Checks all ranges against the bins one by one.
    fn check_ranges(genome: &Genome, grid: &BinGrid, target: Interval) -> Result<(), TestCaseError> {
        let Interval { chromosome, start, .. } = target;
        let all: Vec<_> = (0..grid.len()).map(|bin| grid.interval(bin)).collect();
        let bins = |wanted: &dyn Fn(Interval) -> bool| -> Vec<usize> {
            (0..all.len()).filter(|&bin| wanted(all[bin])).collect()
        };
        prop_assert_eq!(grid.overlapping(target).collect::<Vec<_>>(), bins(&|bin| bin.overlap(target) > 0));
        prop_assert_eq!(grid.within(target).collect::<Vec<_>>(), bins(&|bin| target.contains(bin)));
        prop_assert_eq!(grid.on_chromosome(chromosome).collect::<Vec<_>>(), bins(&|bin| bin.chromosome == chromosome));
        for (bin, interval) in all.iter().enumerate() {
            prop_assert!(interval.end <= genome.length(interval.chromosome));
            prop_assert_eq!(grid.bin_at(interval.chromosome, interval.start), Some(bin));
        }
        let bin = grid.bin_at(chromosome, start);
        prop_assert_eq!(bin.is_some(), all.iter().any(|bin| (bin.chromosome, bin.start) == (chromosome, start)));
        Ok(())
    }

    proptest! {
        #[test]
        fn ranges_hold_just_the_bins_that_overlap_or_lie_within(
            lengths in prop::collection::vec(1_usize..60, 1..4),
            (bin_bp, stride_bp) in (1_usize..15, 1_usize..15),
            (chromosome, start, length) in (0_usize..4, 0_usize..70, 0_usize..30),
        ) {
            let genome = genome(&lengths);
            let grid = BinGrid::new(&genome, bin_bp, stride_bp).unwrap();
            let target = Interval { chromosome, start, end: start + length };
            check_ranges(&genome, &grid, target)?;
            let whole = BinGrid::from_chromosomes(&genome);
            let bins: Vec<_> = (0..whole.len()).map(|bin| whole.interval(bin)).collect();
            let lengths = (0..genome.len()).map(|chromosome| (chromosome, genome.length(chromosome)));
            let chromosomes = lengths.map(|(chromosome, end)| Interval { chromosome, start: 0, end });
            prop_assert_eq!(bins, chromosomes.collect::<Vec<_>>());
            check_ranges(&genome, &whole, target)?;
        }
    }

    #[test]
    fn the_last_bin_ends_at_or_before_the_end() {
        assert_eq!(BinGrid::new(&genome(&[199]), 200, 50).unwrap().len(), 0);
        assert_eq!(BinGrid::new(&genome(&[200]), 200, 50).unwrap().len(), 1);
        assert_eq!(BinGrid::new(&genome(&[249]), 200, 50).unwrap().len(), 1);
        assert_eq!(BinGrid::new(&genome(&[250]), 200, 50).unwrap().len(), 2);
    }

    #[test]
    fn a_width_or_stride_of_0_is_an_error_with_its_key() {
        let error = BinGrid::new(&genome(&[200]), 0, 50).unwrap_err();
        assert_eq!(error.to_string(), "windows.bin_bp: expected at least 1, found 0");
        let error = BinGrid::new(&genome(&[200]), 200, 0).unwrap_err();
        assert_eq!(error.to_string(), "windows.stride_bp: expected at least 1, found 0");
    }
}
