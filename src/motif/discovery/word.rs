//! Words of eight bases as numbers: two bits a base, the first base highest.

use crate::genome::base;

/// Bases of a word.
pub(super) const LENGTH: usize = 8;
/// Number of words.
pub(super) const COUNT: usize = 1 << (2 * LENGTH);

/// The words of a sequence of base codes with where each starts; none with an unknown base.
pub(super) fn of(sequence: &[u8]) -> impl Iterator<Item = (usize, u16)> + '_ {
    let mut known = 0;
    let mut word = 0_u16;
    sequence.iter().enumerate().filter_map(move |(position, &code)| {
        known = if code < base::N { known + 1 } else { 0 };
        word = word << 2 | u16::from(code & 3);
        (known >= LENGTH).then(|| (position + 1 - LENGTH, word))
    })
}

/// The word on the other strand.
pub(super) fn reverse_complement(word: u16) -> u16 {
    (0..LENGTH).fold(0, |reverse, position| reverse << 2 | (3 - (word >> (2 * position) & 3)))
}

/// The same for both strands.
pub(super) fn canonical(word: u16) -> u16 {
    word.min(reverse_complement(word))
}

/// The word itself and those that differ from it in one base.
pub(super) fn neighbours(word: u16) -> impl Iterator<Item = u16> {
    let other = move |position: usize| (1..4).map(move |change| word ^ change << (2 * position));
    std::iter::once(word).chain((0..LENGTH).flat_map(other))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn codes(letters: &str) -> Vec<u8> {
        letters.bytes().map(base::from_ascii).collect()
    }

    fn word(letters: &str) -> u16 {
        of(&codes(letters)).next().unwrap().1
    }

    #[test]
    fn words_with_an_unknown_base_are_left_out() {
        let found: Vec<_> = of(&codes("ACGTACGTANACGTACGT")).collect();
        let (first, second) = (word("ACGTACGT"), word("CGTACGTA"));
        assert_eq!(found, [(0, first), (1, second), (10, first)]);
        assert_eq!((word("AAAAAAAA"), word("AAAAAAAC"), word("TTTTTTTT")), (0, 1, u16::MAX));
        assert_eq!(reverse_complement(word("AACCGGTG")), word("CACCGGTT"));
    }

    proptest! {
        #[test]
        fn strands_share_a_word_and_neighbours_are_one_base_away(word: u16) {
            prop_assert_eq!(reverse_complement(reverse_complement(word)), word);
            prop_assert_eq!(canonical(reverse_complement(word)), canonical(word));
            let near: BTreeSet<u16> = neighbours(word).collect();
            prop_assert_eq!(near.len(), 1 + 3 * LENGTH);
            for other in near {
                let differing = (0..LENGTH).filter(|position| (word ^ other) >> (2 * position) & 3 != 0).count();
                prop_assert!(differing <= 1);
            }
        }
    }
}
