//! What a model says of samples, window by window.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
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
    /// None without a bound bin.
    pub average_precision: Option<f64>,
}

/// Applies a model to samples.
///
/// The result for a sample does not depend on the others. The tasks are those of the model's outputs, in their order.
///
/// # Errors
///
/// [`Error::Mismatch`] for another number of tasks than the model's, a task that the data set has not or that comes twice, a
/// context that is not the model's, accessibility that the model reads and the data set has not, or samples of another data
/// set.
pub fn predict(
    model: &Model,
    dataset: &Dataset,
    tasks: &[usize],
    samples: SampleSet,
    context_bp: usize,
    device: &Device,
) -> Result<Predictions> {
    const BATCH: usize = 256;
    const AHEAD: usize = 4;
    let mut predictions = Predictions { samples, tasks: tasks.to_vec(), logits: vec![Vec::new(); tasks.len()] };
    predictions.check_names(dataset)?;
    same("the context", model.trunk.context_bp(), context_bp)?;
    check_signal(model, usize::from(dataset.has_signal()))?;
    let model = model.valid();
    let device = device.clone().inner();
    let builder = BatchBuilder::new(dataset, tasks, context_bp);
    let draws: Vec<Draw> = predictions.samples.iter().map(|sample| Draw { sample, weight: 1.0 }).collect();
    prefetch(AHEAD, draws.chunks(BATCH).map(|draws| builder.build(draws, 0)), |ready| {
        // A device computes a batch while the one before is read back.
        let mut computing = None;
        for host in ready {
            let batch = Batch::new(&host, &device)?;
            let scores = model.bound_log_odds(batch.codes, batch.signal);
            if let Some(scores) = computing.replace(scores) {
                predictions.append(scores)?;
            }
        }
        computing.map_or(Ok(()), |scores| predictions.append(scores))
    })?;
    predictions.check_lengths()?;
    Ok(predictions)
}

/// Refuses a number of tracks of accessibility that is not the one which a model reads, if it reads any.
pub(super) fn check_signal(model: &Model, found: usize) -> Result<()> {
    match model.trunk.signal_tracks() {
        Some(expected) if expected != found => {
            let tracks = |count: usize| if count == 0 { "none".to_owned() } else { count.to_string() };
            same("the tracks of accessibility that the model reads", tracks(expected), tracks(found))
        }
        _ => Ok(()),
    }
}

fn same<T: PartialEq + ToString>(what: &str, expected: T, found: T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what: what.into(), expected: expected.to_string(), found: found.to_string() })
}

impl Predictions {
    /// Returns the average precision of each track, by task and cell type.
    ///
    /// # Errors
    ///
    /// [`Error::ScoreNan`] if a logit is not a number; [`Error::Mismatch`] if there is not a logit for each sample and task, or
    /// the data set has not those samples and tasks.
    pub fn average_precisions(&self, dataset: &Dataset) -> Result<Vec<TrackPrecision>> {
        self.check_names(dataset)?;
        self.check_lengths()?;
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

    /// Appends scores `[batch, task]` to the logits of each task.
    fn append(&mut self, scores: Tensor<2>) -> Result<()> {
        same("the number of tasks, which is that of the model's outputs", scores.dims()[1], self.tasks.len())?;
        let scores: Vec<f32> = scores.into_data().iter::<f32>().collect();
        for row in scores.chunks_exact(self.logits.len()) {
            self.logits.iter_mut().zip(row).for_each(|(logits, score)| logits.push(*score));
        }
        Ok(())
    }

    /// Refuses tasks and samples that a data set has not.
    fn check_names(&self, dataset: &Dataset) -> Result<()> {
        let mismatch = |what: &str, expected: String, found: usize| {
            let (what, found) = (format!("{what} of data set {}", dataset.name()), found.to_string());
            Err(Error::Mismatch { what, expected, found })
        };
        let (tasks, cells, bins) = (dataset.tasks().len(), dataset.cells().len(), dataset.grid().len());
        for (place, &task) in self.tasks.iter().enumerate() {
            if task >= tasks {
                return mismatch("a task", format!("one of {tasks}, counted from 0"), task);
            }
            if self.tasks[..place].contains(&task) {
                return mismatch("the tasks", "each of them once".into(), task);
            }
        }
        for (cell, range) in self.samples.cell_ranges() {
            if usize::from(cell) >= cells {
                return mismatch("a sample's cell type", format!("one of {cells}, counted from 0"), cell.into());
            }
            let last = range.end.checked_sub(1).and_then(|last| self.samples.get(last));
            if let Some(last) = last.filter(|last| last.bin as usize >= bins) {
                return mismatch("a sample's bin", format!("one of {bins}, counted from 0"), last.bin as usize);
            }
        }
        Ok(())
    }

    /// Refuses other than a logit for each sample and task.
    fn check_lengths(&self) -> Result<()> {
        same("the number of tasks with predictions", self.tasks.len(), self.logits.len())?;
        self.logits.iter().try_for_each(|logits| same("the number of predictions", self.samples.len(), logits.len()))
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
        genome::{Genome, write_bigwig},
        nn::{Architecture, ModelConfig, MotifConvConfig, Purpose, SignalInput, TrunkConfig},
    };

    /// A world without accessibility, of as many factors as names.
    fn plain(folder: &TestFolder, names: &[&str]) -> Dataset {
        folder.write("genome.fa", format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)));
        for name in names {
            folder.write(&format!("{name}.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n");
        }
        let text = "name = 'small'\ngenome = 'genome.fa'\nwindows = { bin_bp = 200, stride_bp = 50 }\n\
                    peaks = { pattern = '{tf}.bed', cell = 'BY4741' }\ntasks = { per = 'tf' }\n\
                    split = { valid = ['chr2'], test = ['chr3'] }\n";
        Dataset::open(folder.write("dataset.toml", text)).unwrap()
    }

    fn model(context_bp: usize, tasks: usize, signal: SignalInput) -> Model {
        let trunk = TrunkConfig::new(context_bp, MotifConvConfig::new(3, 5)).with_signal(signal);
        ModelConfig::new(trunk, tasks).init(&Device::default())
    }

    #[test]
    fn what_does_not_fit_the_model_or_the_data_is_refused() {
        let folder = TestFolder::new("predict-refused");
        let dataset = plain(&folder, &["A", "B", "C"]);
        let samples = dataset.samples(Split::Test, 60).unwrap();
        let run = |model: &Model, tasks: &[usize], context_bp: usize| {
            predict(model, &dataset, tasks, samples.clone(), context_bp, &Device::default())
        };
        let two = model(60, 2, SignalInput::Absent);
        let found = run(&two, &[2, 0], 60).unwrap();
        assert_eq!(
            [found.logits.len(), found.logits[0].len(), found.logits[1].len()],
            [2, samples.len(), samples.len()]
        );
        let message = |model: &Model, tasks: &[usize], context_bp| {
            let error = run(model, tasks, context_bp).unwrap_err();
            assert!(matches!(error, Error::Mismatch { .. }));
            error.to_string()
        };
        let number = "the number of tasks, which is that of the model's outputs: expected 2, found";
        for tasks in [&[0][..], &[0, 1, 2]] {
            assert_eq!(message(&two, tasks, 60), format!("{number} {}", tasks.len()));
        }
        assert_eq!(message(&two, &[], 60), format!("{number} 0"));
        let unknown = "a task of data set small: expected one of 3, counted from 0, found 3";
        assert_eq!(message(&two, &[0, 3], 60), unknown);
        assert_eq!(message(&two, &[1, 1], 60), "the tasks of data set small: expected each of them once, found 1");
        assert_eq!(message(&two, &[0, 1], 61), "the context: expected 60, found 61");
        let reads = model(60, 2, SignalInput::Means(3));
        let signal = "the tracks of accessibility that the model reads: expected 1, found none";
        assert_eq!(message(&reads, &[0, 1], 60), signal);
    }

    #[test]
    fn samples_of_another_data_set_are_refused() {
        let (folder, longer) = (TestFolder::new("predict-samples"), TestFolder::new("predict-longer"));
        let dataset = plain(&folder, &["A"]);
        let model = model(60, 1, SignalInput::Absent);
        let message = |samples: &SampleSet| {
            let error = predict(&model, &dataset, &[0], samples.clone(), 60, &Device::default()).unwrap_err();
            let predictions =
                Predictions { samples: samples.clone(), tasks: vec![0], logits: vec![vec![0.5; samples.len()]] };
            assert_eq!(predictions.average_precisions(&dataset).unwrap_err().to_string(), error.to_string());
            error.to_string()
        };
        // One bin more on the last chromosome.
        plain(&longer, &["A"]);
        let genome = std::fs::read_to_string(longer.path().join("genome.fa")).unwrap();
        longer.write("genome.fa", genome.trim_end().to_owned() + &"A".repeat(50) + "\n");
        let other = Dataset::open(longer.path().join("dataset.toml")).unwrap();
        let bins = dataset.grid().len();
        assert_eq!(other.grid().len(), bins + 1);
        let expected =
            format!("a sample's bin of data set small: expected one of {bins}, counted from 0, found {bins}");
        assert_eq!(message(&other.samples(Split::Test, 60).unwrap()), expected);
        // One cell type more.
        longer.write("B.A549.bed", "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n");
        longer.write("B.BY4741.bed", "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n");
        longer.write("genome.fa", genome);
        let genome = Genome::open(longer.path().join("genome.fa")).unwrap();
        write_bigwig(longer.path().join("a.bw"), &genome, []).unwrap();
        let text = "name = 'small'\ngenome = 'genome.fa'\nwindows = { bin_bp = 200, stride_bp = 50 }\n\
                    peaks = { pattern = '{tf}.{cell}.bed' }\naccessibility = { A549 = 'a.bw', BY4741 = 'a.bw' }\n\
                    split = { valid = ['chr2'], test = ['chr3'] }\n";
        let other = Dataset::open(longer.write("dataset.toml", text)).unwrap();
        let expected = "a sample's cell type of data set small: expected one of 1, counted from 0, found 1";
        assert_eq!(message(&other.samples(Split::Test, 60).unwrap()), expected);
    }

    #[test]
    fn fewer_predictions_than_samples_have_no_score() {
        let folder = TestFolder::new("predict-fewer");
        let dataset = plain(&folder, &["A", "B"]);
        let samples = dataset.samples(Split::Test, 60).unwrap();
        let whole = Predictions { tasks: vec![1, 0], logits: vec![vec![0.5; samples.len()]; 2], samples };
        assert_eq!(whole.average_precisions(&dataset).unwrap().len(), 2);
        let message = |change: fn(&mut Predictions)| {
            let mut predictions = whole.clone();
            change(&mut predictions);
            predictions.average_precisions(&dataset).unwrap_err().to_string()
        };
        let count = whole.samples.len();
        let fewer = format!("the number of predictions: expected {count}, found {}", count - 1);
        assert_eq!(message(|predictions| predictions.logits[1].truncate(predictions.samples.len() - 1)), fewer);
        let more = format!("the number of predictions: expected {count}, found {}", count + 1);
        assert_eq!(message(|predictions| predictions.logits[0].push(0.5)), more);
        let tasks = "the number of tasks with predictions: expected 2, found 1";
        assert_eq!(message(|predictions| predictions.logits.truncate(1)), tasks);
        let unknown = "a task of data set small: expected one of 2, counted from 0, found 9";
        assert_eq!(message(|predictions| predictions.tasks[0] = 9), unknown);
        assert_eq!(message(|predictions| predictions.logits[0][3] = f32::NAN), "score 3 is not a number");
    }

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
        let together = predict(&model, &dataset, &tasks, samples.clone(), 300, &device).unwrap();
        assert_eq!(together.logits[1].len(), samples.len());
        let builder = BatchBuilder::new(&dataset, &tasks, 300);
        for index in (0..samples.len()).step_by(samples.len() / 7) {
            let sample = samples.get(index).unwrap();
            let batch = Batch::new(&builder.build(&[Draw { sample, weight: 1.0 }], 0), &device).unwrap();
            let alone = model.bound_log_odds(batch.codes, batch.signal).into_data();
            for (alone, logits) in alone.iter::<f32>().zip(&together.logits) {
                assert!((alone - logits[index]).abs() < 1e-5 * (1.0 + alone.abs()), "{alone} {}", logits[index]);
            }
        }
    }
}
