//! Words of six or eight bases, with or without a gap in their middle.

use crate::genome::base;

/// Positions of a motif.
pub(super) const WIDTH: usize = 20;
/// The most bases of a half.
const LONGEST: usize = 4;
/// A half that holds an unknown base: more than any half's number.
const UNKNOWN: u16 = 1 << (2 * LONGEST);

/// How words are laid out: two halves with a gap between them. A word is a number: two bits a base, the first base
/// highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Bases of a half, 3 or 4.
    pub(super) half: usize,
    /// Bases between the halves.
    pub(super) gap: usize,
}

impl Layout {
    /// The widest gap. The halves of Abf1's site leave 7 bases free, those of a pair of zinc clusters 11, in the middle
    /// of 17.
    const MAX_GAP: usize = 9;

    /// All layouts: six bases in a row, and eight with any gap.
    pub(super) fn all() -> Vec<Self> {
        let short = Self { half: LONGEST - 1, gap: 0 };
        (0..=Self::MAX_GAP).map(|gap| Self { half: LONGEST, gap }).chain([short]).collect()
    }

    /// Number of words.
    pub(super) fn words(self) -> usize {
        1 << (4 * self.half)
    }

    /// Bases from the first to the last of a word.
    pub(super) fn span(self) -> usize {
        2 * self.half + self.gap
    }

    /// Positions of a motif on either side of its word.
    pub(super) fn flank(self) -> usize {
        (WIDTH - self.span()) / 2
    }

    /// Where the bases of a word are, from its first.
    pub(super) fn offsets(self) -> impl Iterator<Item = usize> {
        (0..self.half).chain(self.half + self.gap..self.span())
    }

    /// The bases of a word.
    pub(super) fn bases(self, word: u16) -> impl Iterator<Item = usize> {
        (0..2 * self.half).rev().map(move |index| usize::from(word >> (2 * index) & 3))
    }

    /// Both halves of a word.
    pub(super) fn halves(self, word: u16) -> [usize; 2] {
        let bits = 2 * self.half;
        [usize::from(word >> bits), usize::from(word) & ((1 << bits) - 1)]
    }

    /// The word on the other strand.
    pub(super) fn reverse_complement(self, word: u16) -> u16 {
        let swapped = (!word).swap_bytes();
        let swapped = (swapped & 0xf0f0) >> 4 | (swapped & 0x0f0f) << 4;
        let reversed = (swapped & 0xcccc) >> 2 | (swapped & 0x3333) << 2;
        reversed >> (4 * (LONGEST - self.half))
    }

    /// A word and those that differ from it in one base.
    fn neighbors(self, word: u16) -> impl Iterator<Item = u16> {
        let other = move |position: usize| (1..4).map(move |change| word ^ change << (2 * position));
        std::iter::once(word).chain((0..2 * self.half).flat_map(other))
    }

    /// Marks the words that differ from one in at most a quarter of their bases: two of eight, or one of six.
    pub(super) fn similar(self, word: u16) -> Vec<bool> {
        let mut similar = vec![false; self.words()];
        for near in self.neighbors(word) {
            similar[usize::from(near)] = true;
            for next in self.neighbors(near).filter(|_| self.half == LONGEST) {
                similar[usize::from(next)] = true;
            }
        }
        similar
    }

    /// Calls a function with each word of a sequence, where it starts, and the word on the other strand; words with an
    /// unknown base are skipped.
    pub(super) fn each(self, halves: &Halves, mut visit: impl FnMut(usize, u16, u16)) {
        let (halves, apart, bits) = (halves.of(self.half), self.half + self.gap, 2 * self.half);
        let seconds = halves.get(apart..).unwrap_or_default();
        for (start, (&first, &second)) in halves.iter().zip(seconds).enumerate() {
            if (first[0] | second[0]) < UNKNOWN {
                visit(start, first[0] << bits | second[0], second[1] << bits | first[1]);
            }
        }
    }
}

/// The halves of words at each position of a sequence, as numbers, on both strands.
#[derive(Clone, Debug)]
pub(super) struct Halves {
    short: Vec<[u16; 2]>,
    long: Vec<[u16; 2]>,
}

impl Halves {
    /// Reads base codes.
    pub(super) fn new(codes: &[u8]) -> Self {
        Self { short: halves(codes, LONGEST - 1), long: halves(codes, LONGEST) }
    }

    /// The halves of a length.
    fn of(&self, half: usize) -> &[[u16; 2]] {
        if half == LONGEST { &self.long } else { &self.short }
    }

    /// The known halves of four bases, on the forward strand.
    pub(super) fn known(&self) -> impl Iterator<Item = u16> {
        self.long.iter().map(|half| half[0]).filter(|&half| half < UNKNOWN)
    }
}

fn halves(codes: &[u8], length: usize) -> Vec<[u16; 2]> {
    let (mut known, mut forward, mut reverse) = (0, 0_u16, 0_u16);
    let bits = 2 * length;
    let next = codes.iter().map(|&code| {
        known = if code < base::N { known + 1 } else { 0 };
        let base = u16::from(code & 3);
        forward = (forward << 2 | base) & ((1 << bits) - 1);
        reverse = reverse >> 2 | (3 - base) << (bits - 2);
        if known >= length { [forward, reverse] } else { [UNKNOWN; 2] }
    });
    next.skip(length - 1).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn codes(letters: &str) -> Vec<u8> {
        letters.bytes().map(base::from_ascii).collect()
    }

    fn words(layout: Layout, letters: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let letter = |base: usize| ['A', 'C', 'G', 'T'][base];
        layout.each(&Halves::new(&codes(letters)), |start, word, other| {
            assert_eq!(other, layout.reverse_complement(word));
            found.push((start, layout.bases(word).map(letter).collect()));
        });
        found
    }

    #[test]
    fn words_with_an_unknown_base_are_left_out_and_one_in_the_gap_is_no_matter() {
        let at = |start, word: &str| (start, word.to_owned());
        let whole = Layout { half: 4, gap: 0 };
        assert_eq!(words(whole, "ACGTACGGANACGTACGG"), [at(0, "ACGTACGG"), at(1, "CGTACGGA"), at(10, "ACGTACGG")]);
        let gapped = Layout { half: 3, gap: 2 };
        assert_eq!(words(gapped, "ACGTNCAGA"), [at(0, "ACGCAG"), at(1, "CGTAGA")]);
        assert!(words(gapped, "ACGTACG").is_empty() && words(gapped, "").is_empty());
        assert_eq!(gapped.offsets().collect::<Vec<_>>(), [0, 1, 2, 5, 6, 7]);
    }

    #[test]
    fn all_layouts_are_there_once_and_fit_a_motif() {
        let all = Layout::all();
        assert_eq!((all.len(), all[0], all[10]), (11, Layout { half: 4, gap: 0 }, Layout { half: 3, gap: 0 }));
        assert!(all.iter().all(|layout| (0..2).contains(&(WIDTH - layout.span() - 2 * layout.flank()))));
    }

    proptest! {
        #[test]
        fn strands_share_a_word_and_similar_ones_have_few_mismatches(short: bool, number: u16) {
            let layout = Layout { half: if short { 3 } else { 4 }, gap: 5 };
            let word = number >> if short { 4 } else { 0 };
            let turned = layout.reverse_complement(word);
            prop_assert_eq!(layout.reverse_complement(turned), word);
            let complement: Vec<usize> = layout.bases(word).map(|base| 3 - base).collect();
            prop_assert!(layout.bases(turned).eq(complement.into_iter().rev()));
            let [first, second] = layout.halves(word);
            prop_assert_eq!(usize::from(word), first << (2 * layout.half) | second);

            let mismatches = |other: u16| layout.bases(word).zip(layout.bases(other)).filter(|(a, b)| a != b).count();
            let similar = layout.similar(word);
            let most = if short { 1 } else { 2 };
            for (other, is_similar) in similar.into_iter().enumerate() {
                prop_assert_eq!(is_similar, mismatches(other as u16) <= most);
            }
            let near: BTreeSet<u16> = layout.neighbors(word).collect();
            prop_assert_eq!(near.len(), 1 + 6 * layout.half);
        }
    }
}
