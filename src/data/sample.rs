//! Samples: pairs of a bin and a cell type.

use std::{fmt, ops::Range};

use super::bit_set::RankedBitSet;

/// A bin in a cell type: the unit of prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// The index of the bin in [`Dataset::grid`](super::Dataset::grid).
    pub bin: u32,
    /// The index of the cell type in [`Dataset::cells`](super::Dataset::cells).
    pub cell: u16,
}

/// Samples, sorted by cell type, then by bin; a bit for each bin.
///
/// A human genome in ten cell types has half a billion samples, so they are kept as bit sets and drawn by rank.
///
/// ```no_run
/// use multitf::data::{Dataset, Split};
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let samples = dataset.samples(Split::Test, 1000)?;
/// assert_eq!(samples.iter().count(), samples.len());
/// assert_eq!(samples.get(0), samples.iter().next());
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone)]
pub struct SampleSet {
    cells: Vec<(u16, RankedBitSet)>,
    len: usize,
}

impl SampleSet {
    /// Joins the bins of cell types, which must ascend.
    pub(super) fn new(cells: Vec<(u16, RankedBitSet)>) -> Self {
        let len = cells.iter().map(|(_, bins)| bins.len()).sum();
        Self { cells, len }
    }

    /// Returns the bins of each cell type.
    pub(super) fn cells(&self) -> &[(u16, RankedBitSet)] {
        &self.cells
    }

    /// Returns the ranks of each cell type's samples.
    pub fn cell_ranges(&self) -> impl Iterator<Item = (u16, Range<usize>)> {
        self.cells.iter().scan(0, |start, (cell, bins)| {
            let range = *start..*start + bins.len();
            *start = range.end;
            Some((*cell, range))
        })
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the sample with `rank` others before it.
    pub fn get(&self, mut rank: usize) -> Option<Sample> {
        for (cell, bins) in &self.cells {
            if rank < bins.len() {
                return bins.select(rank).map(|bin| Sample { bin: bin as u32, cell: *cell });
            }
            rank -= bins.len();
        }
        None
    }

    /// Returns the rank of the first sample in which two sets differ; none if they hold the same samples.
    pub fn first_difference(&self, other: &Self) -> Option<usize> {
        if self.cells == other.cells {
            return None;
        }
        let shorter = self.len.min(other.len);
        let differs = self.iter().zip(other.iter()).position(|(one, other)| one != other);
        differs.or_else(|| (self.len != other.len).then_some(shorter))
    }

    /// Returns the ranks among other samples, for each of the cell types here, if these are all of the other samples in
    /// their cell types.
    pub(crate) fn ranges_in(&self, other: &Self) -> Option<Vec<(u16, Range<usize>)>> {
        let ranges: Vec<_> = other.cell_ranges().collect();
        let range = |(cell, bins): &(u16, RankedBitSet)| {
            let place = other.cells.iter().position(|(known, known_bins)| known == cell && known_bins == bins)?;
            Some(ranges[place].clone())
        };
        self.cells.iter().map(range).collect()
    }

    /// Returns the samples in some of the cell types.
    ///
    /// ```no_run
    /// use multitf::data::{Dataset, Split};
    ///
    /// let dataset = Dataset::open("encode5/dataset.toml")?;
    /// let samples = dataset.samples(Split::Valid, 1000)?;
    /// let in_k562 = samples.in_cells(|cell| dataset.cells()[usize::from(cell)].name == "K562");
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn in_cells(&self, is_wanted: impl Fn(u16) -> bool) -> Self {
        Self::new(self.cells.iter().filter(|(cell, _)| is_wanted(*cell)).cloned().collect())
    }

    /// Returns the samples in order.
    pub fn iter(&self) -> impl Iterator<Item = Sample> {
        self.cells.iter().flat_map(|(cell, bins)| bins.set().iter().map(|bin| Sample { bin: bin as u32, cell: *cell }))
    }
}

impl fmt::Debug for SampleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleSet").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::bit_set::BitSet;

    fn cell(cell: u16, bins: &[usize]) -> (u16, RankedBitSet) {
        let mut set = BitSet::new(200);
        assert!(bins.iter().all(|&bin| set.insert(bin)));
        (cell, RankedBitSet::new(set))
    }

    #[test]
    fn samples_come_by_cell_then_bin() {
        let samples = SampleSet::new(vec![cell(1, &[3, 150]), cell(2, &[]), cell(4, &[0])]);
        let expected = [(3, 1), (150, 1), (0, 4)].map(|(bin, cell)| Sample { bin, cell });
        assert_eq!(samples.iter().collect::<Vec<_>>(), expected);
        assert_eq!((0..4).map_while(|rank| samples.get(rank)).collect::<Vec<_>>(), expected);
        assert_eq!(samples.cell_ranges().collect::<Vec<_>>(), [(1, 0..2), (2, 2..2), (4, 2..3)]);
        assert_eq!((samples.len(), samples.is_empty()), (3, false));
    }

    #[test]
    fn samples_of_some_cell_types_are_found_among_all() {
        let samples = SampleSet::new(vec![cell(1, &[3, 150]), cell(2, &[7]), cell(4, &[0, 5])]);
        let some = samples.in_cells(|cell| cell != 2);
        assert_eq!((some.len(), some.get(2)), (4, Some(Sample { bin: 0, cell: 4 })));
        assert_eq!(some.ranges_in(&samples), Some(vec![(1, 0..2), (4, 3..5)]));
        assert_eq!(samples.ranges_in(&some), None);
        assert_eq!(SampleSet::new(vec![cell(1, &[3])]).ranges_in(&samples), None, "a part of a cell type");
    }

    #[test]
    fn sets_differ_from_the_first_sample_that_is_another_on() {
        let samples = SampleSet::new(vec![cell(1, &[3, 150]), cell(4, &[0])]);
        let difference = |cells| samples.first_difference(&SampleSet::new(cells));
        assert_eq!(difference(vec![cell(1, &[3, 150]), cell(4, &[0])]), None);
        assert_eq!(difference(vec![cell(1, &[3, 150]), cell(2, &[]), cell(4, &[0])]), None);
        assert_eq!(difference(vec![cell(1, &[3, 151]), cell(4, &[0])]), Some(1));
        assert_eq!(difference(vec![cell(1, &[3, 150]), cell(5, &[0])]), Some(2));
        assert_eq!(difference(vec![cell(1, &[3, 150])]), Some(2));
        assert_eq!(difference(vec![cell(1, &[3, 150]), cell(4, &[0, 7])]), Some(3));
        assert_eq!(difference(vec![]), Some(0));
    }
}
