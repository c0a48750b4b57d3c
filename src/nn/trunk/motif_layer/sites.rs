//! Where the motifs of a trunk score best in one sequence.

use std::ops::Range;

use super::{super::Trunk, MotifLayer};
use crate::{
    genome::Strand,
    nn::{SignalInput, ops::SiteScores},
};

/// The motifs of a [`Trunk`] in the host's memory, to ask where they score best.
#[derive(Debug)]
pub(crate) struct TrunkSites {
    layers: Vec<MotifLayer>,
    pools: Vec<Range<usize>>,
    scans_signal: bool,
}

/// The place in a pool where a motif scores best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MotifSite {
    /// The index of the motif among those of the trunk.
    pub(crate) motif: usize,
    /// The place of its first base in the sequence.
    pub(crate) start: usize,
    pub(crate) strand: Strand,
    /// The score with the bias, before the ReLU.
    pub(crate) score: f32,
}

impl Trunk {
    /// Copies the motifs to the host's memory.
    pub(crate) fn to_sites(&self) -> TrunkSites {
        TrunkSites {
            layers: MotifLayer::all(self),
            pools: self.pool_ranges(),
            scans_signal: self.signal() == SignalInput::Channels,
        }
    }
}

impl TrunkSites {
    /// Finds the best site of each motif in each pool. Of equal ones the first is the best, and at one place that of
    /// the forward strand. The signal is empty if the trunk reads none.
    pub(crate) fn find(&self, codes: &[u8], signal: &[f32], scores: &mut SiteScores) -> Vec<MotifSite> {
        let scanned = if self.scans_signal { signal } else { &[] };
        let mut found = Vec::new();
        for layer in &self.layers {
            layer.read(codes, scanned, &self.pools, scores);
            for pool in &self.pools {
                let best = layer.tables.best_sites(scores, pool).enumerate();
                found.extend(best.map(|(motif, (place, strand, score))| MotifSite {
                    motif: layer.first + motif,
                    start: layer.skipped + place,
                    strand,
                    score,
                }));
            }
        }
        found
    }
}
