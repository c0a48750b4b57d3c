//! What a comparison says about two models, and when it must stay undecided.
//!
//! A verdict is undecided if [`obstacle`] has a [`Reason`], or if [`Verdict::new`] cannot tell by the numbers. Without
//! a difference there is no verdict, `NA` in tables.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;

use crate::{
    eval::{ComparedTrack, ModelPair, Reason},
    metric::RankedTrack,
};

/// A difference is significant below this false discovery rate.
pub const SIGNIFICANT_Q: f64 = 0.05;

/// Equivalence margin: two models are equal where the 95 % interval of their difference lies within this of 0.
pub const EQUAL_WITHIN: f64 = 0.02;

/// Fewer training seeds than this on each side allow no verdict: they do not show how much a model varies between
/// trainings (`docs/design/verdicts.md`).
pub const MIN_SEEDS: usize = 2;

/// There is no verdict if bound bins, or unbound bins, lie in fewer blocks of the genome than this.
///
/// With fewer, intervals are too narrow (`docs/design/verdicts.md`). Nothing can be said about blocks that were never
/// seen.
pub const MIN_BLOCKS: u64 = 10;

/// From here on neighbouring 32-bit numbers are at least 1 apart, so that log-odds cannot resolve a factor of e.
const EXPLODED: f32 = 16_777_216.0;

/// What a comparison says about model a, compared with model b.
///
/// With one seed, or bound bins in few blocks of the genome, intervals are too narrow and there are too many false
/// discoveries. A published verdict is then `Undecided`, whatever the numbers say, and comes with a [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Model a scores higher, at q < [`SIGNIFICANT_Q`].
    Better,
    /// Model a scores lower, at q < [`SIGNIFICANT_Q`].
    Worse,
    /// No significant difference, and the interval excludes any above [`EQUAL_WITHIN`].
    Equal,
    /// None of these: the data cannot tell, or there are too few.
    Undecided,
}

impl Verdict {
    /// All verdicts, in the order in which reports list them.
    pub const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::Equal, Self::Undecided];

    /// Judges a difference a - b by its interval and its q-value alone.
    ///
    /// A significant difference is `Better` or `Worse` however small it is.
    ///
    /// ```
    /// use multitf::eval::Verdict;
    ///
    /// assert_eq!(Verdict::new(0.1, (0.05, 0.15), 0.001), Verdict::Better);
    /// assert_eq!(Verdict::new(0.0, (-0.01, 0.01), 0.8), Verdict::Equal);
    /// assert_eq!(Verdict::new(0.0, (-0.1, 0.1), 0.8), Verdict::Undecided);
    /// ```
    pub fn new(delta: f64, (low, high): (f64, f64), q: f64) -> Self {
        if q < SIGNIFICANT_Q && delta > 0.0 {
            Self::Better
        } else if q < SIGNIFICANT_Q && delta < 0.0 {
            Self::Worse
        } else if low >= -EQUAL_WITHIN && high <= EQUAL_WITHIN {
            Self::Equal
        } else {
            Self::Undecided
        }
    }

    /// Returns the word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equal => "equal",
            Self::Undecided => "undecided",
        }
    }

    /// Returns whether model a is non-inferior to b: the lower end of the 95 % interval is at least -[`EQUAL_WITHIN`],
    /// and the width of the interval is the only obstacle to a verdict, if there is one. `None` without a lower end.
    pub(crate) fn excludes_loss(low: Option<f64>, reason: Option<&Reason>) -> Option<bool> {
        let can_be_judged = reason.is_none_or(|reason| *reason == Reason::WideInterval);
        low.map(|low| can_be_judged && low >= -EQUAL_WITHIN)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Why the difference on a track, or the mean difference over several, cannot be judged; `None` if it can. If there are
/// several reasons, the first in the order of the `match` below is given.
///
/// A block counts once, however many of the tracks have bound bins in it.
pub(crate) fn obstacle(models: ModelPair<'_>, tracks: &[&ComparedTrack<'_>]) -> Option<Reason> {
    let rankings: Vec<&RankedTrack> = tracks.iter().filter_map(|track| track.rankings_a.first().copied()).collect();
    let bound = distinct(rankings.iter().map(|track| track.bound_blocks()));
    let unbound = distinct(rankings.iter().map(|track| track.unbound_blocks()));
    let fault = tracks.iter().find_map(|track| {
        let first = |model: &str, rankings: &[&RankedTrack]| rankings.iter().find_map(|track| fault(model, track));
        first(models.model_a, &track.rankings_a).or_else(|| first(models.model_b, &track.rankings_b))
    });
    let seeds = tracks.iter().map(|track| track.rankings_a.len()).min();
    match (bound, unbound) {
        _ if tracks.is_empty() => Some(Reason::NoTrack),
        (0, _) => Some(Reason::NoBoundBin),
        (_, 0) => Some(Reason::NoUnboundBin),
        _ if fault.is_some() => fault,
        _ if seeds < Some(MIN_SEEDS) => Some(Reason::OneSeed),
        (found, _) if found < MIN_BLOCKS => Some(Reason::FewBoundBlocks { found, needed: MIN_BLOCKS }),
        (_, found) if found < MIN_BLOCKS => Some(Reason::FewUnboundBlocks { found, needed: MIN_BLOCKS }),
        _ => None,
    }
}

/// What is wrong with a model's scores on a track.
fn fault(model: &str, track: &RankedTrack) -> Option<Reason> {
    let (lowest, highest) = track.range()?;
    let model = || model.to_owned();
    if lowest <= -EXPLODED || highest >= EXPLODED {
        Some(Reason::ExplodedScores { model: model() })
    } else if lowest == highest {
        Some(Reason::ConstantScores { model: model() })
    } else {
        None
    }
}

/// How many different blocks there are.
fn distinct<'a>(blocks: impl Iterator<Item = &'a [u32]>) -> u64 {
    blocks.flatten().collect::<BTreeSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::Label::{Ambiguous, Bound, Missing, Unbound};

    const MODELS: ModelPair<'_> = ModelPair { model_a: "multi", model_b: "single", split: "test" };

    /// A track with a bound bin in each of the first blocks, and an unbound one in each of the last.
    fn ranked(bound: u32, unbound: u32) -> RankedTrack {
        let (blocks, labels): (Vec<u32>, Vec<_>) =
            (0..bound).map(|block| (block, Bound)).chain((100..100 + unbound).map(|block| (block, Unbound))).unzip();
        let scores: Vec<f32> = (0..blocks.len()).map(|bin| (bin % 7) as f32).collect();
        RankedTrack::new(&scores, &labels, &blocks).unwrap()
    }

    fn scored(scores: [f32; 4]) -> RankedTrack {
        RankedTrack::new(&scores, &[Bound, Unbound, Ambiguous, Missing], &[0, 1, 2, 3]).unwrap()
    }

    fn compared<'a>(a: &[&'a RankedTrack], b: &[&'a RankedTrack]) -> ComparedTrack<'a> {
        ComparedTrack { tf: "REB1", cell: "yeast", rankings_a: a.to_vec(), rankings_b: b.to_vec() }
    }

    #[test]
    fn a_significant_difference_wins_over_a_narrow_interval() {
        assert_eq!(Verdict::new(0.01, (0.005, 0.015), 0.01), Verdict::Better);
        assert_eq!(Verdict::new(-0.01, (-0.015, -0.005), 0.01), Verdict::Worse);
    }

    #[test]
    fn a_loss_is_excluded_by_an_interval_that_can_be_trusted() {
        assert_eq!(Verdict::excludes_loss(Some(-0.02), None), Some(true));
        assert_eq!(Verdict::excludes_loss(Some(-0.02), Some(&Reason::WideInterval)), Some(true));
        assert_eq!(Verdict::excludes_loss(Some(-0.021), Some(&Reason::WideInterval)), Some(false));
        assert_eq!(Verdict::excludes_loss(Some(0.1), Some(&Reason::OneSeed)), Some(false));
        assert_eq!(Verdict::excludes_loss(None, Some(&Reason::NoBoundBin)), None);
    }

    #[test]
    fn limits_belong_to_equal_and_not_to_significance() {
        assert_eq!(Verdict::new(0.01, (-0.02, 0.02), 0.05), Verdict::Equal);
        assert_eq!(Verdict::new(0.01, (-0.02, 0.021), 0.05), Verdict::Undecided);
        assert_eq!(Verdict::new(0.0, (0.0, 0.0), 1.0), Verdict::Equal);
    }

    #[test]
    fn a_verdict_needs_seeds_and_blocks_of_both_classes() {
        let reason = |track: &RankedTrack, seeds| {
            let rankings = vec![track; seeds];
            obstacle(MODELS, &[&compared(&rankings, &rankings)])
        };
        assert_eq!(reason(&ranked(10, 10), 2), None);
        assert_eq!(reason(&ranked(10, 10), 1), Some(Reason::OneSeed));
        assert_eq!(reason(&ranked(9, 10), 2), Some(Reason::FewBoundBlocks { found: 9, needed: 10 }));
        assert_eq!(reason(&ranked(10, 9), 2), Some(Reason::FewUnboundBlocks { found: 9, needed: 10 }));
        assert_eq!(reason(&ranked(0, 9), 1), Some(Reason::NoBoundBin));
        assert_eq!(reason(&ranked(9, 0), 1), Some(Reason::NoUnboundBin));
    }

    #[test]
    fn a_model_that_ranks_nothing_is_named() {
        let fine = scored([0.25, 0.5, 7.0, 7.0]);
        let exploded = |model: &str| Some(Reason::ExplodedScores { model: model.into() });
        let constant = |model: &str| Some(Reason::ConstantScores { model: model.into() });
        // Neither ambiguous nor missing bins count.
        let flat = scored([0.5, 0.5, 1.0, f32::NAN]);
        assert_eq!(obstacle(MODELS, &[&compared(&[&fine, &flat], &[&fine, &fine])]), constant("multi"));
        assert_eq!(obstacle(MODELS, &[&compared(&[&fine, &fine], &[&fine, &flat])]), constant("single"));
        for scores in [[f32::INFINITY, 0.0], [0.0, f32::NEG_INFINITY], [16_777_216.0, 0.0], [0.0, -16_777_216.0]] {
            let huge = scored([scores[0], scores[1], 0.0, 0.0]);
            assert_eq!(
                obstacle(MODELS, &[&compared(&[&huge, &fine], &[&fine, &fine])]),
                exploded("multi"),
                "{scores:?}"
            );
        }
        let infinite = scored([f32::INFINITY, f32::INFINITY, 0.0, 0.0]);
        assert_eq!(obstacle(MODELS, &[&compared(&[&fine, &fine], &[&infinite, &fine])]), exploded("single"));
        let large = scored([16_777_215.0, -16_777_215.0, f32::INFINITY, f32::INFINITY]);
        let few = Some(Reason::FewBoundBlocks { found: 1, needed: 10 });
        assert_eq!(obstacle(MODELS, &[&compared(&[&large, &fine], &[&fine, &fine])]), few);
    }

    #[test]
    fn the_mean_rests_on_the_blocks_of_all_tracks_and_on_sound_models() {
        let mean_obstacle = |rankings: &[&RankedTrack]| {
            let tracks: Vec<ComparedTrack<'_>> =
                rankings.iter().map(|track| compared(&[track, track], &[track, track])).collect();
            obstacle(MODELS, &tracks.iter().collect::<Vec<_>>())
        };
        let [few, more] = [ranked(6, 20), ranked(9, 20)];
        // The blocks of one lie among those of the other.
        assert_eq!(mean_obstacle(&[&few, &more]), Some(Reason::FewBoundBlocks { found: 9, needed: 10 }));
        let labels: Vec<_> = (0..24).map(|bin| if bin < 4 { Bound } else { Unbound }).collect();
        let blocks: Vec<u32> = (0..24).map(|bin| bin + 30).collect();
        let scores: Vec<f32> = (0..24).map(|bin| bin as f32).collect();
        let elsewhere = RankedTrack::new(&scores, &labels, &blocks).unwrap();
        assert_eq!(mean_obstacle(&[&few, &elsewhere]), None);
        let flat = RankedTrack::new(&[1.0; 24], &labels, &blocks).unwrap();
        assert_eq!(mean_obstacle(&[&more, &elsewhere, &flat]), Some(Reason::ConstantScores { model: "multi".into() }));
        assert_eq!(mean_obstacle(&[]), Some(Reason::NoTrack));
    }
}
