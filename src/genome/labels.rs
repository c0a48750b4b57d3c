//! The labels of a track over a grid of bins.

use super::{BinGrid, Interval, Label, PeakSet};

const PER_WORD: usize = 32;
/// The lower bit of each label of a word.
const LOW_BITS: u64 = 0x5555_5555_5555_5555;

/// The labels of a track over a grid of bins, two bits a label.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Label, Labels};
///
/// let mut labels = Labels::filled(1000, Label::Unbound);
/// labels.set(7, Label::Bound);
/// labels.set(700, Label::Bound);
/// assert_eq!(labels.positions(Label::Bound).collect::<Vec<_>>(), [7, 700]);
/// assert_eq!(labels.counts(), [0, 998, 0, 2]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Labels {
    words: Vec<u64>,
    len: usize,
}

impl Labels {
    /// Makes `len` equal labels.
    pub fn filled(len: usize, label: Label) -> Self {
        let mut words = vec![repeated(label); len.div_ceil(PER_WORD)];
        // Bits past the end are always 0, so that equal labels are equal words.
        if let Some(last) = words.last_mut() {
            *last &= used_bits((len - 1) % PER_WORD + 1);
        }
        Self { words, len }
    }

    /// Labels bins from peaks, each peak on its own.
    ///
    /// A bin is [`Bound`](Label::Bound) if a peak overlaps at least half of it or lies wholly in it,
    /// [`Ambiguous`](Label::Ambiguous) if a peak overlaps it otherwise, or only a relaxed peak overlaps it, and
    /// [`Unbound`](Label::Unbound) if none does. Peaks are never merged: two neighbours that each cover a third of a
    /// bin do not make it bound.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{BinGrid, Genome, Interval, Label, Labels, PeakSet};
    ///
    /// let genome = Genome::from_sequences([("chr1", "A".repeat(400))])?;
    /// let grid = BinGrid::new(&genome, 200, 200)?;
    /// let peaks = PeakSet::from_intervals(vec![Interval { chromosome: 0, start: 150, end: 300 }]);
    /// let labels = Labels::from_peaks(&grid, &peaks, None);
    /// assert_eq!((labels.get(0), labels.get(1)), (Label::Ambiguous, Label::Bound));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_peaks(grid: &BinGrid, peaks: &PeakSet, relaxed: Option<&PeakSet>) -> Self {
        let mut labels = Self::filled(grid.len(), Label::Unbound);
        for &peak in relaxed.map_or(&[][..], PeakSet::intervals) {
            labels.raise(grid, peak, |_| Label::Ambiguous);
        }
        for &peak in peaks.intervals() {
            labels.raise(grid, peak, |bin| Label::from_overlap(bin, peak));
        }
        labels
    }

    /// Gives the bins under a peak their label, unless they have a higher one.
    fn raise(&mut self, grid: &BinGrid, peak: Interval, label: impl Fn(Interval) -> Label) {
        for bin in grid.overlapping(peak) {
            self.set(bin, self.get(bin).max(label(grid.interval(bin))));
        }
    }

    /// Returns the number of labels.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the labels as words of 32, the first in the lowest two bits; bits past the end are 0.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Returns a label.
    ///
    /// # Panics
    ///
    /// Panics if there is no such label.
    #[inline]
    pub fn get(&self, index: usize) -> Label {
        assert!(index < self.len, "label {index} of {}", self.len);
        Label::ALL[(self.words[index / PER_WORD] >> (index % PER_WORD * 2) & 3) as usize]
    }

    /// Changes a label.
    ///
    /// # Panics
    ///
    /// Panics if there is no such label.
    #[inline]
    pub fn set(&mut self, index: usize, label: Label) {
        assert!(index < self.len, "label {index} of {}", self.len);
        let shift = index % PER_WORD * 2;
        let word = &mut self.words[index / PER_WORD];
        *word = *word & !(3 << shift) | (label as u64) << shift;
    }

    /// Returns how often each label occurs, in the order of [`Label::ALL`].
    pub fn counts(&self) -> [u64; 4] {
        let mut counts = [0; 4];
        for word in 0..self.words.len() {
            for label in Label::ALL {
                counts[label as usize] += u64::from(self.matches(word, label).count_ones());
            }
        }
        counts
    }

    /// Returns the positions of a label, in order; words of 32 labels without it are skipped at once.
    pub fn positions(&self, label: Label) -> impl Iterator<Item = usize> + '_ {
        (0..self.words.len()).flat_map(move |word| {
            let mut matches = self.matches(word, label);
            std::iter::from_fn(move || {
                let bit = matches.trailing_zeros() as usize;
                matches &= matches.wrapping_sub(1);
                (bit < 64).then_some(word * PER_WORD + bit / 2)
            })
        })
    }

    /// The lower bits of the labels of a word that equal `label`.
    #[inline]
    fn matches(&self, word: usize, label: Label) -> u64 {
        let differences = self.words[word] ^ repeated(label);
        let used = (self.len - word * PER_WORD).min(PER_WORD);
        !(differences | differences >> 1) & LOW_BITS & used_bits(used)
    }
}

/// Packs labels.
///
/// ```
/// use multitf::genome::{Label, Labels};
///
/// let labels: Labels = [Label::Bound, Label::Missing].into_iter().collect();
/// assert_eq!((labels.len(), labels.get(0)), (2, Label::Bound));
/// ```
impl FromIterator<Label> for Labels {
    fn from_iter<T: IntoIterator<Item = Label>>(labels: T) -> Self {
        let mut packed = Self { words: Vec::new(), len: 0 };
        for label in labels {
            if packed.len.is_multiple_of(PER_WORD) {
                packed.words.push(0);
            }
            packed.len += 1;
            packed.set(packed.len - 1, label);
        }
        packed
    }
}

impl From<Vec<Label>> for Labels {
    fn from(labels: Vec<Label>) -> Self {
        labels.into_iter().collect()
    }
}

impl std::fmt::Debug for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Labels").field("len", &self.len).field("counts", &self.counts()).finish_non_exhaustive()
    }
}

const fn repeated(label: Label) -> u64 {
    LOW_BITS * label as u64
}

/// The bits of the first labels of a word, at least one.
const fn used_bits(labels: usize) -> u64 {
    u64::MAX >> (64 - 2 * labels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::genome::Genome;

    fn from_numbers(numbers: &[usize], before: Label) -> Labels {
        let mut labels = Labels::filled(numbers.len(), before);
        for (i, &number) in numbers.iter().enumerate() {
            labels.set(i, Label::ALL[number]);
        }
        labels
    }

    proptest! {
        #[test]
        fn packed_labels_are_those_of_a_plain_vector(numbers in prop::collection::vec(0_usize..4, 0..130)) {
            let labels = from_numbers(&numbers, Label::Bound);
            prop_assert_eq!(&labels, &from_numbers(&numbers, Label::Unbound));
            prop_assert_eq!(&labels, &numbers.iter().map(|&number| Label::ALL[number]).collect());
            let got: Vec<_> = (0..labels.len()).map(|i| labels.get(i) as usize).collect();
            prop_assert_eq!(&got, &numbers);
            for label in Label::ALL {
                let expected: Vec<_> = (0..numbers.len()).filter(|&i| numbers[i] == label as usize).collect();
                prop_assert_eq!(labels.counts()[label as usize] as usize, expected.len());
                prop_assert_eq!(labels.positions(label).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn fifty_million_bins_of_eleven_cells_take_less_than_300_mb() {
        let labels = Labels::filled(51_700_000, Label::Missing);
        assert!(11 * labels.words.len() * 8 < 150_000_000);
    }

    fn letters(peaks: &[(usize, usize)], relaxed: Option<&[(usize, usize)]>) -> String {
        let genome = Genome::from_sequences([("chr1", "A".repeat(500))]).unwrap();
        let grid = BinGrid::new(&genome, 200, 100).unwrap();
        let set = |peaks: &[(usize, usize)]| {
            let intervals = peaks.iter().map(|&(start, end)| Interval { chromosome: 0, start, end });
            PeakSet::from_intervals(intervals.collect())
        };
        let labels = Labels::from_peaks(&grid, &set(peaks), relaxed.map(set).as_ref());
        (0..labels.len()).filter_map(|bin| labels.get(bin).letter()).collect()
    }

    #[test]
    fn half_of_the_bin_or_a_whole_peak_binds_and_less_is_ambiguous() {
        assert_eq!(letters(&[], None), "UUUU");
        assert_eq!(letters(&[(100, 200)], None), "BBUU");
        assert_eq!(letters(&[(150, 300)], None), "ABBU");
        assert_eq!(letters(&[(0, 99)], None), "BUUU");
        assert_eq!(letters(&[(0, 500)], None), "BBBB");
    }

    #[test]
    fn peaks_are_not_merged() {
        assert_eq!(letters(&[(40, 190), (210, 360)], None), "BABA");
        assert_eq!(letters(&[(40, 360)], None), "BBBA");
    }

    #[test]
    fn a_relaxed_peak_alone_is_ambiguous_whatever_it_covers() {
        assert_eq!(letters(&[], Some(&[(0, 250)])), "AAAU");
        assert_eq!(letters(&[(310, 330)], Some(&[(0, 500)])), "AABB");
    }

    #[test]
    fn a_peak_at_the_end_of_the_chromosome_reaches_the_last_bin_only() {
        assert_eq!(letters(&[(499, 500)], None), "UUUB");
    }
}
