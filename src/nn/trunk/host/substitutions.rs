//! A trunk on the single-base changes of one sequence.

use std::ops::Range;

use super::{HostTrunk, TrunkBuffers};
use crate::nn::{
    Trunk,
    ops::{
        Axes, Change, LANES, SiteScores,
        host::{dense::relu, memory::values},
    },
    trunk::motif_layer::MotifLayer,
};

/// A [`Trunk`] with its weights in the host's memory, for the single-base changes of one sequence: only what a change
/// touches is computed again. Without layers between the motifs and the dense one this goes on to the dense layer's
/// sums; with a body, the layers after the motifs run as a whole.
#[derive(Debug)]
pub(in crate::nn) struct TrunkSubstitutions {
    trunk: HostTrunk,
    layers: Vec<MotifLayer>,
    pools: Vec<Range<usize>>,
    motifs: usize,
    /// The dense layer's weights, a row for each input, where it reads the pools as they are.
    rows: Option<Vec<f32>>,
}

/// What is known of the unchanged sequence, and memory.
#[derive(Clone, Debug, Default)]
pub(in crate::nn) struct TrunkState {
    sites: Vec<SiteScores>,
    /// The best score of each motif in each pool, in the order of the trunk's axes.
    best: Vec<f32>,
    pooled: Vec<f32>,
    /// Of the dense layer.
    sums: Vec<f32>,
    buffers: TrunkBuffers,
    changed: Vec<Changed>,
    substituted: Vec<[f32; 4 * LANES]>,
    features: Vec<f32>,
}

impl TrunkState {
    /// Returns the shared features of the unchanged sequence and the dense layer's inputs.
    pub fn unchanged(&mut self) -> (&[f32], &[f32]) {
        self.features.clone_from(&self.sums);
        relu(&mut self.features);
        (&self.features, &self.pooled)
    }
}

/// A best score after the change of a place to each of the four bases.
#[derive(Clone, Copy, Debug)]
struct Changed {
    /// Its index among the best scores.
    index: usize,
    old: f32,
    new: [f32; 4],
}

impl Trunk {
    /// Copies the trunk to the host's memory, for the single-base changes of one sequence. None for layers of 16 bits.
    pub(in crate::nn) fn to_substitutions(&self) -> Option<TrunkSubstitutions> {
        Some(TrunkSubstitutions {
            trunk: self.to_host()?,
            layers: MotifLayer::all(self),
            pools: self.pool_ranges(),
            motifs: self.num_motifs(),
            rows: self.dense_of_pools().map(|dense| values(dense.weight.val())),
        })
    }
}

impl TrunkSubstitutions {
    /// Reads a sequence, and its signal, which is empty if the trunk reads none.
    pub fn read(&self, codes: &[u8], signal: &[f32], state: &mut TrunkState) {
        let scanned = self.trunk.scanned(signal);
        state.sites.resize_with(self.layers.len(), SiteScores::default);
        for (layer, sites) in self.layers.iter().zip(&mut state.sites) {
            layer.read(codes, scanned, &self.pools, sites);
        }
        self.find_best(state);
        self.trunk.pooled_from_best(&state.best, signal, &mut state.buffers, &mut state.pooled);
        self.trunk.sums(&state.pooled, &mut state.sums);
    }

    /// Calls a function with the shared features and the dense layer's inputs after the change of a place to each base
    /// that is not there. It is not called for a base that changes nothing.
    pub fn each_base(
        &self,
        codes: &[u8],
        signal: &[f32],
        place: usize,
        state: &mut TrunkState,
        mut each: impl FnMut(usize, &[f32], &[f32]),
    ) {
        self.find_changed(codes, place, state);
        for base in (0..4).filter(|base| *base != usize::from(codes[place])) {
            let TrunkState { best, pooled, sums, buffers, changed, features, .. } = &mut *state;
            if changed.iter().all(|changed| changed.new[base] == changed.old) {
                continue;
            }
            if let Some(rows) = &self.rows {
                features.clone_from(sums);
                let width = sums.len();
                for changed in changed.iter().filter(|changed| changed.new[base] != changed.old) {
                    let difference = changed.new[base] - changed.old;
                    let row = &rows[changed.index * width..(changed.index + 1) * width];
                    features.iter_mut().zip(row).for_each(|(sum, weight)| *sum += difference * weight);
                    pooled[changed.index] = changed.new[base];
                }
                relu(features);
                each(base, features, pooled);
                for changed in &*changed {
                    pooled[changed.index] = changed.old;
                }
            } else {
                for changed in &*changed {
                    best[changed.index] = changed.new[base];
                }
                self.trunk.pooled_from_best(best, signal, buffers, pooled);
                self.trunk.shared(pooled, features);
                each(base, features, pooled);
                for changed in &*changed {
                    best[changed.index] = changed.old;
                }
            }
        }
    }

    /// Finds the best score of each motif in each pool. They come from the same sums as those of changed sequences, so
    /// that what stays the same is the same number.
    fn find_best(&self, TrunkState { sites, best, .. }: &mut TrunkState) {
        best.resize(self.motifs * self.pools.len(), 0.0);
        for (layer, sites) in self.layers.iter().zip(sites) {
            for (pool, range) in self.pools.iter().enumerate() {
                for (motif, score) in layer.tables.best(sites, range).enumerate() {
                    best[self.index(layer.first + motif, pool)] = score;
                }
            }
        }
    }

    /// Finds the best scores that a change of a place may change.
    fn find_changed(&self, codes: &[u8], place: usize, state: &mut TrunkState) {
        let TrunkState { sites, best, changed, substituted, .. } = state;
        changed.clear();
        for (layer, sites) in self.layers.iter().zip(sites) {
            if !layer.place(codes.len()).contains(&place) {
                continue;
            }
            for (pool, range) in self.pools.iter().enumerate() {
                let change = Change { place: place - layer.skipped, code: codes[place], pool: range };
                if change.positions(layer.tables.width()).is_empty() {
                    continue;
                }
                substituted.resize(layer.tables.blocks(), [0.0; 4 * LANES]);
                layer.tables.substituted(sites, change, substituted);
                for motif in 0..layer.tables.motifs() {
                    let index = self.index(layer.first + motif, pool);
                    let old = best[index];
                    let block = &substituted[motif / LANES];
                    let new: [f32; 4] = std::array::from_fn(|base| block[base * LANES + motif % LANES]);
                    let differs = |(base, new): (usize, &f32)| base != usize::from(codes[place]) && *new != old;
                    if new.iter().enumerate().any(differs) {
                        changed.push(Changed { index, old, new });
                    }
                }
            }
        }
    }

    /// The index of a best score, in the order of the trunk's axes.
    fn index(&self, motif: usize, pool: usize) -> usize {
        match self.trunk.axes() {
            Axes::MotifsFirst => motif * self.pools.len() + pool,
            Axes::PositionsFirst => pool * self.motifs + motif,
        }
    }
}
