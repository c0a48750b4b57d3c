//! What a verdict on a track can rest on.

use std::collections::BTreeSet;

use super::{
    reason::Reason,
    verdict::{MIN_BLOCKS, MIN_SEEDS},
};
use crate::metric::RankedTrack;

/// From here on neighbouring numbers in 32 bits lie at least 1 apart, so that log-odds tell less than a factor of e apart.
const EXPLODED: f32 = 16_777_216.0;

/// Which two models are compared, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The model from whose score the other's is subtracted.
    pub model_a: &'a str,
    /// The model whose score is subtracted.
    pub model_b: &'a str,
    /// The split.
    pub split: &'a str,
}

/// A track on which two models are compared: its names, and its bins as the models rank them.
///
/// See [`ComparisonRow::all`](super::comparison::ComparisonRow::all) for an example.
#[derive(Clone, Debug)]
pub struct ComparedTrack<'a> {
    /// The factor.
    pub tf: &'a str,
    /// The cell type.
    pub cell: &'a str,
    /// Model a's ranking for each seed.
    pub of_a: Vec<&'a RankedTrack>,
    /// Model b's.
    pub of_b: Vec<&'a RankedTrack>,
}

impl ComparedTrack<'_> {
    /// Why no difference on this track can be judged; none if it can.
    pub(super) fn obstacle(&self, compared: Compared<'_>) -> Option<Reason> {
        obstacle(compared, &[self])
    }

    fn fault(&self, compared: Compared<'_>) -> Option<Reason> {
        let of = |model: &str, rankings: &[&RankedTrack]| rankings.iter().find_map(|track| fault(model, track));
        of(compared.model_a, &self.of_a).or_else(|| of(compared.model_b, &self.of_b))
    }
}

/// Why the mean difference over some tracks cannot be judged; none if it can.
///
/// Blocks count once, however many of the tracks have bound bins there.
pub(super) fn obstacle(compared: Compared<'_>, tracks: &[&ComparedTrack<'_>]) -> Option<Reason> {
    let rankings: Vec<&RankedTrack> = tracks.iter().filter_map(|track| track.of_a.first().copied()).collect();
    let bound = distinct(rankings.iter().map(|track| track.bound_blocks()));
    let unbound = distinct(rankings.iter().map(|track| track.unbound_blocks()));
    let fault = tracks.iter().find_map(|track| track.fault(compared));
    let seeds = tracks.iter().map(|track| track.of_a.len()).min();
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

    const COMPARED: Compared<'_> = Compared { model_a: "multi", model_b: "single", split: "test" };

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

    fn compared<'a>(of_a: &[&'a RankedTrack], of_b: &[&'a RankedTrack]) -> ComparedTrack<'a> {
        ComparedTrack { tf: "REB1", cell: "yeast", of_a: of_a.to_vec(), of_b: of_b.to_vec() }
    }

    #[test]
    fn a_verdict_needs_seeds_and_blocks_of_both_classes() {
        let obstacle = |track: &RankedTrack, seeds| {
            let rankings = vec![track; seeds];
            compared(&rankings, &rankings).obstacle(COMPARED)
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
        assert_eq!(compared(&[&fine, &flat], &[&fine, &fine]).obstacle(COMPARED), constant("multi"));
        assert_eq!(compared(&[&fine, &fine], &[&fine, &flat]).obstacle(COMPARED), constant("single"));
        for scores in [[f32::INFINITY, 0.0], [0.0, f32::NEG_INFINITY], [16_777_216.0, 0.0], [0.0, -16_777_216.0]] {
            let huge = scored([scores[0], scores[1], 0.0, 0.0]);
            assert_eq!(compared(&[&huge, &fine], &[&fine, &fine]).obstacle(COMPARED), exploded("multi"), "{scores:?}");
        }
        let infinite = scored([f32::INFINITY, f32::INFINITY, 0.0, 0.0]);
        assert_eq!(compared(&[&fine, &fine], &[&infinite, &fine]).obstacle(COMPARED), exploded("single"));
        let large = scored([16_777_215.0, -16_777_215.0, f32::INFINITY, f32::INFINITY]);
        let few = Some(Reason::FewBoundBlocks { found: 1, needed: 10 });
        assert_eq!(compared(&[&large, &fine], &[&fine, &fine]).obstacle(COMPARED), few);
    }

    #[test]
    fn the_mean_rests_on_the_blocks_of_all_tracks_and_on_sound_models() {
        let of = |rankings: &[&RankedTrack]| {
            let tracks: Vec<ComparedTrack<'_>> =
                rankings.iter().map(|track| compared(&[track, track], &[track, track])).collect();
            obstacle(COMPARED, &tracks.iter().collect::<Vec<_>>())
        };
        let [few, more] = [ranked(6, 20), ranked(9, 20)];
        // The blocks of one lie among those of the other.
        assert_eq!(of(&[&few, &more]), Some(Reason::FewBoundBlocks { found: 9, needed: 10 }));
        let labels: Vec<_> = (0..24).map(|bin| if bin < 4 { Bound } else { Unbound }).collect();
        let blocks: Vec<u32> = (0..24).map(|bin| bin + 30).collect();
        let scores: Vec<f32> = (0..24).map(|bin| bin as f32).collect();
        let elsewhere = RankedTrack::new(&scores, &labels, &blocks).unwrap();
        assert_eq!(of(&[&few, &elsewhere]), None);
        let flat = RankedTrack::new(&[1.0; 24], &labels, &blocks).unwrap();
        assert_eq!(of(&[&more, &elsewhere, &flat]), Some(Reason::ConstantScores { model: "multi".into() }));
        assert_eq!(of(&[]), Some(Reason::NoTrack));
    }
}
