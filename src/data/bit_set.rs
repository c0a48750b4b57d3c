//! Sets of indices, one bit each.

use std::ops::Range;

const BITS: usize = u64::BITS as usize;

/// A set of indices, such as those of bins, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Makes an empty set of indices below `len`.
    pub(crate) fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(BITS)] }
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        self.words[index / BITS] >> (index % BITS) & 1 == 1
    }

    /// Adds an index, and returns whether it is new.
    pub(crate) fn insert(&mut self, index: usize) -> bool {
        let new = !self.contains(index);
        self.words[index / BITS] |= 1 << (index % BITS);
        new
    }

    pub(crate) fn insert_range(&mut self, range: Range<usize>) {
        self.edit(range, |word, mask| *word |= mask);
    }

    pub(crate) fn remove_range(&mut self, range: Range<usize>) {
        self.edit(range, |word, mask| *word &= !mask);
    }

    /// Calls `change` with each word that holds part of the range, and the bits of that part.
    fn edit(&mut self, range: Range<usize>, change: impl Fn(&mut u64, u64)) {
        let mut start = range.start;
        while start < range.end {
            let (word, low) = (start / BITS, start % BITS);
            let taken = (BITS - low).min(range.end - start);
            change(&mut self.words[word], u64::MAX >> (BITS - taken) << low);
            start += taken;
        }
    }

    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.combine(other, |a, b| a & b);
        self
    }

    pub(crate) fn and_not(mut self, other: &Self) -> Self {
        self.combine(other, |a, b| a & !b);
        self
    }

    fn combine(&mut self, other: &Self, with: impl Fn(u64, u64) -> u64) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word = with(*word, *other);
        }
    }

    pub(crate) fn count(&self) -> usize {
        count(&self.words)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(i, &word)| ones(word).map(move |bit| i * BITS + bit))
    }
}

/// A set of indices that can be picked by rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RankedBitSet {
    set: BitSet,
    /// The number of indices before each block of `BLOCK` words.
    before: Vec<usize>,
    len: usize,
}

/// Words a block: a cache line.
const BLOCK: usize = 8;

impl RankedBitSet {
    pub(crate) fn new(set: BitSet) -> Self {
        let mut len = 0;
        let before = set.words.chunks(BLOCK).map(|block| {
            let before = len;
            len += count(block);
            before
        });
        let before = before.collect();
        Self { set, before, len }
    }

    pub(crate) fn set(&self) -> &BitSet {
        &self.set
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the index with `rank` others before it.
    pub(crate) fn select(&self, rank: usize) -> Option<usize> {
        if rank >= self.len {
            return None;
        }
        let block = self.before.partition_point(|&before| before <= rank) - 1;
        let mut rest = rank - self.before[block];
        for (i, &word) in self.set.words.iter().enumerate().skip(block * BLOCK) {
            let count = word.count_ones() as usize;
            if rest < count {
                return ones(word).nth(rest).map(|bit| i * BITS + bit);
            }
            rest -= count;
        }
        None
    }
}

/// Returns the number of set bits.
fn count(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// Returns the places of the set bits of a word, ascending.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(step: usize, len: usize) -> BitSet {
        let mut bits = BitSet::new(len);
        (0..len).step_by(step).for_each(|i| assert!(bits.insert(i)));
        bits
    }

    #[test]
    fn ranges_cross_words() {
        let mut bits = BitSet::new(300);
        bits.insert_range(60..260);
        bits.remove_range(64..128);
        bits.remove_range(250..250);
        assert_eq!(bits.iter().collect::<Vec<_>>(), (60..64).chain(128..260).collect::<Vec<_>>());
        assert_eq!(bits.count(), 136);
    }

    #[test]
    fn sets_combine() {
        let (a, b) = (every(2, 200), every(3, 200));
        assert_eq!(a.clone().and(&b), every(6, 200));
        assert_eq!(a.clone().and_not(&b).count(), 66);
    }

    #[test]
    fn select_is_the_inverse_of_rank() {
        for step in [1, 3, 70, 600] {
            let bits = every(step, 5000);
            let ranked = RankedBitSet::new(bits.clone());
            assert_eq!(ranked.len(), bits.count());
            for (rank, position) in bits.iter().enumerate() {
                assert_eq!(ranked.select(rank), Some(position));
            }
            assert_eq!(ranked.select(ranked.len()), None);
        }
        assert_eq!(RankedBitSet::new(BitSet::new(0)).select(0), None);
    }
}
