//! A trunk on several windows of one sequence.

use super::{HostTrunk, TrunkBuffers};
use crate::nn::{
    Trunk,
    motif_conv::scan::tables,
    ops::{
        MotifTables, Strands, Stretch, ViewBuffers, ViewLayout,
        host::dense::{Changes, relu, sized},
        pool_views,
    },
};

/// A [`Trunk`] with its weights in the host's memory, for several windows of sequences, which it scans once for all of
/// them.
#[derive(Debug)]
pub(in crate::nn) struct TrunkViews {
    trunk: HostTrunk,
    layers: Vec<MotifTables>,
    layout: ViewLayout,
}

/// What is found of some windows, and memory.
#[derive(Clone, Debug, Default)]
pub(in crate::nn) struct TrunkViewBuffers {
    views: ViewBuffers,
    trunk: TrunkBuffers,
    best: Vec<f32>,
    /// The accessibility of a window, as its strand reads it.
    signal: Vec<f32>,
    one: Vec<f32>,
    /// The dense layer's inputs, `[view, input]`.
    pooled: Vec<f32>,
    changes: Changes,
    /// `[view, feature]`
    features: Vec<f32>,
}

impl TrunkViewBuffers {
    /// The shared features and the dense layer's inputs of each of some views.
    pub fn rows(&self, views: usize) -> impl Iterator<Item = (&[f32], &[f32])> {
        let rows = |values: &[f32]| values.len() / views.max(1);
        let (features, pooled) = (rows(&self.features), rows(&self.pooled));
        self.features.chunks_exact(features.max(1)).zip(self.pooled.chunks_exact(pooled.max(1)))
    }
}

impl Trunk {
    /// Copies the trunk to the host's memory, for several windows of a sequence. None for layers of 16 bits.
    pub(in crate::nn) fn to_views(&self) -> Option<TrunkViews> {
        let trunk = self.to_host()?;
        let layout = ViewLayout {
            pools: self.pool_ranges(),
            length: self.context_bp(),
            axes: trunk.axes(),
            strands: self.conv.strands(),
        };
        let layers = self.layers().map(|conv| tables(conv, Strands::Both)).collect();
        Some(TrunkViews { trunk, layers, layout })
    }
}

impl TrunkViews {
    /// Computes the shared features of all views, those of the first stretch first.
    pub fn read(&self, stretches: &[Stretch<'_>], buffers: &mut TrunkViewBuffers) {
        let TrunkViewBuffers { views, trunk, best, signal, one, pooled, .. } = buffers;
        let motifs: usize = self.layers.iter().map(MotifTables::motifs).sum();
        let (count, outputs) =
            (stretches.iter().map(|stretch| stretch.views.len()).sum(), motifs * self.layout.pools.len());
        let scanned =
            stretches.iter().map(|stretch| Stretch { signal: self.trunk.scanned(stretch.signal), ..*stretch });
        let scanned: Vec<_> = scanned.collect();
        pool_views(&self.layers, &self.layout, &scanned, views, sized(best, count * outputs));
        pooled.clear();
        let all = stretches.iter().flat_map(|stretch| stretch.views.iter().map(move |view| (stretch, view)));
        for ((stretch, view), best) in all.zip(best.chunks_exact(outputs)) {
            signal.clear();
            signal
                .extend_from_slice(stretch.signal.get(view.start..view.start + self.layout.length).unwrap_or_default());
            if view.is_reverse {
                signal.reverse();
            }
            self.trunk.pooled_from_best(best, signal, trunk, one);
            pooled.extend_from_slice(one);
        }
        let known = stretches.first().map_or(0, |first| first.views.len());
        self.shared(if known == 0 { count } else { known }, count, buffers);
    }

    /// Computes the shared features of all views. Of those behind the first stretch's, in as many equal shares as there
    /// are of these, each is close to one of them.
    fn shared(&self, known: usize, views: usize, buffers: &mut TrunkViewBuffers) {
        let TrunkViewBuffers { pooled, features, changes, .. } = buffers;
        let Some(dense) = self.trunk.dense() else {
            features.clone_from(pooled);
            return relu(features);
        };
        let (inputs, outputs) = (pooled.len() / views.max(1), dense.outputs());
        let (first, others) = sized(features, views * outputs).split_at_mut(known * outputs);
        let (known_pooled, pooled) = pooled.split_at(known * inputs);
        dense.forward(known_pooled, first);
        let share = (views - known).div_ceil(known.max(1)).max(1);
        let close = first.chunks_exact(outputs).zip(known_pooled.chunks_exact(inputs));
        let shares = others.chunks_mut(share * outputs).zip(pooled.chunks(share * inputs));
        for ((features, pooled), (first, known)) in shares.zip(close) {
            for (features, pooled) in features.chunks_exact_mut(outputs).zip(pooled.chunks_exact(inputs)) {
                dense.forward_from((known, first), pooled, changes, features);
            }
        }
        relu(features);
    }
}
