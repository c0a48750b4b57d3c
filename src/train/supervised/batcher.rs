//! From draws to batches, in burn's words.

use std::sync::Arc;

use burn::{
    data::{
        dataloader::batcher::Batcher,
        dataset::{Dataset as BurnDataset, DatasetError},
    },
    tensor::Device,
};

use crate::data::{Batch, BatchBuilder, Dataset, Draw, SampleSet};

/// A draw, and its place in the stream of all draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedDraw {
    /// What was drawn.
    pub draw: Draw,
    /// How many were drawn before it.
    pub rank: u64,
}

/// A batch of draws: what a step gets.
#[derive(Debug, Clone)]
pub struct SampleBatch {
    /// What the model sees and should say.
    pub batch: Batch,
    /// The cell type of each sample, as the data set counts them.
    pub cells: Vec<u16>,
    /// The rank of the first draw, from which all that is random in a step follows.
    pub rank: u64,
}

/// Every sample once, weighing 1, in the order of the set.
impl BurnDataset<RankedDraw> for SampleSet {
    fn get(&self, index: usize) -> Result<RankedDraw, DatasetError> {
        let len = SampleSet::len(self);
        let Some(sample) = SampleSet::get(self, index) else { panic!("sample {index} of {len}") };
        Ok(RankedDraw { draw: Draw { sample, weight: 1.0 }, rank: index as u64 })
    }

    fn len(&self) -> usize {
        SampleSet::len(self)
    }
}

/// Builds batches of a data set as a batcher of burn's (see [`BatchBuilder`]).
#[derive(Debug, Clone)]
pub struct DrawBatcher {
    dataset: Arc<Dataset>,
    tasks: Vec<usize>,
    context_bp: usize,
    /// The seed of the strands; none reads the forward strand only.
    strands: Option<u64>,
}

impl DrawBatcher {
    /// Makes a batcher for a context centred on each bin, read on the forward strand.
    pub fn new(dataset: Arc<Dataset>, tasks: &[usize], context_bp: usize) -> Self {
        Self { dataset, tasks: tasks.to_vec(), context_bp, strands: None }
    }

    /// Reads about half of the samples on the other strand.
    pub fn with_reverse_complement(self, seed: u64) -> Self {
        Self { strands: Some(seed), ..self }
    }
}

impl Batcher<RankedDraw, SampleBatch> for DrawBatcher {
    fn batch(&self, items: Vec<RankedDraw>, device: &Device) -> SampleBatch {
        let builder = BatchBuilder::new(&self.dataset, &self.tasks, self.context_bp);
        let builder = match self.strands {
            Some(seed) => builder.with_reverse_complement(seed),
            None => builder,
        };
        let draws: Vec<Draw> = items.iter().map(|item| item.draw).collect();
        let rank = items.first().map_or(0, |item| item.rank);
        let cells = draws.iter().map(|draw| draw.sample.cell).collect();
        let batch = Batch::new(&builder.build(&draws, rank), device).expect("burn asks for no batch of nothing");
        SampleBatch { batch, cells, rank }
    }
}
