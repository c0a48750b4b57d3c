//! Scores of chunks: motifs are scanned once for all windows.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData, s};

use super::{
    chunk::{Chunk, ChunkReader},
    motifs::Motifs,
    pools::PoolLayout,
    source::ScanSource,
};
use crate::nn::{Model, TaskHead};

/// Scores chunks: scans each base for motifs once, for all windows that cover it.
#[derive(Clone, Debug)]
pub(crate) struct ChunkScorer {
    model: Model,
    /// The motifs of each member.
    motifs: Vec<Motifs>,
    pools: PoolLayout,
}

impl ChunkScorer {
    /// Prepares to scan windows that start a stride apart.
    pub(crate) fn new(model: &Model, stride: usize, device: &Device) -> Self {
        let pools = PoolLayout::new(stride, &model.trunk.pool_ranges());
        let motifs = model.members().map(|member| Motifs::new(&member.trunk, device)).collect();
        Self { model: model.clone(), motifs, pools }
    }

    /// Makes the reader of chunks.
    pub(crate) fn reader<'a>(&self, source: ScanSource<'a>) -> ChunkReader<'a> {
        let trunk = &self.model.trunk;
        let (context_bp, input, width) = (trunk.context_bp(), trunk.signal(), trunk.conv.width());
        ChunkReader { source, context_bp, input, window_strides: self.pools.window_strides, width }
    }

    /// The number of values of all motifs in a stride.
    pub(crate) fn max_values(&self) -> usize {
        self.pools.max_values() * self.model.trunk.num_motifs()
    }

    /// Scans with tensor operations, as on other devices than the host.
    #[cfg(test)]
    pub(crate) fn with_tensor_operations(self) -> Self {
        Self { motifs: vec![Motifs::Device; self.motifs.len()], ..self }
    }

    /// The log-odds of the bins of a chunk, `[bin, task]`; the layers after the motifs run batch by batch.
    pub(crate) fn log_odds(&self, chunk: &Chunk, batches: &[Range<usize>], device: &Device) -> Tensor<2> {
        let members = self.model.members().zip(&self.motifs);
        let logits = members.map(|(member, motifs)| self.logits(member, motifs, chunk, batches, device));
        self.model.head.bound_log_odds(self.model.average(logits.collect()))
    }

    /// The logits of one member for a chunk.
    fn logits(
        &self,
        member: &Model,
        motifs: &Motifs,
        chunk: &Chunk,
        batches: &[Range<usize>],
        device: &Device,
    ) -> Tensor<3> {
        let pieces = motifs.scan(&member.trunk, chunk, &self.pools, device);
        let Chunk { bins, means, .. } = chunk;
        let means = means.as_ref().map(|means| {
            let shape = [bins.len(), means.len() / bins.len()];
            Tensor::<2>::from_data(TensorData::new(means.clone(), shape), device)
        });
        let scores = batches.iter().map(|batch| {
            let motifs = pieces.windows(batch.clone(), &self.pools, device);
            let means = means.clone().map(|means| means.slice(s![batch.clone()]));
            member.forward_pooled(member.trunk.pooled_from_scores(motifs, means))
        });
        Tensor::cat(scores.collect(), 0)
    }
}
