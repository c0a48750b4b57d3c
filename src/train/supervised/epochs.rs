//! Training batches, epoch by epoch.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use burn::{
    data::{
        dataloader::{DataLoader, DataLoaderIterator, Progress, batcher::Batcher},
        dataset::DatasetError,
    },
    tensor::Device,
};

use super::{DrawBatcher, IndexedDraw, SampleBatch};
use crate::data::Sampler;

/// A burn data loader that draws each epoch anew.
///
/// A burn data set is the same in each epoch, apart from its order; a [`Sampler`] draws other unbound bins each time. A
/// run that is resumed after `n` epochs needs a loader [`starting_at`](EpochLoader::starting_at) `n`, since burn's
/// checkpoints do not include loaders.
#[derive(Debug)]
pub struct EpochLoader {
    sampler: Arc<Sampler>,
    batcher: DrawBatcher,
    batch_size: usize,
    device: Device,
    next: AtomicU64,
    /// The part of each epoch's draws in this loader.
    part: Range<usize>,
}

impl EpochLoader {
    /// Creates a loader whose batches are on a device.
    ///
    /// # Panics
    ///
    /// Panics if the batch size is 0.
    pub fn new(sampler: Sampler, batcher: DrawBatcher, batch_size: usize, device: &Device) -> Self {
        assert!(batch_size > 0, "a batch holds at least 1 sample, found 0");
        let part = 0..sampler.epoch_len();
        Self { sampler: Arc::new(sampler), batcher, batch_size, device: device.clone(), next: AtomicU64::new(0), part }
    }

    /// Skips the first epochs.
    pub fn starting_at(self, epoch: u64) -> Self {
        Self { next: AtomicU64::new(epoch), ..self }
    }

    /// A separate loader that continues from here.
    fn on(&self, device: &Device, part: Range<usize>) -> Self {
        Self {
            sampler: self.sampler.clone(),
            batcher: self.batcher.clone(),
            batch_size: self.batch_size,
            device: device.clone(),
            next: AtomicU64::new(self.next.load(Ordering::Relaxed)),
            part,
        }
    }
}

impl DataLoader<SampleBatch> for EpochLoader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<SampleBatch> + 'a> {
        let epoch = self.next.fetch_add(1, Ordering::Relaxed);
        let first = epoch * self.sampler.epoch_len() as u64;
        let draws = self.sampler.epoch(epoch);
        let draws =
            self.part.clone().map(|index| IndexedDraw { draw: draws[index], index: first + index as u64 }).collect();
        Box::new(Epoch { loader: self, draws, taken: 0 })
    }

    fn num_items(&self) -> usize {
        self.part.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<SampleBatch>> {
        Arc::new(self.on(device, self.part.clone()))
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<SampleBatch>> {
        let part = self.part.start + start..self.part.start + end;
        assert!(start <= end && part.end <= self.part.end, "draws {start} to {end} of {}", self.part.len());
        Arc::new(self.on(&self.device, part))
    }
}

/// The batches of one epoch.
struct Epoch<'a> {
    loader: &'a EpochLoader,
    draws: Vec<IndexedDraw>,
    taken: usize,
}

impl Iterator for Epoch<'_> {
    type Item = Result<SampleBatch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let draws = self.draws[self.taken..].chunks(self.loader.batch_size).next()?;
        self.taken += draws.len();
        Some(Ok(self.loader.batcher.batch(draws.to_vec(), &self.loader.device)))
    }
}

impl DataLoaderIterator<SampleBatch> for Epoch<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.taken, self.draws.len(), Some("items".into()))
    }
}
