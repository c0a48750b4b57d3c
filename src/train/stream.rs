//! The stream of draws, cut into batches.

use crate::data::{BatchBuilder, Draw, HostBatch, Sampler};

/// The batches of a run from some draw on. A batch depends on its place alone, so that a run can be resumed.
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
        let (epoch, place) = (index / self.sampler.epoch_len(), index % self.sampler.epoch_len());
        if self.epoch.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.epoch = Some((epoch, self.sampler.epoch(epoch as u64)));
        }
        let (_, draws) = self.epoch.as_ref().expect("just set");
        draws[place]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{Dataset, SamplerConfig},
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    #[test]
    fn batches_are_the_epochs_cut_from_their_first_draw_to_the_budget() {
        const BATCH: usize = 64;
        let folder = TestFolder::new("stream");
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let sampler = Sampler::new(&dataset, &[0], 240, &SamplerConfig::default(), 1).unwrap();
        let builder = BatchBuilder::new(&dataset, &[0], 240).with_reverse_complement(1);
        let budget = sampler.epoch_len() + BATCH + 5;
        let draws = [sampler.epoch(0), sampler.epoch(1)].concat();
        let starts: Vec<usize> = (0..budget).step_by(BATCH).collect();
        let expected = starts.iter().map(|&start| {
            let end = (start + BATCH).min(budget);
            builder.build(&draws[start..end], start as u64)
        });
        let expected: Vec<HostBatch> = expected.collect();
        let stream = |drawn| BatchStream::new(&sampler, &builder, BATCH, budget, drawn).collect::<Vec<_>>();
        assert!(stream(0) == expected);
        assert!(stream(starts[2]) == expected[2..]);
    }
}
