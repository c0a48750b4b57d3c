//! Average precision of bootstrap replicates of one track.

use super::keys::{self, ClassKeys};
use crate::{Error, Result, genome::Label};

/// A track that is ranked once, for average precision with a weight on each block of the genome.
///
/// The block bootstrap draws blocks with replacement thousands of times. A ranked track keeps the block of each bin in
/// the order of scores, four bytes per bin, so that a replicate is one pass without sorting or allocation. Bins below
/// the last bound one do not change the result and are not kept, except for their blocks.
///
/// # Examples
///
/// ```
/// use multitf::{genome::Label::{Bound, Unbound}, metric::RankedTrack};
///
/// let scores = [0.9, 0.8, 0.7, 0.6];
/// let track = RankedTrack::new(&scores, &[Bound, Unbound, Unbound, Bound], &[0, 0, 1, 1])?;
/// assert_eq!(track.weighted_average_precision(&[1, 1]), Some(0.75));
/// // Block 0 drawn twice, block 1 never: the bins 0.9, 0.9, 0.8, 0.8.
/// assert_eq!(track.weighted_average_precision(&[2, 0]), Some(1.0));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RankedTrack {
    /// The block of each bin: for each group its unbound bins, then its bound ones.
    blocks: Vec<u32>,
    /// A group for each distinct score of a bound bin.
    groups: Vec<Group>,
    /// The blocks that hold a bound bin, ascending.
    bound_blocks: Vec<u32>,
    /// The blocks that hold an unbound bin, ascending.
    unbound_blocks: Vec<u32>,
    range: Option<(f32, f32)>,
}

/// The bound bins of one score, and the unbound bins between the group before and this score.
#[derive(Clone, Copy, Debug)]
struct Group {
    bound_from: usize,
    end: usize,
}

impl RankedTrack {
    /// Ranks the bins of one track by score; those labelled `Ambiguous` or `Missing` are skipped. `blocks` holds the
    /// block of each bin.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there are not as many labels or blocks as scores, and
    /// [`Error::ScoreNan`](crate::Error::ScoreNan) if the score of a bound or unbound bin is not a number.
    pub fn new(scores: &[f32], labels: &[Label], blocks: &[u32]) -> Result<Self> {
        Error::unless_equal("number of blocks", scores.len(), blocks.len())?;
        let keys = ClassKeys::sorted(scores, labels, |bin, score| (keys::descending(score), blocks[bin]))?;
        let mut track = Self {
            blocks: Vec::new(),
            groups: Vec::new(),
            bound_blocks: distinct(&keys.positives),
            unbound_blocks: distinct(&keys.negatives),
            range: range(&keys),
        };
        let mut negatives = keys.negatives.as_slice();
        for bound in keys.positives.chunk_by(|a, b| a.0 == b.0) {
            let (above, below) = negatives.split_at(negatives.partition_point(|negative| negative.0 <= bound[0].0));
            negatives = below;
            track.push(above, bound);
        }
        Ok(track)
    }

    /// Returns the blocks that hold a bound bin, ascending.
    pub fn bound_blocks(&self) -> &[u32] {
        &self.bound_blocks
    }

    /// Returns the blocks that hold an unbound bin, ascending.
    pub fn unbound_blocks(&self) -> &[u32] {
        &self.unbound_blocks
    }

    /// Returns the lowest and the highest score of a bound or unbound bin, `None` if there is none.
    pub const fn range(&self) -> Option<(f32, f32)> {
        self.range
    }

    /// Returns the average precision with each bin repeated as often as its block's weight.
    ///
    /// It equals [`Curve::average_precision`](super::Curve::average_precision) on such data. `None` if no bound or no
    /// unbound bin has a weight above 0.
    ///
    /// # Panics
    ///
    /// Panics if a block with a bound or unbound bin has no weight.
    pub fn weighted_average_precision(&self, block_weights: &[u32]) -> Option<f64> {
        let [average_precision] = self.weighted_average_precisions(block_weights.as_chunks().0);
        average_precision
    }

    /// Returns the average precision of several replicates in one pass; `block_weights` holds, for each block, its
    /// weight in each of them.
    ///
    /// It equals [`weighted_average_precision`](Self::weighted_average_precision) of each replicate. 16 at once take
    /// about a quarter of the time, as the block of a bin is looked up once for all. The weights of the unbound bins
    /// between two bound scores, and those of the bound bins of one score, must sum to less than 2^32.
    ///
    /// ```
    /// use multitf::{genome::Label::{Bound, Unbound}, metric::RankedTrack};
    ///
    /// let scores = [0.9, 0.8, 0.7, 0.6];
    /// let track = RankedTrack::new(&scores, &[Bound, Unbound, Bound, Unbound], &[0, 0, 1, 1])?;
    /// let once = (1.0 + 2.0 / 3.0) / 2.0;
    /// assert_eq!(track.weighted_average_precisions(&[[1, 2], [1, 0]]), [Some(once), Some(1.0)]);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if a block with a bound or unbound bin has no weight.
    pub fn weighted_average_precisions<const N: usize>(&self, block_weights: &[[u32; N]]) -> [Option<f64>; N] {
        let highest = self.bound_blocks.last().max(self.unbound_blocks.last());
        let (blocks, found) = (highest.map_or(0, |highest| *highest as usize + 1), block_weights.len());
        assert!(found >= blocks, "expected a weight for each of {blocks} blocks, found {found}");
        let weigh = |blocks: &[u32]| {
            let mut sums = [0_u32; N];
            for &block in blocks {
                let weights = &block_weights[block as usize];
                for replicate in 0..N {
                    sums[replicate] += weights[replicate];
                }
            }
            sums
        };
        let (mut true_positives, mut false_positives, mut sums) = ([0_u64; N], [0_u64; N], [0.0; N]);
        let mut start = 0;
        for group in &self.groups {
            let unbound = weigh(&self.blocks[start..group.bound_from]);
            let bound = weigh(&self.blocks[group.bound_from..group.end]);
            start = group.end;
            for replicate in 0..N {
                false_positives[replicate] += u64::from(unbound[replicate]);
                if bound[replicate] > 0 {
                    true_positives[replicate] += u64::from(bound[replicate]);
                    let called = true_positives[replicate] + false_positives[replicate];
                    sums[replicate] += f64::from(bound[replicate]) * (true_positives[replicate] as f64 / called as f64);
                }
            }
        }
        std::array::from_fn(|replicate| {
            let is_drawn = |block: &u32| block_weights[*block as usize][replicate] > 0;
            let has_unbound = false_positives[replicate] > 0 || self.unbound_blocks.iter().any(is_drawn);
            (true_positives[replicate] > 0 && has_unbound).then(|| sums[replicate] / true_positives[replicate] as f64)
        })
    }

    fn push(&mut self, unbound: &[(u32, u32)], bound: &[(u32, u32)]) {
        self.blocks.extend(unbound.iter().chain(bound).map(|&(_, block)| block));
        let end = self.blocks.len();
        self.groups.push(Group { bound_from: end - bound.len(), end });
    }
}

/// Returns the blocks of some keys, ascending.
fn distinct(keys: &[(u32, u32)]) -> Vec<u32> {
    let highest = keys.iter().map(|key| key.1).max();
    let mut is_there = vec![false; highest.map_or(0, |highest| highest as usize + 1)];
    for key in keys {
        is_there[key.1 as usize] = true;
    }
    (0..).zip(is_there).filter(|(_, is_there)| *is_there).map(|(block, _)| block).collect()
}

/// Returns the lowest and the highest score.
fn range(keys: &ClassKeys<(u32, u32)>) -> Option<(f32, f32)> {
    let classes = || [&keys.positives, &keys.negatives].into_iter();
    let lowest = classes().filter_map(|keys| keys.last()).max()?;
    let highest = classes().filter_map(|keys| keys.first()).min()?;
    Some((keys::score(lowest.0), keys::score(highest.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        genome::Label::{Ambiguous, Bound, Missing, Unbound},
        metric::Curve,
    };

    const BLOCKS: u32 = 7;

    fn bins() -> impl Strategy<Value = Vec<(f32, Label, u32)>> {
        let label = prop_oneof![1 => Just(Missing), 5 => Just(Unbound), 1 => Just(Ambiguous), 3 => Just(Bound)];
        proptest::collection::vec(((0_u8..30).prop_map(f32::from), label, 0..BLOCKS), 0..120)
    }

    proptest! {
        #[test]
        fn weights_are_repeated_bins(bins in bins(), weights in proptest::collection::vec(0_u32..4, BLOCKS as usize)) {
            let scores: Vec<_> = bins.iter().map(|bin| bin.0).collect();
            let labels: Vec<_> = bins.iter().map(|bin| bin.1).collect();
            let blocks: Vec<_> = bins.iter().map(|bin| bin.2).collect();
            let track = RankedTrack::new(&scores, &labels, &blocks).unwrap();
            let (scores, labels): (Vec<_>, Vec<_>) = bins
                .iter()
                .flat_map(|&(score, label, block)| vec![(score, label); weights[block as usize] as usize])
                .unzip();
            let expected = Curve::new(&scores, &labels).unwrap().average_precision();
            prop_assert_eq!(track.weighted_average_precision(&weights), expected);
        }
    }

    proptest! {
        #[test]
        fn several_replicates_in_one_pass_are_those_of_one_each(
            bins in bins(),
            weights in proptest::collection::vec(proptest::array::uniform5(0_u32..4), BLOCKS as usize),
        ) {
            let scores: Vec<_> = bins.iter().map(|bin| bin.0).collect();
            let labels: Vec<_> = bins.iter().map(|bin| bin.1).collect();
            let blocks: Vec<_> = bins.iter().map(|bin| bin.2).collect();
            let track = RankedTrack::new(&scores, &labels, &blocks).unwrap();
            let expected: [_; 5] = std::array::from_fn(|replicate| {
                let weights: Vec<u32> = weights.iter().map(|weights| weights[replicate]).collect();
                track.weighted_average_precision(&weights)
            });
            prop_assert_eq!(track.weighted_average_precisions(&weights), expected);
        }
    }

    #[test]
    fn a_replicate_without_bound_bins_is_undefined() {
        let track = RankedTrack::new(&[1.0, 0.0], &[Bound, Unbound], &[0, 1]).unwrap();
        assert_eq!(track.weighted_average_precision(&[0, 3]), None);
        let empty = RankedTrack::new(&[1.0], &[Missing], &[0]).unwrap();
        assert_eq!(empty.weighted_average_precision(&[]), None);
    }

    #[test]
    fn a_replicate_without_unbound_bins_is_undefined() {
        // The unbound bin scores below all bound ones.
        let track = RankedTrack::new(&[1.0, 0.5, 0.0], &[Bound, Bound, Unbound], &[0, 1, 2]).unwrap();
        assert_eq!(track.weighted_average_precisions(&[[1, 1], [1, 1], [1, 0]]), [Some(1.0), None]);
        let all_bound = RankedTrack::new(&[1.0, 0.5], &[Bound, Bound], &[0, 1]).unwrap();
        assert_eq!(all_bound.weighted_average_precision(&[1, 1]), None);
    }

    #[test]
    fn blocks_of_each_class_and_the_range_of_scores_are_those_of_the_bins_that_count() {
        let scores = [-3.0, 2.0, 0.5, 9.0, f32::NAN, 0.5];
        let labels = [Unbound, Bound, Bound, Ambiguous, Missing, Unbound];
        let track = RankedTrack::new(&scores, &labels, &[6, 4, 4, 7, 8, 1]).unwrap();
        assert_eq!((track.bound_blocks(), track.unbound_blocks()), (&[4][..], &[1, 6][..]));
        assert_eq!(track.range(), Some((-3.0, 2.0)));
        let all_bound = RankedTrack::new(&[1.0, 0.25], &[Bound, Bound], &[0, 0]).unwrap();
        assert_eq!((all_bound.range(), all_bound.unbound_blocks().len()), (Some((0.25, 1.0)), 0));
        assert_eq!(RankedTrack::new(&[1.0], &[Missing], &[0]).unwrap().range(), None);
    }

    #[test]
    fn too_few_blocks_are_an_error() {
        let error = RankedTrack::new(&[1.0, 0.0], &[Bound, Unbound], &[0]).unwrap_err();
        assert_eq!(error.to_string(), "number of blocks: expected 2, found 1");
    }

    #[test]
    #[should_panic(expected = "expected a weight for each of 6 blocks, found 5")]
    fn the_last_block_counts_whichever_class_it_holds() {
        let track = RankedTrack::new(&[1.0, 0.5, 0.0], &[Unbound, Bound, Bound], &[2, 0, 5]).unwrap();
        track.weighted_average_precision(&[1; 5]);
    }

    #[test]
    #[should_panic(expected = "expected a weight for each of 4 blocks, found 3")]
    fn too_few_weights_panic() {
        let track = RankedTrack::new(&[1.0], &[Bound], &[3]).unwrap();
        track.weighted_average_precision(&[1, 1, 1]);
    }
}
