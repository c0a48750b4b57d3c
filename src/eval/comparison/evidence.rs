//! The models and tracks of a comparison, and what keeps it from a verdict.

use std::collections::BTreeSet;

use crate::{
    eval::{MIN_BLOCKS, MIN_SEEDS, Reason},
    metric::RankedTrack,
};

/// From here on neighbouring 32-bit numbers are at least 1 apart, so that log-odds cannot resolve a factor of e.
const EXPLODED: f32 = 16_777_216.0;

/// Two models that are compared on a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelPair<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
}

/// A track on which two models are compared: its names, and its bins as the models rank them.
///
/// See [`ComparisonRow::all`](crate::eval::ComparisonRow::all) for an example.
#[derive(Clone, Debug)]
pub struct ComparedTrack<'a> {
    /// The factor.
    pub tf: &'a str,
    /// The cell type.
    pub cell: &'a str,
    /// Model a's ranking for each seed.
    pub rankings_a: Vec<&'a RankedTrack>,
    /// Model b's ranking for each seed.
    pub rankings_b: Vec<&'a RankedTrack>,
}

impl ComparedTrack<'_> {
    /// Why no difference on this track can be judged; `None` if it can.
    pub(crate) fn obstacle(&self, models: ModelPair<'_>) -> Option<Reason> {
        obstacle(models, &[self])
    }

    fn fault(&self, models: ModelPair<'_>) -> Option<Reason> {
        let first = |model: &str, rankings: &[&RankedTrack]| rankings.iter().find_map(|track| fault(model, track));
        first(models.model_a, &self.rankings_a).or_else(|| first(models.model_b, &self.rankings_b))
    }
}

/// Why the mean difference over some tracks cannot be judged; `None` if it can.
///
/// A block counts once, however many of the tracks have bound bins in it.
pub(crate) fn obstacle(models: ModelPair<'_>, tracks: &[&ComparedTrack<'_>]) -> Option<Reason> {
    let rankings: Vec<&RankedTrack> = tracks.iter().filter_map(|track| track.rankings_a.first().copied()).collect();
    let bound = distinct(rankings.iter().map(|track| track.bound_blocks()));
    let unbound = distinct(rankings.iter().map(|track| track.unbound_blocks()));
    let fault = tracks.iter().find_map(|track| track.fault(models));
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
    fn a_verdict_needs_seeds_and_blocks_of_both_classes() {
        let obstacle = |track: &RankedTrack, seeds| {
            let rankings = vec![track; seeds];
            compared(&rankings, &rankings).obstacle(MODELS)
        };
        assert_eq!(obstacle(&ranked(10, 10), 2), None);
        assert_eq!(obstacle(&ranked(10, 10), 1), Some(Reason::OneSeed));
        assert_eq!(obstacle(&ranked(9, 10), 2), Some(Reason::FewBoundBlocks { found: 9, needed: 10 }));
        assert_eq!(obstacle(&ranked(10, 9), 2), Some(Reason::FewUnboundBlocks { found: 9, needed: 10 }));
        assert_eq!(obstacle(&ranked(0, 9), 1), Some(Reason::NoBoundBin));
        assert_eq!(obstacle(&ranked(9, 0), 1), Some(Reason::NoUnboundBin));
    }

    #[test]
    fn a_model_that_ranks_nothing_is_named() {
        let fine = scored([0.25, 0.5, 7.0, 7.0]);
        let exploded = |model: &str| Some(Reason::ExplodedScores { model: model.into() });
        let constant = |model: &str| Some(Reason::ConstantScores { model: model.into() });
        // Neither ambiguous nor missing bins count.
        let flat = scored([0.5, 0.5, 1.0, f32::NAN]);
        assert_eq!(compared(&[&fine, &flat], &[&fine, &fine]).obstacle(MODELS), constant("multi"));
        assert_eq!(compared(&[&fine, &fine], &[&fine, &flat]).obstacle(MODELS), constant("single"));
        for scores in [[f32::INFINITY, 0.0], [0.0, f32::NEG_INFINITY], [16_777_216.0, 0.0], [0.0, -16_777_216.0]] {
            let huge = scored([scores[0], scores[1], 0.0, 0.0]);
            assert_eq!(compared(&[&huge, &fine], &[&fine, &fine]).obstacle(MODELS), exploded("multi"), "{scores:?}");
        }
        let infinite = scored([f32::INFINITY, f32::INFINITY, 0.0, 0.0]);
        assert_eq!(compared(&[&fine, &fine], &[&infinite, &fine]).obstacle(MODELS), exploded("single"));
        let large = scored([16_777_215.0, -16_777_215.0, f32::INFINITY, f32::INFINITY]);
        let few = Some(Reason::FewBoundBlocks { found: 1, needed: 10 });
        assert_eq!(compared(&[&large, &fine], &[&fine, &fine]).obstacle(MODELS), few);
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
