//! The stream of draws, cut into batches.

use crate::data::{BatchBuilder, Draw, HostBatch, Sampler};

/// The batches of a run from some draw on. A batch depends on its place alone, so that a run can be resumed.
pub(super) struct BatchStream<'a> {
    sampler: &'a Sampler,
    builder: &'a BatchBuilder<'a>,
    batch_size: usize,
    budget: usize,
    drawn: usize,
    first_epoch: u64,
    epoch: Option<(usize, Vec<Draw>)>,
}

/// The first epoch of looks, which no training reaches.
const FIRST_OF_LOOKS: u64 = 1 << 48;

impl<'a> BatchStream<'a> {
    /// Starts after `drawn` draws, and ends after `budget`.
    pub(super) fn new(
        sampler: &'a Sampler,
        builder: &'a BatchBuilder<'a>,
        batch_size: usize,
        budget: usize,
        drawn: usize,
    ) -> Self {
        Self { sampler, builder, batch_size, budget, drawn, first_epoch: 0, epoch: None }
    }

    /// The batches of looks at conflicts, which are not those of training, after some looks.
    pub(super) fn for_looks(
        sampler: &'a Sampler,
        builder: &'a BatchBuilder<'a>,
        batch_size: usize,
        looks: usize,
    ) -> Self {
        let stream = Self::new(sampler, builder, batch_size, usize::MAX, looks * batch_size);
        Self { first_epoch: FIRST_OF_LOOKS, ..stream }
    }

    fn draw(&mut self, index: usize) -> Draw {
        let (epoch, place) = (index / self.sampler.epoch_len(), index % self.sampler.epoch_len());
        if self.epoch.as_ref().is_none_or(|(current, _)| *current != epoch) {
            self.epoch = Some((epoch, self.sampler.epoch(self.first_epoch + epoch as u64)));
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
        let looks = |before| BatchStream::for_looks(&sampler, &builder, BATCH, before).take(3).collect::<Vec<_>>();
        assert!(looks(0)[1..] == looks(1)[..2]);
        assert!(looks(0).iter().all(|look| !expected.contains(look)));
    }
}
