//! The motifs of one width in a trunk, on one sequence in the host's memory.

pub(in crate::nn) mod sites;

use std::ops::Range;

use super::Trunk;
use crate::nn::ops::{SiteScores, SubstitutionTables, host::memory::values};

/// The motifs of one width.
#[derive(Debug)]
pub(super) struct MotifLayer {
    pub(super) tables: SubstitutionTables,
    /// The first of its motifs among all of the trunk.
    pub(super) first: usize,
    /// The part of a sequence that it reads begins here, and is shorter by this.
    pub(super) skipped: usize,
    narrower: usize,
}

impl MotifLayer {
    /// Copies the motifs of all widths, the widest first.
    pub(super) fn all(trunk: &Trunk) -> Vec<Self> {
        let widest = trunk.conv.width();
        let layers = trunk.layers().scan(0, |first, conv| {
            let weight = conv.motifs();
            let shape = weight.dims();
            let tables = SubstitutionTables::new(shape, &values(weight), &values(conv.bias.val()), conv.strands());
            let narrower = widest - conv.width();
            let layer = Self { tables, first: *first, skipped: narrower / 2, narrower };
            *first += shape[0];
            Some(layer)
        });
        layers.collect()
    }

    /// The part of a sequence that it reads.
    pub(super) fn place(&self, length: usize) -> Range<usize> {
        self.skipped..length - (self.narrower - self.skipped)
    }

    /// Scores a sequence. The signal is empty where motifs scan none.
    pub(super) fn read(&self, codes: &[u8], signal: &[f32], pools: &[Range<usize>], sites: &mut SiteScores) {
        let place = self.place(codes.len());
        self.tables.read(&codes[place.clone()], signal.get(place).unwrap_or_default(), pools, sites);
    }
}
