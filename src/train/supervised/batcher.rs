//! Batches of draws for burn's data loaders.

use std::sync::Arc;

use burn::{
    data::{
        dataloader::batcher::Batcher,
        dataset::{Dataset as BurnDataset, DatasetError},
    },
    tensor::Device,
};

use crate::data::{Batch, BatchBuilder, Dataset, Draw, SampleSet};

/// A draw and its index in the stream of all draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IndexedDraw {
    /// The draw.
    pub draw: Draw,
    /// The number of draws before it.
    pub index: u64,
}

/// A batch of draws: the input of a step.
#[derive(Clone, Debug)]
pub struct SampleBatch {
    /// The tensors.
    pub batch: Batch,
    /// The cell type of each sample, as an index in the data set.
    pub cells: Vec<u16>,
    /// The index of the first draw, which is the random seed of the step.
    pub index: u64,
}

/// Every sample once with a weight of 1, in the order of the set.
impl BurnDataset<IndexedDraw> for SampleSet {
    fn get(&self, index: usize) -> Result<IndexedDraw, DatasetError> {
        let len = SampleSet::len(self);
        let Some(sample) = SampleSet::get(self, index) else { panic!("sample {index} of {len}") };
        Ok(IndexedDraw { draw: Draw { sample, weight: 1.0 }, index: index as u64 })
    }

    fn len(&self) -> usize {
        SampleSet::len(self)
    }
}

/// Builds batches of a data set for burn's loaders (see [`BatchBuilder`]).
#[derive(Clone, Debug)]
pub struct DrawBatcher {
    dataset: Arc<Dataset>,
    tasks: Vec<usize>,
    context_bp: usize,
    /// The seed of the strands; with `None`, only the forward strand is read.
    strand_seed: Option<u64>,
}

impl DrawBatcher {
    /// Creates a batcher for a context centred on each bin, read on the forward strand.
    pub fn new(dataset: Arc<Dataset>, tasks: &[usize], context_bp: usize) -> Self {
        Self { dataset, tasks: tasks.to_vec(), context_bp, strand_seed: None }
    }

    /// Reads a random half of the samples on the reverse strand.
    pub fn with_reverse_complement(self, seed: u64) -> Self {
        Self { strand_seed: Some(seed), ..self }
    }
}

impl Batcher<IndexedDraw, SampleBatch> for DrawBatcher {
    fn batch(&self, items: Vec<IndexedDraw>, device: &Device) -> SampleBatch {
        let mut builder = BatchBuilder::new(&self.dataset, &self.tasks, self.context_bp);
        if let Some(seed) = self.strand_seed {
            builder = builder.with_reverse_complement(seed);
        }
        let draws: Vec<Draw> = items.iter().map(|item| item.draw).collect();
        let index = items.first().map_or(0, |item| item.index);
        let cells = draws.iter().map(|draw| draw.sample.cell).collect();
        let batch = Batch::new(&builder.build(&draws, index), device).expect("burn asks for no empty batch");
        SampleBatch { batch, cells, index }
    }
}
