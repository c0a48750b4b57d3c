use super::keys::{self, ClassKeys};
use crate::{Result, genome::Label};

/// One track ranked once, for average precision when each block of the genome counts a number of times.
///
/// The block bootstrap draws blocks with replacement thousands of times. This keeps the block of each bin in the order
/// of scores, four bytes a bin, so that a replicate is one pass without sorting or allocation. Bins below the last
/// bound one are not kept, as they change no precision that counts.
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
    /// One a distinct score of a bound bin.
    groups: Vec<Group>,
    /// The highest block, and one.
    block_count: usize,
}

/// The unbound bins since the group before, and the bound bins of one score.
#[derive(Clone, Copy, Debug)]
struct Group {
    bound_from: usize,
    end: usize,
}

impl RankedTrack {
    /// Ranks the bins of one track by score, those labelled `Ambiguous` or `Missing` left out; `blocks` holds the block
    /// of each bin.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if there are not as many labels or blocks as scores, and
    /// [`Error::ScoreNan`](crate::Error::ScoreNan) if the score of a bound or unbound bin is not a number.
    pub fn new(scores: &[f32], labels: &[Label], blocks: &[u32]) -> Result<Self> {
        keys::same_length("blocks", scores.len(), blocks.len())?;
        let keys = ClassKeys::sorted(scores, labels, |bin, score| (keys::descending(score), blocks[bin]))?;
        let mut track = Self { blocks: Vec::new(), groups: Vec::new(), block_count: 0 };
        let mut negatives = keys.negatives.as_slice();
        for bound in keys.positives.chunk_by(|a, b| a.0 == b.0) {
            let (above, below) = negatives.split_at(negatives.partition_point(|negative| negative.0 <= bound[0].0));
            negatives = below;
            track.push(above, bound);
        }
        Ok(track)
    }

    /// Returns the average precision if each bin counted as often as its block's weight says.
    ///
    /// It equals [`Curve::average_precision`](super::Curve::average_precision) on data in which the bins of each block
    /// are repeated that many times; ties are one threshold. `None` if no bound bin is left.
    ///
    /// # Panics
    ///
    /// If a block that counts has no weight.
    pub fn weighted_average_precision(&self, block_weights: &[u32]) -> Option<f64> {
        assert!(
            block_weights.len() >= self.block_count,
            "expected a weight for each of {} blocks, found {}",
            self.block_count,
            block_weights.len()
        );
        let weight = |blocks: &[u32]| blocks.iter().map(|&block| u64::from(block_weights[block as usize])).sum::<u64>();
        let (mut true_positives, mut false_positives, mut sum, mut start) = (0, 0, 0.0, 0);
        for group in &self.groups {
            false_positives += weight(&self.blocks[start..group.bound_from]);
            let bound = weight(&self.blocks[group.bound_from..group.end]);
            start = group.end;
            if bound > 0 {
                true_positives += bound;
                sum += bound as f64 * (true_positives as f64 / (true_positives + false_positives) as f64);
            }
        }
        (true_positives > 0).then(|| sum / true_positives as f64)
    }

    fn push(&mut self, unbound: &[(u32, u32)], bound: &[(u32, u32)]) {
        self.blocks.extend(unbound.iter().chain(bound).map(|&(_, block)| block));
        let end = self.blocks.len();
        self.groups.push(Group { bound_from: end - bound.len(), end });
        let highest = unbound.iter().chain(bound).map(|&(_, block)| block as usize).max();
        self.block_count = self.block_count.max(highest.map_or(0, |block| block + 1));
    }
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

    #[test]
    fn a_replicate_without_bound_bins_is_undefined() {
        let track = RankedTrack::new(&[1.0, 0.0], &[Bound, Unbound], &[0, 1]).unwrap();
        assert_eq!(track.weighted_average_precision(&[0, 3]), None);
        let empty = RankedTrack::new(&[1.0], &[Missing], &[0]).unwrap();
        assert_eq!(empty.weighted_average_precision(&[]), None);
    }

    #[test]
    fn too_few_blocks_are_an_error() {
        let error = RankedTrack::new(&[1.0, 0.0], &[Bound, Unbound], &[0]).unwrap_err();
        assert_eq!(error.to_string(), "number of blocks: expected 2, found 1");
    }

    #[test]
    #[should_panic(expected = "expected a weight for each of 4 blocks, found 3")]
    fn too_few_weights_panic() {
        let track = RankedTrack::new(&[1.0], &[Bound], &[3]).unwrap();
        track.weighted_average_precision(&[1, 1, 1]);
    }
}
