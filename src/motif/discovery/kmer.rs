//! 8-mers as numbers: two bits a base, the first base highest.

use crate::genome::base;

/// Bases of a k-mer.
pub(super) const LENGTH: usize = 8;
/// Number of k-mers.
pub(super) const COUNT: usize = 1 << (2 * LENGTH);

/// Iterates over the k-mers of a sequence of base codes, each with its start; those with an unknown base are skipped.
pub(super) fn iter(sequence: &[u8]) -> impl Iterator<Item = (usize, u16)> + '_ {
    let mut known = 0;
    let mut kmer = 0_u16;
    sequence.iter().enumerate().filter_map(move |(position, &code)| {
        known = if code < base::N { known + 1 } else { 0 };
        kmer = kmer << 2 | u16::from(code & 3);
        (known >= LENGTH).then(|| (position + 1 - LENGTH, kmer))
    })
}

/// Returns the k-mer on the other strand.
pub(super) fn reverse_complement(kmer: u16) -> u16 {
    (0..LENGTH).fold(0, |reverse, position| reverse << 2 | (3 - (kmer >> (2 * position) & 3)))
}

/// Returns the lower of a k-mer and its reverse complement: the same for both strands.
pub(super) fn canonical(kmer: u16) -> u16 {
    kmer.min(reverse_complement(kmer))
}

/// Iterates over a k-mer and those that differ from it in one base.
pub(super) fn neighbors(kmer: u16) -> impl Iterator<Item = u16> {
    let other = move |position: usize| (1..4).map(move |change| kmer ^ change << (2 * position));
    std::iter::once(kmer).chain((0..LENGTH).flat_map(other))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn codes(letters: &str) -> Vec<u8> {
        letters.bytes().map(base::from_ascii).collect()
    }

    fn kmer(letters: &str) -> u16 {
        iter(&codes(letters)).next().unwrap().1
    }

    #[test]
    fn kmers_with_an_unknown_base_are_left_out() {
        let found: Vec<_> = iter(&codes("ACGTACGTANACGTACGT")).collect();
        let (first, second) = (kmer("ACGTACGT"), kmer("CGTACGTA"));
        assert_eq!(found, [(0, first), (1, second), (10, first)]);
        assert_eq!((kmer("AAAAAAAA"), kmer("AAAAAAAC"), kmer("TTTTTTTT")), (0, 1, u16::MAX));
        assert_eq!(reverse_complement(kmer("AACCGGTG")), kmer("CACCGGTT"));
    }

    proptest! {
        #[test]
        fn strands_share_a_kmer_and_neighbors_are_one_base_away(kmer: u16) {
            prop_assert_eq!(reverse_complement(reverse_complement(kmer)), kmer);
            prop_assert_eq!(canonical(reverse_complement(kmer)), canonical(kmer));
            let near: BTreeSet<u16> = neighbors(kmer).collect();
            prop_assert_eq!(near.len(), 1 + 3 * LENGTH);
            for other in near {
                let differing = (0..LENGTH).filter(|position| (kmer ^ other) >> (2 * position) & 3 != 0).count();
                prop_assert!(differing <= 1);
            }
        }
    }
}
