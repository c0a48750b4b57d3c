//! What a model says of samples.

use burn::{module::Module, tensor::Device};

use crate::{
    Result,
    data::{Batch, BatchBuilder, Dataset, Draw, SampleSet, prefetch},
    genome::Label,
    metric::Curve,
    nn::Model,
};

/// Logits of a model for samples.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// The samples.
    pub samples: SampleSet,
    /// The tasks, as the data set counts them.
    pub tasks: Vec<usize>,
    /// The logits of each task, in the order of the samples.
    pub logits: Vec<Vec<f32>>,
}

/// Applies a model to samples.
///
/// The result for a sample does not depend on the others.
///
/// # Panics
///
/// If the model was made for another context, signal or number of tasks.
pub fn predict(
    model: &Model,
    dataset: &Dataset,
    tasks: &[usize],
    samples: SampleSet,
    context_bp: usize,
    device: &Device,
) -> Predictions {
    const BATCH: usize = 256;
    const AHEAD: usize = 4;
    let model = model.valid();
    let device = device.clone().inner();
    let builder = BatchBuilder::new(dataset, tasks, context_bp);
    let draws: Vec<Draw> = samples.iter().map(|sample| Draw { sample, weight: 1.0 }).collect();
    let mut logits = vec![Vec::with_capacity(draws.len()); tasks.len()];
    prefetch(AHEAD, draws.chunks(BATCH).map(|draws| builder.build(draws, 0)), |ready| {
        for host in ready {
            let batch = Batch::new(&host, &device);
            let scores = model.forward(batch.codes, batch.signal).into_data();
            let scores: Vec<f32> = scores.iter::<f32>().collect();
            for row in scores.chunks_exact(tasks.len()) {
                logits.iter_mut().zip(row).for_each(|(logits, score)| logits.push(*score));
            }
        }
    });
    Predictions { samples, tasks: tasks.to_vec(), logits }
}

impl Predictions {
    /// Returns the average precision of each track, by task and cell type; none where it has no bound bin.
    ///
    /// # Errors
    ///
    /// [`crate::Error::ScoreNan`] if a logit is not a number.
    pub fn average_precisions(&self, dataset: &Dataset) -> Result<Vec<Option<f64>>> {
        let mut precisions = Vec::new();
        for (task, logits) in self.tasks.iter().zip(&self.logits) {
            let labels: Vec<Label> = self.samples.iter().map(|sample| dataset.label(*task, sample)).collect();
            for (_, range) in self.samples.cell_ranges() {
                precisions.push(Curve::new(&logits[range.clone()], &labels[range])?.average_precision());
            }
        }
        Ok(precisions)
    }
}
