//! Scores of chunks: motifs are scanned once for all windows.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    chunk::{Chunk, ChunkReader},
    dense::DenseScan,
    motifs::{Motifs, PieceMaxima},
    pools::PoolLayout,
    source::ScanSource,
};
use crate::{
    device::is_host,
    nn::{Model, TaskHead},
};

/// Scores chunks: scans each base for motifs once, for all windows that cover it.
#[derive(Clone, Debug)]
pub(crate) struct ChunkScorer {
    model: Model,
    /// The motifs of each member.
    motifs: Vec<Motifs>,
    /// The dense layer of each member, if it can be computed in the host's memory without laying out windows.
    dense: Vec<Option<DenseScan>>,
    pools: PoolLayout,
}

/// Number of values of motifs that are held at a time.
const MAX_VALUES: usize = 1 << 24;
/// Number of bins of a chunk.
const MAX_BINS: usize = 1 << 13;
/// Number of bins that go through the layers after the motifs together.
const BATCH: usize = 512;
/// The same where the dense layer is computed for all windows at once, at most.
const LARGE_BATCH: usize = 2048;
/// Values of a filter's parts and outputs for each value of a piece, about.
const FILTERED: usize = 8;

impl ChunkScorer {
    /// Prepares to scan windows that start a stride apart.
    pub(crate) fn new(model: &Model, stride: usize, device: &Device) -> Self {
        let pools = PoolLayout::new(stride, &model.trunk.pool_ranges());
        let motifs = model.members().map(|member| Motifs::new(&member.trunk, device)).collect();
        let dense = model.members().map(|member| {
            let layer = member.trunk.dense_of_pools().filter(|_| is_host(device));
            layer.map(|layer| DenseScan::new(layer, member.trunk.num_motifs(), &pools))
        });
        Self { model: model.clone(), motifs, dense: dense.collect(), pools }
    }

    /// Makes the reader of chunks.
    pub(crate) fn reader<'a>(&self, source: ScanSource<'a>) -> ChunkReader<'a> {
        let trunk = &self.model.trunk;
        let (context_bp, input, width) = (trunk.context_bp(), trunk.signal(), trunk.conv.width());
        ChunkReader { source, context_bp, input, window_strides: self.pools.window_strides, width }
    }

    /// The number of bins of a batch, and of batches of a chunk.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let motifs = self.model.trunk.num_motifs();
        let laid_out = MAX_VALUES / (motifs * self.pools.max_values());
        let (values, batch) = if self.is_dense() {
            // Adapters read the pools of a batch's windows laid out.
            (FILTERED * self.pools.pieces().len(), laid_out.clamp(BATCH, LARGE_BATCH))
        } else {
            (self.pools.max_values(), BATCH)
        };
        let bins = (MAX_VALUES / (motifs * values)).clamp(16, MAX_BINS);
        let batch = batch.min(bins);
        (batch, bins / batch)
    }

    /// Whether the dense layer of all members is computed without laying out windows.
    pub(crate) fn is_dense(&self) -> bool {
        self.dense.iter().all(Option::is_some)
    }

    /// Scans with tensor operations, as on other devices than the host.
    #[cfg(test)]
    pub(crate) fn with_tensor_operations(self) -> Self {
        Self { motifs: vec![Motifs::Device; self.motifs.len()], ..self }
    }

    /// The log-odds of the bins of a chunk, `[bin, task]`; the layers after the motifs run batch by batch.
    pub(crate) fn log_odds(&self, chunk: &Chunk, batches: &[Range<usize>], device: &Device) -> Tensor<2> {
        let members = self.model.members().zip(self.motifs.iter().zip(&self.dense));
        let logits = members.map(|(member, (motifs, dense))| {
            let pieces = motifs.scan(&member.trunk, chunk, &self.pools, device);
            let logits = batches.iter().map(|bins| {
                let pooled = || self.pooled(member, &pieces, chunk, bins, device);
                match (dense, &pieces) {
                    (Some(dense), PieceMaxima::Host { best, motifs }) => {
                        let pieces = self.pools.covered(best, *motifs, bins);
                        let sums = dense.apply(pieces, &self.pools, bins.len(), chunk.means_of(bins));
                        let sums = TensorData::new(sums, [bins.len(), dense.outputs()]);
                        member.logits(member.trunk.shared_from_sums(Tensor::from_data(sums, device)), pooled)
                    }
                    _ => member.forward_pooled(pooled()),
                }
            });
            Tensor::cat(logits.collect(), 0)
        });
        self.model.head.bound_log_odds(self.model.average(logits.collect()))
    }

    /// The inputs of one member's dense layer for some bins of a chunk, `[bin, input]`.
    fn pooled(
        &self,
        member: &Model,
        pieces: &PieceMaxima,
        chunk: &Chunk,
        bins: &Range<usize>,
        device: &Device,
    ) -> Tensor<2> {
        let motifs = pieces.windows(bins.clone(), &self.pools, device);
        let means = chunk.means_of(bins).map(|means| {
            let shape = [bins.len(), means.len() / bins.len()];
            Tensor::<2>::from_data(TensorData::new(means.to_vec(), shape), device)
        });
        member.trunk.pooled_from_scores(motifs, means)
    }
}
