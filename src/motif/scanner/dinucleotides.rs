//! Sequences as overlapping dinucleotides.

/// Entries that may be read past the last base.
pub(super) const PADDING: usize = 256;

/// At each position, the base there and the next one, as a number below 16.
#[derive(Debug)]
pub(super) struct Dinucleotides {
    pairs: Vec<u8>,
    /// The number of bases.
    len: usize,
}

impl Dinucleotides {
    /// Joins known bases; the last one is followed by As.
    pub(super) fn new(codes: &[u8]) -> Self {
        let mut pairs = Vec::with_capacity(codes.len() + PADDING);
        pairs.extend(codes.windows(2).map(|pair| pair[0] * 4 + pair[1]));
        pairs.extend(codes.last().map(|last| last * 4));
        pairs.resize(codes.len() + PADDING, 0);
        Self { pairs, len: codes.len() }
    }

    /// Returns the pairs, followed by [`PADDING`].
    pub(super) fn padded(&self) -> &[u8] {
        &self.pairs
    }

    /// Returns the number of starts of a motif.
    pub(super) fn starts(&self, width: usize) -> usize {
        (self.len + 1).saturating_sub(width)
    }
}
