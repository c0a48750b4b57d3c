//! A change of a genome's sequence.

use super::{Interval, base};
use crate::{Error, Result};

/// A change of a genome's sequence: some bases that stand in place of others.
///
/// # Examples
///
/// ```
/// use multitf::genome::Variant;
///
/// // As a VCF file writes the loss of a T, with the base before it.
/// let loss = Variant::new(0, 99, "AT", "A")?;
/// let (place, bases) = loss.changed();
/// assert_eq!((place.start, place.end, bases), (100, 101, &[][..]));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    chromosome: usize,
    start: usize,
    reference: Vec<u8>,
    alternative: Vec<u8>,
}

impl Variant {
    /// Makes a variant of letters: the bases of the genome from a position on (0-based), and those that replace them.
    /// Either may be empty. Lower case letters are the same bases, U is T, and the other IUPAC codes are N.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a letter that is no IUPAC code.
    pub fn new(
        chromosome: usize,
        start: usize,
        reference: impl AsRef<[u8]>,
        alternative: impl AsRef<[u8]>,
    ) -> Result<Self> {
        let (reference, alternative) = (codes(reference.as_ref())?, codes(alternative.as_ref())?);
        Ok(Self { chromosome, start, reference, alternative })
    }

    /// Returns the place of the bases that are given as the genome's.
    pub fn place(&self) -> Interval {
        Interval { chromosome: self.chromosome, start: self.start, end: self.start + self.reference.len() }
    }

    /// Returns the codes of the genome's bases ([`base`]).
    pub fn reference(&self) -> &[u8] {
        &self.reference
    }

    /// Returns the codes of the bases that replace them.
    pub fn alternative(&self) -> &[u8] {
        &self.alternative
    }

    /// Returns the place of the bases that differ, and what is there instead: without the bases that both sides begin
    /// and end with. Where the ends could be taken from either side, as in the loss of one A of several, the place
    /// holds all of them, so that it is the same on both strands.
    pub fn changed(&self) -> (Interval, &[u8]) {
        let (reference, alternative) = (&self.reference, &self.alternative);
        let shorter = reference.len().min(alternative.len());
        let same = |(a, b): &(&u8, &u8)| a == b;
        let first = reference.iter().zip(alternative).take_while(same).count();
        let last = reference.iter().rev().zip(alternative.iter().rev()).take_while(same).count();
        let (before, after) = (first.min(shorter - last), last.min(shorter - first));
        let place = Interval {
            chromosome: self.chromosome,
            start: self.start + before,
            end: self.start + reference.len() - after,
        };
        (place, &alternative[before..alternative.len() - after])
    }
}

fn codes(letters: &[u8]) -> Result<Vec<u8>> {
    let code = |&letter: &u8| {
        let unknown = || Error::mismatch("a base of a variant", "an IUPAC code", format!("{:?}", char::from(letter)));
        base::from_iupac(letter).ok_or_else(unknown)
    };
    letters.iter().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(reference: &str, alternative: &str) -> (usize, usize, String) {
        let variant = Variant::new(0, 10, reference, alternative).unwrap();
        let (place, bases) = variant.changed();
        (place.start, place.end, bases.iter().map(|&code| char::from(base::to_ascii(code))).collect())
    }

    #[test]
    fn bases_that_both_sides_share_are_left_out() {
        for (reference, alternative, expected) in [
            ("A", "G", (10, 11, "G")),
            ("a", "g", (10, 11, "G")),
            ("CAT", "CGT", (11, 12, "G")),
            ("AC", "GT", (10, 12, "GT")),
            ("A", "ATT", (11, 11, "TT")),
            ("ATT", "A", (11, 13, "")),
            ("", "G", (10, 10, "G")),
            ("GATC", "GC", (11, 13, "")),
            // Nothing differs, and any place may be the one that does not.
            ("A", "A", (10, 11, "A")),
            // Either A may be the lost one.
            ("CAA", "CA", (11, 13, "A")),
            ("CAAG", "CAG", (11, 13, "A")),
        ] {
            let expected = (expected.0, expected.1, expected.2.to_owned());
            assert_eq!(changed(reference, alternative), expected, "{reference} to {alternative}");
        }
    }

    #[test]
    fn the_place_is_the_same_on_the_other_strand() {
        let flip = |letters: &str| -> String {
            letters
                .bytes()
                .rev()
                .map(|letter| char::from(base::to_ascii(base::complement(base::from_ascii(letter)))))
                .collect()
        };
        for (reference, alternative) in
            [("CAAAG", "CAAG"), ("ACACA", "ACA"), ("T", "TTT"), ("GATTACA", "GACA"), ("AAAA", "AA"), ("AC", "TGT")]
        {
            let (start, end, bases) = changed(reference, alternative);
            let (other_start, other_end, other) = changed(&flip(reference), &flip(alternative));
            // Of positions from 10 on, those of the other strand count from the other end.
            assert_eq!((other_start, other_end), (20 + reference.len() - end, 20 + reference.len() - start));
            assert_eq!(other, flip(&bases));
        }
    }

    #[test]
    fn a_letter_that_is_no_base_is_refused() {
        let error = Variant::new(0, 1, "A", "A*").unwrap_err();
        assert_eq!(error.to_string(), "a base of a variant: expected an IUPAC code, found '*'");
    }
}
