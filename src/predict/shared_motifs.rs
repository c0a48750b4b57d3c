//! The motifs of a model, scanned once for all windows that share them.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData, s};

use super::{
    motifs::Motifs,
    pools::Pools,
    source::ScanSource,
    stretch::{Stretch, StretchReader},
};
use crate::nn::{Model, TaskHead};

/// The motifs of a model, scanned once for all windows that share them.
#[derive(Debug, Clone)]
pub(super) struct SharedMotifs {
    model: Model,
    /// Those of each member.
    motifs: Vec<Motifs>,
    pools: Pools,
}

impl SharedMotifs {
    /// Prepares to scan windows that are a stride apart.
    pub(super) fn new(model: &Model, stride: usize, device: &Device) -> Self {
        let pools = Pools::new(stride, &model.trunk.pools());
        let motifs = model.members().map(|member| Motifs::new(&member.trunk, device)).collect();
        Self { model: model.clone(), motifs, pools }
    }

    /// What reads the stretches.
    pub(super) fn reader<'a>(&self, source: ScanSource<'a>) -> StretchReader<'a> {
        let trunk = &self.model.trunk;
        let (context_bp, input, width) = (trunk.context_bp(), trunk.signal(), trunk.conv.width());
        StretchReader { source, context_bp, input, reach: self.pools.reach, width }
    }

    /// The values of all motifs that a stride takes.
    pub(super) fn most_values(&self) -> usize {
        self.pools.most_values() * self.model.trunk.channels()
    }

    /// Scans as on a device of another memory.
    #[cfg(test)]
    pub(super) fn with_plain_operations(self) -> Self {
        Self { motifs: vec![Motifs::Device; self.motifs.len()], ..self }
    }

    /// The log-odds of the bins of a stretch, `[bin, task]`, batch by batch behind the motifs.
    pub(super) fn log_odds(&self, stretch: &Stretch, batches: &[Range<usize>], device: &Device) -> Tensor<2> {
        let members = self.model.members().zip(&self.motifs);
        let logits = members.map(|(member, motifs)| self.logits(member, motifs, stretch, batches, device));
        self.model.head.bound_log_odds(self.model.combined(logits.collect()))
    }

    /// What one member says of a stretch.
    fn logits(
        &self,
        member: &Model,
        motifs: &Motifs,
        stretch: &Stretch,
        batches: &[Range<usize>],
        device: &Device,
    ) -> Tensor<3> {
        let pieces = motifs.scan(&member.trunk, stretch, &self.pools, device);
        let Stretch { bins, means, .. } = stretch;
        let means = means.as_ref().map(|means| {
            let shape = [bins.len(), means.len() / bins.len()];
            Tensor::<2>::from_data(TensorData::new(means.clone(), shape), device)
        });
        let scores = batches.iter().map(|batch| {
            let motifs = pieces.windows(batch.clone(), &self.pools, device);
            let means = means.clone().map(|means| means.slice(s![batch.clone()]));
            member.after_pools(member.trunk.after_motifs(motifs, means))
        });
        Tensor::cat(scores.collect(), 0)
    }
}
