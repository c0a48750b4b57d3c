//! What a model says of samples, window by window.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    data::{Batch, BatchBuilder, Dataset, Draw, SampleSet, prefetch},
    genome::Label,
    metric::Curve,
    nn::Model,
};

/// What a model says of samples.
#[derive(Debug, Clone)]
pub struct Predictions {
    /// The samples.
    pub samples: SampleSet,
    /// The tasks, as the data set counts them.
    pub tasks: Vec<usize>,
    /// The log-odds of being bound of each task, in the order of the samples.
    pub logits: Vec<Vec<f32>>,
}

/// The average precision of a track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackPrecision {
    /// The task's name.
    pub task: String,
    /// The cell type.
    pub cell: String,
    /// None without a bound bin, and without an unbound one.
    pub average_precision: Option<f64>,
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
        // A device computes a batch while the one before is read back.
        let mut computing = None;
        for host in ready {
            let batch = Batch::new(&host, &device);
            let scores = model.bound_log_odds(batch.codes, batch.signal);
            if let Some(scores) = computing.replace(scores) {
                append(&mut logits, scores);
            }
        }
        if let Some(scores) = computing {
            append(&mut logits, scores);
        }
    });
    Predictions { samples, tasks: tasks.to_vec(), logits }
}

/// Appends scores `[batch, task]` to the logits of each task.
fn append(logits: &mut [Vec<f32>], scores: Tensor<2>) {
    let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
    for row in scores.chunks_exact(logits.len()) {
        logits.iter_mut().zip(row).for_each(|(logits, score)| logits.push(*score));
    }
}

impl Predictions {
    /// Returns the average precision of each track, by task and cell type.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Predictions`] if they are not of the data set's samples and tasks, and
    /// [`crate::Error::ScoreNan`] if a logit is not a number.
    pub fn average_precisions(&self, dataset: &Dataset) -> Result<Vec<TrackPrecision>> {
        self.check(dataset)?;
        let mut precisions = Vec::new();
        for (task, logits) in self.tasks.iter().zip(&self.logits) {
            let labels: Vec<Label> = self.samples.iter().map(|sample| dataset.label(*task, sample)).collect();
            for (cell, range) in self.samples.cell_ranges() {
                let average_precision = Curve::new(&logits[range.clone()], &labels[range])?.average_precision();
                let task = dataset.tasks()[*task].name.clone();
                let cell = dataset.cells()[usize::from(cell)].name.clone();
                precisions.push(TrackPrecision { task, cell, average_precision });
            }
        }
        Ok(precisions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::{
            LabelShares, Split,
            simulate::{SimulationConfig, simulate},
            test_folder::TestFolder,
        },
        nn::{Architecture, Purpose},
    };

    #[test]
    fn a_sample_is_predicted_the_same_alone_and_among_others() {
        let folder = TestFolder::new("predict");
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let (device, tasks) = (Device::default(), [2, 7]);
        let shares = LabelShares::from_counts([0.0, 0.9, 0.0, 0.1]);
        let purpose = Purpose { shares: vec![shares; 2], tracks: 1, profiles: Vec::new(), base_frequencies: [0.25; 4] };
        let model = Architecture::default().build(&purpose, 3, &device).unwrap();
        let samples = dataset.samples(Split::Test, 300).unwrap();
        let together = predict(&model, &dataset, &tasks, samples.clone(), 300, &device);
        assert_eq!(together.logits[1].len(), samples.len());
        let builder = BatchBuilder::new(&dataset, &tasks, 300);
        for index in (0..samples.len()).step_by(samples.len() / 7) {
            let sample = samples.get(index).unwrap();
            let batch = Batch::new(&builder.build(&[Draw { sample, weight: 1.0 }], 0), &device);
            let alone = model.bound_log_odds(batch.codes, batch.signal).into_data();
            for (alone, logits) in alone.iter::<f32>().zip(&together.logits) {
                assert!((alone - logits[index]).abs() < 1e-5 * (1.0 + alone.abs()), "{alone} {}", logits[index]);
            }
        }
    }
}
