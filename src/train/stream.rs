//! The endless stream of draws, cut into batches.

use crate::data::{BatchBuilder, Draw, HostBatch, Sampler};

/// Batches of a run from some draw on, as if all before had been taken: what a step sees depends on its place alone.
pub(super) struct BatchStream<'a> {
    sampler: &'a Sampler,
    builder: &'a BatchBuilder<'a>,
    batch_size: usize,
    budget: usize,
    drawn: usize,
    epoch: Option<(usize, Vec<Draw>)>,
}

impl<'a> BatchStream<'a> {
    /// Starts after `drawn` draws, and ends after `budget`.
    pub(super) fn new(
        sampler: &'a Sampler,
        builder: &'a BatchBuilder<'a>,
        batch_size: usize,
        budget: usize,
        drawn: usize,
    ) -> Self {
        Self { sampler, builder, batch_size, budget, drawn, epoch: None }
    }

    fn draw(&mut self, index: usize) -> Draw {
        let (epoch, rank) = (index / self.sampler.epoch_len(), index % self.sampler.epoch_len());
        if self.epoch.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.epoch = Some((epoch, self.sampler.epoch(epoch as u64)));
        }
        let (_, draws) = self.epoch.as_ref().expect("just set");
        draws[rank]
    }
}

impl Iterator for BatchStream<'_> {
    type Item = HostBatch;

    fn next(&mut self) -> Option<HostBatch> {
        let size = self.batch_size.min(self.budget - self.drawn);
        let draws: Vec<Draw> = (self.drawn..self.drawn + size).map(|index| self.draw(index)).collect();
        let batch = (size > 0).then(|| self.builder.build(&draws, self.drawn as u64));
        self.drawn += size;
        batch
    }
}
