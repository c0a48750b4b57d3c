//! A trunk on slices, for one sample.

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
        let TrunkBuffers { scan, positions, scratch } = buffers;
        let scanned = (self.signal == SignalInput::Channels).then_some(signal);
        let best = sized(positions, self.pools.len() * self.num_motifs);
        self.motifs.best_of_sample(codes, scanned, &self.pools, self.axes, scan, best);
        if let Some(body) = &self.body {
            body.forward(positions, scratch);
        }
        pooled.clear();
        match self.axes {
            Axes::MotifsFirst => pooled.extend_from_slice(positions),
            Axes::PositionsFirst => self.pooling.append(positions, scratch, pooled),
        }
        if let SignalInput::Means(count) = self.signal {
            append_means(signal, count, pooled);
        }
    }

    /// Computes what [`Trunk::shared`] does, of one sample.
    pub fn shared(&self, pooled: &[f32], features: &mut Vec<f32>) {
        if let Some(dense) = &self.dense {
            dense.forward(pooled, sized(features, dense.outputs()));
        } else {
            features.clear();
            features.extend_from_slice(pooled);
        }
        relu(features);
    }
}
