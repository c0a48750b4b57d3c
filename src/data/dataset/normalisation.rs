//! Accessibility normalised between cell types.

use rayon::prelude::*;

use crate::{
    data::{QuantileMap, SignalReference},
    genome::{Genome, SignalTrack},
};

/// The reference, and the map of each cell type to it.
#[derive(Debug)]
pub(super) struct Normalisation {
    reference: SignalReference,
    maps: Vec<QuantileMap>,
}

impl Normalisation {
    /// Maps all cell types to a reference: one that a model was trained with, or else the mean of some cell types.
    pub(super) fn new(
        signals: &[SignalTrack],
        genome: &Genome,
        given: Option<&SignalReference>,
        trained: &[usize],
    ) -> Self {
        let mean =
            || SignalReference::new(&trained.iter().filter_map(|&cell| signals.get(cell)).collect::<Vec<_>>(), genome);
        let reference = given.cloned().unwrap_or_else(mean);
        let maps = signals.par_iter().map(|track| QuantileMap::new(track, genome, &reference)).collect();
        Self { reference, maps }
    }

    pub(super) fn reference(&self) -> &SignalReference {
        &self.reference
    }

    /// Returns the map of a cell type.
    pub(super) fn map(&self, cell: usize) -> Option<&QuantileMap> {
        self.maps.get(cell)
    }
}
