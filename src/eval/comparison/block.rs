//! Blocks of the genome, which a bootstrap draws.

use crate::{
    Result,
    genome::{Interval, Label},
    metric::RankedTrack,
};

/// The least width of a block, in base pairs: a peak spans several bins, so bins are not independent.
pub const MIN_BLOCK_BP: usize = 10_000;

/// The genome block of each bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    by_bin: Vec<u32>,
    count: usize,
}

impl Blocks {
    /// Cuts chromosomes into blocks of at least `min_bp` base pairs.
    ///
    /// A block starts at the first bin that begins `min_bp` or more after the start of the block before. The last block
    /// of a chromosome belongs to the one before it if its bins span less than `min_bp`. No block spans two
    /// chromosomes, so a chromosome shorter than `min_bp` is a block by itself. Bins may come in any order, and blocks
    /// count along the genome.
    ///
    /// ```
    /// use multitf::{eval::Blocks, genome::Interval};
    ///
    /// let bins = [0, 50, 100, 150, 200].map(|start| Interval { chromosome: 0, start, end: start + 50 });
    /// assert_eq!(Blocks::new(bins, 100).by_bin(), [0, 0, 1, 1, 1]);
    /// ```
    pub fn new(bins: impl IntoIterator<Item = Interval>, min_bp: usize) -> Self {
        let bins: Vec<Interval> = bins.into_iter().collect();
        let mut sorted: Vec<usize> = (0..bins.len()).collect();
        sorted.sort_by_key(|index| bins[*index]);
        let mut piece_of_bin = vec![0; bins.len()];
        let mut pieces: Vec<Interval> = Vec::new();
        for index in sorted {
            let bin = bins[index];
            match pieces.last_mut() {
                Some(piece) if piece.chromosome == bin.chromosome && bin.start - piece.start < min_bp => {
                    piece.end = piece.end.max(bin.end);
                }
                _ => pieces.push(bin),
            }
            piece_of_bin[index] = pieces.len() - 1;
        }
        let block_of_piece = without_short_ends(&pieces, min_bp);
        Self {
            by_bin: piece_of_bin.into_iter().map(|piece| block_of_piece[piece]).collect(),
            count: block_of_piece.last().map_or(0, |last| *last as usize + 1),
        }
    }

    /// Returns the block of each bin, in the order in which the bins were given.
    pub fn by_bin(&self) -> &[u32] {
        &self.by_bin
    }

    /// Returns how many blocks there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Returns whether there are no blocks, since there are no bins.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Ranks the bins of a track, ready for [`Bootstrap::resample`](crate::eval::Bootstrap::resample).
    ///
    /// # Errors
    /// Those of [`RankedTrack::new`].
    pub fn rank(&self, scores: &[f32], labels: &[Label]) -> Result<RankedTrack> {
        RankedTrack::new(scores, labels, &self.by_bin)
    }
}

/// Gives each piece a block of its own, unless it is the last of several on its chromosome and too short.
fn without_short_ends(pieces: &[Interval], min_bp: usize) -> Vec<u32> {
    let mut blocks = Vec::with_capacity(pieces.len());
    let mut next = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let same = |other: Option<&Interval>| other.is_some_and(|other| other.chromosome == piece.chromosome);
        let follows = index > 0 && same(pieces.get(index - 1));
        let last = !same(pieces.get(index + 1));
        if !(follows && last && piece.end - piece.start < min_bp) {
            next += 1;
        }
        blocks.push(next - 1);
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(lengths: &[usize], bin_bp: usize, stride_bp: usize) -> Vec<Interval> {
        let chromosomes = lengths.iter().enumerate();
        chromosomes
            .flat_map(|(chromosome, length)| {
                let starts = (0..).step_by(stride_bp).take_while(move |start| start + bin_bp <= *length);
                starts.map(move |start| Interval { chromosome, start, end: start + bin_bp })
            })
            .collect()
    }

    /// The bases from the first to the last of each block.
    fn spans(bins: &[Interval], blocks: &Blocks) -> Vec<(usize, usize, usize)> {
        (0..blocks.len() as u32)
            .map(|block| {
                let own: Vec<_> = bins.iter().zip(blocks.by_bin()).filter(|(_, b)| **b == block).collect();
                let (first, last) = (own[0].0, own[own.len() - 1].0);
                assert!(own.iter().all(|(bin, _)| bin.chromosome == first.chromosome));
                (first.chromosome, first.start, last.end)
            })
            .collect()
    }

    #[test]
    fn a_whole_last_block_stays_and_a_short_one_joins_its_neighbour() {
        let bins = bins(&[20_000, 25_000, 9_000, 30_000], 200, 50);
        let blocks = Blocks::new(bins.iter().copied(), MIN_BLOCK_BP);
        let expected = [
            (0, 0, 10_150),
            (0, 10_000, 20_000),
            (1, 0, 10_150),
            (1, 10_000, 25_000),
            (2, 0, 9_000),
            (3, 0, 10_150),
            (3, 10_000, 20_150),
            (3, 20_000, 30_000),
        ];
        assert_eq!(spans(&bins, &blocks), expected);
    }

    #[test]
    fn the_order_of_bins_does_not_matter() {
        let mut bins = bins(&[35_000, 12_000], 200, 200);
        let forward = Blocks::new(bins.iter().copied(), MIN_BLOCK_BP);
        bins.reverse();
        let backward = Blocks::new(bins.iter().copied(), MIN_BLOCK_BP);
        assert!(forward.by_bin().iter().eq(backward.by_bin().iter().rev()));
        assert_eq!(forward.len(), 4);
    }

    #[test]
    fn a_gap_ends_a_block() {
        let starts = [0, 5_000, 900_000, 905_000];
        let bins = starts.map(|start| Interval { chromosome: 0, start, end: start + 6_000 });
        assert_eq!(Blocks::new(bins, MIN_BLOCK_BP).by_bin(), [0, 0, 1, 1]);
    }

    #[test]
    fn no_bins_make_no_blocks() {
        let blocks = Blocks::new([], MIN_BLOCK_BP);
        assert!(blocks.is_empty());
        assert!(blocks.by_bin().is_empty());
    }
}
