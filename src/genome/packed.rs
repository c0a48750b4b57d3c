//! A chromosome at two bits a base.

use super::base;

/// The bases of each packed byte, the first in the lowest bits.
static UNPACKED: [[u8; 4]; 256] = unpacked();

/// A chromosome: two bits a base, and the blocks of N.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct PackedSequence {
    packed: Vec<u8>,
    length: usize,
    /// Sorted blocks of N that do not touch, as (start, end).
    n_blocks: Vec<(usize, usize)>,
    /// How often A, C, G and T occur.
    counts: [u64; 4],
}

impl PackedSequence {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Returns the sequence as 64-bit words, to be hashed.
    pub(super) fn words(&self) -> impl Iterator<Item = u64> {
        let packed = self.packed.chunks(8).map(|bytes| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        let n_blocks = self.n_blocks.iter().flat_map(|&(start, end)| [start as u64, end as u64]);
        [self.length as u64].into_iter().chain(packed).chain(n_blocks)
    }

    pub(super) fn counts(&self) -> [u64; 4] {
        self.counts
    }

    /// Appends letters; the error is the index of the first byte that is no letter of a sequence.
    pub(super) fn push_ascii(&mut self, letters: &[u8]) -> Result<(), usize> {
        self.packed.reserve(letters.len() / 4 + 1);
        for (i, &letter) in letters.iter().enumerate() {
            self.push(base::from_iupac(letter).ok_or(i)?);
        }
        Ok(())
    }

    #[inline]
    fn push(&mut self, code: u8) {
        let within = self.length % 4;
        if within == 0 {
            self.packed.push(0);
        }
        if code == base::N {
            self.push_n();
        } else {
            self.counts[usize::from(code)] += 1;
            if let Some(last) = self.packed.last_mut() {
                *last |= code << (2 * within);
            }
        }
        self.length += 1;
    }

    fn push_n(&mut self) {
        match self.n_blocks.last_mut() {
            Some((_, end)) if *end == self.length => *end += 1,
            _ => self.n_blocks.push((self.length, self.length + 1)),
        }
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.packed.shrink_to_fit();
        self.n_blocks.shrink_to_fit();
    }

    /// Fills `out` with the codes from `start` on, N outside the chromosome.
    pub(super) fn decode(&self, start: i64, out: &mut [u8]) {
        let clamp = |position: i64| position.clamp(0, self.length as i64);
        let first = clamp(start);
        let end = clamp(start.saturating_add(out.len() as i64));
        let before = first.saturating_sub(start).clamp(0, out.len() as i64) as usize;
        let inside = (end - first).max(0) as usize;
        out[..before].fill(base::N);
        out[before + inside..].fill(base::N);
        if inside > 0 {
            self.decode_inside(first as usize, &mut out[before..before + inside]);
        }
    }

    fn decode_inside(&self, start: usize, out: &mut [u8]) {
        let (lead, length) = ((4 - start % 4) % 4, out.len());
        let (head, rest) = out.split_at_mut(lead.min(out.len()));
        for (i, code) in head.iter_mut().enumerate() {
            *code = self.packed_code(start + i);
        }
        let aligned = start + head.len();
        let packed = &self.packed[aligned / 4..];
        let mut quads = rest.chunks_exact_mut(4);
        for (quad, &byte) in quads.by_ref().zip(packed) {
            quad.copy_from_slice(&UNPACKED[usize::from(byte)]);
        }
        let tail = quads.into_remainder();
        let tail_start = start + length - tail.len();
        for (i, code) in tail.iter_mut().enumerate() {
            *code = self.packed_code(tail_start + i);
        }
        self.fill_n(start, out);
    }

    fn packed_code(&self, position: usize) -> u8 {
        UNPACKED[usize::from(self.packed[position / 4])][position % 4]
    }

    fn fill_n(&self, start: usize, out: &mut [u8]) {
        let end = start + out.len();
        let first = self.n_blocks.partition_point(|&(_, stop)| stop <= start);
        for &(from, to) in self.n_blocks[first..].iter().take_while(|&&(from, _)| from < end) {
            out[from.max(start) - start..to.min(end) - start].fill(base::N);
        }
    }
}

const fn unpacked() -> [[u8; 4]; 256] {
    let mut table = [[0; 4]; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut i = 0;
        while i < 4 {
            table[byte][i] = (byte >> (2 * i)) as u8 & 3;
            i += 1;
        }
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pack(letters: &str) -> PackedSequence {
        let mut sequence = PackedSequence::default();
        sequence.push_ascii(letters.as_bytes()).unwrap();
        sequence
    }

    proptest! {
        #[test]
        fn decoding_gives_back_the_letters_and_n_outside(
            letters in "[ACGTNacgtnR]{0,70}", start in -20_i64..90, length in 0_usize..60,
        ) {
            let mut out = vec![9; length];
            pack(&letters).decode(start, &mut out);
            let expected: Vec<u8> = (start..start + length as i64)
                .map(|i| usize::try_from(i).ok().and_then(|i| letters.as_bytes().get(i)))
                .map(|letter| letter.map_or(base::N, |&letter| base::from_ascii(letter)))
                .collect();
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn far_positions_are_n_and_do_not_overflow() {
        for start in [i64::MIN, i64::MAX - 1, -5, 5] {
            let mut out = [9; 4];
            pack("ACGT").decode(start, &mut out);
            assert_eq!(out, [base::N; 4], "{start}");
        }
    }

    #[test]
    fn a_byte_that_is_no_base_is_told_by_its_index() {
        assert_eq!(PackedSequence::default().push_ascii(b"ACG@"), Err(3));
    }

    #[test]
    fn neighbouring_ns_are_one_stretch_across_pushes() {
        let mut sequence = pack("ANN");
        sequence.push_ascii(b"nC").unwrap();
        assert_eq!(sequence.n_blocks, [(1, 4)]);
        assert_eq!(sequence.counts(), [1, 1, 0, 0]);
    }
}
