//! Predictions for samples.

use std::ops::Range;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{
    batches::{BATCH, score_batches},
    scan::{GenomeScan, source::ScanSource},
    signal::check_signal,
};
use crate::{
    Error, Result,
    data::{Batch, BatchBuilder, Dataset, Draw, HostBatch, SampleSet, Split},
    device::is_host,
    genome::Label,
    metric::Curve,
    nn::{Network, as_model, device_of},
};

/// Predictions for samples.
#[derive(Clone, Debug)]
pub struct Predictions {
    /// The samples.
    pub samples: SampleSet,
    /// The tasks, as the data set counts them.
    pub tasks: Vec<usize>,
    /// The log-odds of being bound by task, in the order of the samples.
    pub logits: Vec<Vec<f32>>,
}

/// The average precision of a track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackPrecision {
    /// The task's name.
    pub task: String,
    /// The cell type.
    pub cell: String,
    /// None without a bound or without an unbound bin.
    pub average_precision: Option<f64>,
}

/// Applies a network to a split of a data set, whose tasks are the network's outputs, in their order.
///
/// The context and the device are the network's. [`predict_samples`] takes other samples, and a network of some of the
/// tasks; [`ModelFile::predict`](crate::nn::ModelFile::predict) matches tasks by name.
///
/// # Errors
///
/// [`Error::Mismatch`] unless the network has an output for each of the data set's tasks, [`Error::EmptySplit`], and
/// those of [`predict_samples`].
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     data::{Dataset, Split}, simulate::{SimulationConfig, simulate},
///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
///     predict::predict,
/// };
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-predict-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let trunk = TrunkConfig::new(240, MotifConvConfig::new(16, 19));
/// let model = ModelConfig::new(trunk, dataset.tasks().len()).init(&Device::default());
/// let predictions = predict(&model, &dataset, Split::Valid)?;
/// assert_eq!(predictions.logits[0].len(), predictions.samples.len());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn predict(network: &impl Network, dataset: &Dataset, split: Split) -> Result<Predictions> {
    predict_samples(network, dataset, &all_tasks(network, dataset)?, dataset.samples(split, network.context_bp())?)
}

/// Returns all tasks of a data set, if a network has an output for each.
///
/// # Errors
///
/// [`Error::Mismatch`] if it does not.
pub(crate) fn all_tasks(network: &impl Network, dataset: &Dataset) -> Result<Vec<usize>> {
    let tasks = dataset.tasks().len();
    if network.tasks() == tasks {
        return Ok((0..tasks).collect());
    }
    let what = format!("the outputs of a network for all tasks of data set {}", dataset.name());
    Err(Error::mismatch(what, tasks, format!("{}: name their tasks", network.tasks())))
}

/// Applies a network to samples.
///
/// The prediction for a sample does not depend on the others, up to rounding. Where they are close together, motifs are
/// scanned once for all, as by [`GenomeScan`]. The tasks are the network's outputs, in their order. The
/// context and the device are the network's.
///
/// # Errors
///
/// [`Error::Mismatch`] for another number of tasks than outputs, a network without weights, and missing accessibility
/// that the network reads; [`Error::Config`] for a context that cuts a sequence without a genome;
/// [`Error::Predictions`] for an unknown or repeated task, and for samples of another data set.
///
/// # Examples
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{data::{Dataset, Split}, nn::ModelFile, predict::predict_samples};
///
/// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
/// let model = ModelFile::open("out/single/Reb1/model.safetensors", &device)?.model;
/// let samples = dataset.samples_for(&[3], Split::Test, 300)?;
/// let predictions = predict_samples(&model, &dataset, &[3], samples)?;
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn predict_samples(
    network: &impl Network,
    dataset: &Dataset,
    tasks: &[usize],
    samples: SampleSet,
) -> Result<Predictions> {
    let mut predictions = Predictions { samples, tasks: tasks.to_vec(), logits: vec![Vec::new(); tasks.len()] };
    predictions.check_names(dataset)?;
    check_signal(network, usize::from(dataset.has_signal()))?;
    dataset.check_context(network.context_bp())?;
    let device = device_of(network)?;
    let network = network.valid();
    let what = "the number of tasks, which is that of the model's outputs";
    Error::unless_equal(what, network.tasks(), tasks.len())?;
    if scan_samples(&network, dataset, &predictions.samples, &device, |row| push(&mut predictions.logits, row))? {
        predictions.check(dataset)?;
        return Ok(predictions);
    }
    let builder = BatchBuilder::new(dataset, tasks, network.context_bp());
    let draws: Vec<Draw> = predictions.samples.iter().map(|sample| Draw { sample, weight: 1.0 }).collect();
    let score = |host: HostBatch| {
        let batch = Batch::new(&host, &device)?;
        let scores = network.bound_log_odds(batch.codes, batch.signal);
        Error::unless_equal(what, scores.dims()[1], tasks.len())?;
        Ok(scores)
    };
    let batches = draws.chunks(BATCH).map(|draws| builder.build(draws, 0));
    score_batches(batches, score, |row| push(&mut predictions.logits, row))?;
    predictions.check(dataset)?;
    Ok(predictions)
}

/// Adds a sample's scores.
fn push(logits: &mut [Vec<f32>], row: &[f32]) {
    logits.iter_mut().zip(row).for_each(|(logits, score)| logits.push(*score));
}

/// Scans the stretches that hold samples, and visits the scores of each sample in order, where that is faster than
/// window by window: in the host's memory, for samples that are close together. Returns whether it did.
fn scan_samples(
    network: &impl Network,
    dataset: &Dataset,
    samples: &SampleSet,
    device: &Device,
    mut visit: impl FnMut(&[f32]),
) -> Result<bool> {
    let Some((first, _)) = samples.cell_ranges().next() else { return Ok(false) };
    if as_model(network).is_none() || !is_host(device) || dataset.has_sequences() {
        return Ok(false);
    }
    let source = |cell: u16| ScanSource::from_dataset(dataset, cell.into());
    let mut scan = GenomeScan::new(network, source(first), device)?;
    let bins = |range: Range<usize>| -> Vec<usize> {
        samples.iter().skip(range.start).take(range.len()).map(|sample| sample.bin as usize).collect()
    };
    if !samples.cell_ranges().all(|(_, range)| scan.pays(&bins(range))) {
        return Ok(false);
    }
    for (cell, range) in samples.cell_ranges() {
        scan = scan.at_source(source(cell));
        scan.run_at(&bins(range), &mut visit);
    }
    Ok(true)
}

impl Predictions {
    /// Returns the average precision of each track, by task and cell type.
    ///
    /// # Errors
    ///
    /// [`Error::Predictions`] for samples or tasks of another data set, and [`Error::ScoreNan`] if a logit is NaN.
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
    use burn::tensor::Device;

    use super::*;
    use crate::{
        data::{LabelShares, SequenceSplit},
        genome::{Genome, write_bigwig},
        nn::{Architecture, DataSummary, Model, ModelConfig, MotifConvConfig, SignalInput, TrunkConfig},
        predict::PredictionFault,
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    /// A world of these factors, without accessibility.
    fn world(folder: &TestFolder, names: &[&str]) -> Dataset {
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
        let dataset = world(&folder, &["A", "B", "C"]);
        let samples = dataset.samples(Split::Test, 60).unwrap();
        let run = |model: &Model, tasks: &[usize]| predict_samples(model, &dataset, tasks, samples.clone());
        let two = model(60, 2, SignalInput::Absent);
        let found = run(&two, &[2, 0]).unwrap();
        assert_eq!(
            [found.logits.len(), found.logits[0].len(), found.logits[1].len()],
            [2, samples.len(), samples.len()]
        );
        let message = |model: &Model, tasks: &[usize]| run(model, tasks).unwrap_err().to_string();
        let number = "the number of tasks, which is that of the model's outputs: expected 2, found";
        for tasks in [&[0][..], &[0, 1, 2]] {
            assert_eq!(message(&two, tasks), format!("{number} {}", tasks.len()));
        }
        assert_eq!(message(&two, &[]), format!("{number} 0"));
        let fault = |tasks: &[usize]| match run(&two, tasks) {
            Err(Error::Predictions { fault }) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(&[0, 3]), PredictionFault::UnknownTask { task: 3, tasks: 3 });
        assert_eq!(fault(&[1, 1]), PredictionFault::RepeatedTask { task: 1 });
        let all = predict(&two, &dataset, Split::Test).unwrap_err().to_string();
        let outputs = "the outputs of a network for all tasks of data set small: expected 3, found 2";
        assert_eq!(all, format!("{outputs}: name their tasks"));
        let three = predict(&model(60, 3, SignalInput::Absent), &dataset, Split::Test).unwrap();
        assert_eq!((three.tasks, three.samples.len()), (vec![0, 1, 2], samples.len()));
        let reads = model(60, 2, SignalInput::Means(3));
        let signal = "the tracks of accessibility that the model reads: expected 1, found none";
        assert_eq!(message(&reads, &[0, 1]), signal);
    }

    #[test]
    fn a_context_that_cuts_sequences_off_is_refused_whatever_the_samples_were_taken_with() {
        let records = [("a", "ACGTAC", [true]), ("b", "ACG", [false]), ("c", "CCCCCC", [true])];
        let split = SequenceSplit::Given(Split::ALL.to_vec());
        let dataset = Dataset::from_sequences("cut", &["A"], records, &split).unwrap();
        let evaluated = dataset.samples(Split::Test, 6).unwrap();
        let message = |context_bp| {
            let trunk = TrunkConfig::new(context_bp, MotifConvConfig::new(3, 3));
            let model = ModelConfig::new(trunk, 1).init(&Device::default());
            predict_samples(&model, &dataset, &[0], evaluated.clone()).map_err(|error| error.to_string()).err()
        };
        let expected = "architecture.context_bp: expected at least 6, the length of the longest sequence: 2 of 3 are \
                        longer than the context, and would be cut, found 4";
        assert_eq!([message(4).as_deref(), message(6).as_deref()], [Some(expected), None]);
    }

    #[test]
    fn samples_of_another_data_set_are_refused() {
        let (folder, longer) = (TestFolder::new("predict-samples"), TestFolder::new("predict-longer"));
        let dataset = world(&folder, &["A"]);
        let model = model(60, 1, SignalInput::Absent);
        let fault = |samples: SampleSet| match predict_samples(&model, &dataset, &[0], samples) {
            Err(Error::Predictions { fault }) => fault,
            other => panic!("{other:?}"),
        };
        // One bin more on the last chromosome.
        world(&longer, &["A"]);
        let genome = std::fs::read_to_string(longer.path().join("genome.fa")).unwrap();
        longer.write("genome.fa", genome.trim_end().to_owned() + &"A".repeat(50) + "\n");
        let other = Dataset::open(longer.path().join("dataset.toml")).unwrap();
        let bins = dataset.grid().len();
        assert_eq!(other.grid().len(), bins + 1);
        let expected = PredictionFault::UnknownSample { bin: bins as u32, cell: 0 };
        assert_eq!(fault(other.samples(Split::Test, 60).unwrap()), expected);
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
        let found = fault(other.samples(Split::Test, 60).unwrap());
        assert!(matches!(found, PredictionFault::UnknownSample { cell: 1, .. }), "{found}");
    }

    #[test]
    fn a_sample_is_predicted_the_same_alone_and_among_others() {
        let folder = TestFolder::new("predict");
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let (device, tasks) = (Device::default(), [2, 7]);
        let shares = LabelShares::from_counts([0.0, 0.9, 0.0, 0.1]);
        let summary =
            DataSummary { shares: vec![shares; 2], tracks: 1, profiles: Vec::new(), base_frequencies: [0.25; 4] };
        let model = Architecture::default().build(&summary, 3, &device).unwrap();
        let samples = dataset.samples(Split::Test, 300).unwrap();
        let together = predict_samples(&model, &dataset, &tasks, samples.clone()).unwrap();
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
