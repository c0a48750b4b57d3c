//! A trunk on slices, for one sample.

pub(in crate::nn) mod substitutions;
pub(in crate::nn) mod views;

use super::{
    Trunk,
    body::HostBody,
    pooling::HostPool,
    signal::{SignalInput, append_means},
};
use crate::nn::{
    MotifScan, Precision,
    ops::{
        Axes, SampleBuffers,
        host::dense::{Dense, relu, sized},
    },
};

/// A [`Trunk`] with its weights in the host's memory, for one sample at a time.
#[derive(Debug)]
pub(in crate::nn) struct HostTrunk {
    motifs: MotifScan,
    num_motifs: usize,
    /// Positions of each pool.
    pools: Vec<usize>,
    axes: Axes,
    body: Option<HostBody>,
    pooling: HostPool,
    signal: SignalInput,
    dense: Option<Dense>,
}

/// The memory of a [`HostTrunk`], which grows in the first call alone.
#[derive(Clone, Debug, Default)]
pub(in crate::nn) struct TrunkBuffers {
    scan: SampleBuffers,
    best: Vec<f32>,
    positions: Vec<f32>,
    scratch: Vec<f32>,
}

impl Trunk {
    /// Copies the trunk to the host's memory, for one sample at a time. None for layers of 16 bits.
    pub(in crate::nn) fn to_host(&self) -> Option<HostTrunk> {
        (self.precision() == Precision::F32).then(|| HostTrunk {
            motifs: self.scanner(),
            num_motifs: self.num_motifs(),
            pools: self.pool_ranges().iter().map(ExactSizeIterator::len).collect(),
            axes: self.axes(),
            body: self.body.as_ref().map(super::body::Body::to_host),
            pooling: self.pooling.to_host(self.config.body.channels(self.config.conv.motifs)),
            signal: self.signal(),
            dense: self.dense.as_ref().map(Dense::new),
        })
    }
}

impl HostTrunk {
    /// Computes what [`Trunk::pooled`] does, of one sample. The signal has a value for each code; it is empty if the
    /// trunk reads none.
    pub fn pooled(&self, codes: &[u8], signal: &[f32], buffers: &mut TrunkBuffers, pooled: &mut Vec<f32>) {
        let mut best = std::mem::take(&mut buffers.best);
        self.best(codes, signal, buffers, &mut best);
        self.pooled_from_best(&best, signal, buffers, pooled);
        buffers.best = best;
    }

    /// Finds the best score of each motif in each pool, in the order of the axes.
    fn best(&self, codes: &[u8], signal: &[f32], buffers: &mut TrunkBuffers, best: &mut Vec<f32>) {
        let best = sized(best, self.pools.len() * self.num_motifs);
        self.motifs.best_of_sample(codes, self.scanned(signal), &self.pools, self.axes, &mut buffers.scan, best);
    }

    /// Computes what [`Trunk::pooled`] does from the best scores.
    pub(super) fn pooled_from_best(
        &self,
        best: &[f32],
        signal: &[f32],
        buffers: &mut TrunkBuffers,
        pooled: &mut Vec<f32>,
    ) {
        let TrunkBuffers { positions, scratch, .. } = buffers;
        pooled.clear();
        match (&self.body, self.axes) {
            (None, Axes::MotifsFirst) => pooled.extend_from_slice(best),
            (None, Axes::PositionsFirst) => self.pooling.append(best, scratch, pooled),
            (Some(body), _) => {
                positions.clear();
                positions.extend_from_slice(best);
                body.forward(positions, scratch);
                self.pooling.append(positions, scratch, pooled);
            }
        }
        if let SignalInput::Means(count) = self.signal {
            append_means(signal, count, pooled);
        }
    }

    /// The signal that the motifs scan, if they scan one.
    pub(super) fn scanned<'a>(&self, signal: &'a [f32]) -> &'a [f32] {
        if self.signal == SignalInput::Channels { signal } else { &[] }
    }

    /// The order of axes of the best scores.
    pub(super) fn axes(&self) -> Axes {
        self.axes
    }

    /// Computes what [`Trunk::shared`] does, of one sample.
    pub fn shared(&self, pooled: &[f32], features: &mut Vec<f32>) {
        self.sums(pooled, features);
        relu(features);
    }

    /// Computes the output of the dense layer, or copies its input if there is none.
    pub(super) fn sums(&self, pooled: &[f32], sums: &mut Vec<f32>) {
        if let Some(dense) = &self.dense {
            dense.forward(pooled, sized(sums, dense.outputs()));
        } else {
            sums.clear();
            sums.extend_from_slice(pooled);
        }
    }

    /// The dense layer, if there is one.
    pub(super) fn dense(&self) -> Option<&Dense> {
        self.dense.as_ref()
    }
}
