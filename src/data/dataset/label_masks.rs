//! Bins where tasks are observed and bound, 64 at a time.

use super::Dataset;
use crate::{
    data::{Split, bit_set::BitSet},
    genome::{Label, Labels},
};

/// The lower bit of each label of a word. It is 1 for `Unbound` and `Bound`; the upper one for `Ambiguous` and `Bound`.
const LOW_BITS: u64 = 0x5555_5555_5555_5555;
const _: () = assert!(
    Label::Missing as u8 == 0 && Label::Unbound as u8 == 1 && Label::Ambiguous as u8 == 2 && Label::Bound as u8 == 3
);

/// The numbers of bins where a task is observed (bound or unbound), bound, and ambiguous.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::data) struct LabelCounts {
    pub(in crate::data) observed: usize,
    pub(in crate::data) bound: usize,
    pub(in crate::data) ambiguous: usize,
}

impl Dataset {
    /// Returns the bins where at least one of the tasks is observed in a cell type.
    pub(in crate::data) fn observed(&self, tasks: &[usize], cell: usize) -> BitSet {
        self.bins_where(tasks, cell, observed_bits)
    }

    /// Returns the bins where at least one of the tasks is bound in a cell type.
    pub(in crate::data) fn bound(&self, tasks: &[usize], cell: usize) -> BitSet {
        self.bins_where(tasks, cell, bound_bits)
    }

    /// Counts the labels of a task among some bins in a cell type.
    pub(in crate::data) fn counts(&self, task: usize, cell: usize, bins: &BitSet) -> LabelCounts {
        let mut counts = LabelCounts::default();
        for (bins, labels) in self.label_words(task, cell, bins) {
            counts.observed += (bins & packed_bits(labels, observed_bits)).count_ones() as usize;
            counts.bound += (bins & packed_bits(labels, bound_bits)).count_ones() as usize;
            counts.ambiguous += (bins & packed_bits(labels, ambiguous_bits)).count_ones() as usize;
        }
        counts
    }

    /// Counts the samples of a split where both tasks of each pair are observed, row by row.
    pub(crate) fn observed_together(&self, tasks: &[usize], split: Split, context_bp: usize) -> Vec<u64> {
        let bins = self.split_bins(split, context_bp);
        let mut counts = vec![0; tasks.len() * tasks.len()];
        for &cell in self.split_cells(split) {
            let observed: Vec<BitSet> = tasks.iter().map(|&task| self.observed(&[task], cell).and(&bins)).collect();
            let pairs = observed.iter().flat_map(|a| observed.iter().map(move |b| (a, b)));
            for (count, (a, b)) in counts.iter_mut().zip(pairs) {
                let words = a.words().iter().zip(b.words());
                *count += words.map(|(a, b)| u64::from((a & b).count_ones())).sum::<u64>();
            }
        }
        counts
    }

    /// Returns whether a task is bound in at least one of some bins in a cell type.
    pub(super) fn is_bound_in(&self, task: usize, cell: usize, bins: &BitSet) -> bool {
        self.label_words(task, cell, bins).any(|(bins, labels)| bins & packed_bits(labels, bound_bits) != 0)
    }

    /// Returns each word of a set of bins with the labels there; nothing where the task was not measured.
    fn label_words(&self, task: usize, cell: usize, bins: &BitSet) -> impl Iterator<Item = (u64, [u64; 2])> {
        let labels = self.track_labels(task, cell).into_iter();
        labels.flat_map(|labels| bins.words().iter().copied().zip(word_pairs(labels)))
    }

    /// Returns the bins where `bits` holds for the label of at least one of the tasks in a cell type.
    fn bins_where(&self, tasks: &[usize], cell: usize, bits: fn(u64) -> u64) -> BitSet {
        let mut any = BitSet::new(self.grid.len());
        for labels in tasks.iter().filter_map(|&task| self.track_labels(task, cell)) {
            for (word, labels) in any.words_mut().iter_mut().zip(word_pairs(labels)) {
                *word |= packed_bits(labels, bits);
            }
        }
        any
    }
}

fn observed_bits(labels: u64) -> u64 {
    labels & LOW_BITS
}

fn bound_bits(labels: u64) -> u64 {
    labels & labels >> 1 & LOW_BITS
}

fn ambiguous_bits(labels: u64) -> u64 {
    labels >> 1 & !labels & LOW_BITS
}

/// Each two words, which hold 64 labels.
fn word_pairs(labels: &Labels) -> impl Iterator<Item = [u64; 2]> {
    labels.words().chunks(2).map(|pair| [pair[0], pair.get(1).copied().unwrap_or_default()])
}

/// One bit for each of 64 labels.
fn packed_bits([low, high]: [u64; 2], bits: fn(u64) -> u64) -> u64 {
    even_bits(bits(low)) | even_bits(bits(high)) << 32
}

/// Moves every second bit of a word into its lower half; all others must be 0.
fn even_bits(mut word: u64) -> u64 {
    word = (word | word >> 1) & 0x3333_3333_3333_3333;
    word = (word | word >> 2) & 0x0f0f_0f0f_0f0f_0f0f;
    word = (word | word >> 4) & 0x00ff_00ff_00ff_00ff;
    word = (word | word >> 8) & 0x0000_ffff_0000_ffff;
    (word | word >> 16) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_labels_are_those_of_single_labels() {
        let mut labels = Labels::filled(150, Label::Missing);
        (0..150).for_each(|i| labels.set(i, Label::ALL[i * i / 7 % 4]));
        for (i, words) in word_pairs(&labels).enumerate() {
            for bit in 0..64 {
                let label = (i * 64 + bit < 150).then(|| labels.get(i * 64 + bit));
                let observed = matches!(label, Some(Label::Unbound | Label::Bound));
                assert_eq!(packed_bits(words, observed_bits) >> bit & 1 == 1, observed);
                assert_eq!(packed_bits(words, bound_bits) >> bit & 1 == 1, label == Some(Label::Bound));
                assert_eq!(packed_bits(words, ambiguous_bits) >> bit & 1 == 1, label == Some(Label::Ambiguous));
            }
        }
    }
}
