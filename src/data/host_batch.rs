//! Batches in the host's memory.

use rand::RngExt;

use super::{Dataset, Draw, context::context_start};
use crate::{
    genome::{Label, base},
    random::stream,
};

/// Keeps the builder's random streams apart from those of others with the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"strands ");

/// A batch in the host's memory: flat vectors, the last axis fastest.
///
/// # Shapes
/// - `codes`: `[batch, length]`
/// - `signal`: `[batch, channel, length]`, empty without accessibility
/// - `labels`: `[batch, task]`
/// - `weights`: `[batch]`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostBatch {
    /// The number of samples.
    pub size: usize,
    /// Base codes, 0 to 3 for A, C, G and T, 4 for N and outside the chromosome.
    pub codes: Vec<u8>,
    /// Transformed accessibility; 0 outside the chromosome.
    pub signal: Vec<f32>,
    /// Labels.
    pub labels: Vec<Label>,
    /// The weight of each sample in the loss.
    pub weights: Vec<f32>,
}

/// Builds the batch of some draws: inputs, labels and weights.
///
/// # Examples
/// ```
/// use multitf::{data::{BatchBuilder, Dataset, Draw, Sample}, genome::Label};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-batch-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)))?;
/// # std::fs::write(folder.join("Reb1.bed"), "chr1\t0\t100\nchr2\t0\t100\nchr3\t10\t90\n")?;
/// # std::fs::write(folder.join("dataset.toml"), r#"
/// #     name = "small"
/// #     genome = "genome.fa"
/// #     windows = { bin_bp = 4, stride_bp = 4 }
/// #     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
/// #     split = { valid = ["chr2"], test = ["chr3"] }
/// # "#)?;
/// # let path = folder.join("dataset.toml");
/// let dataset = Dataset::open(path)?;
/// let builder = BatchBuilder::new(&dataset, &[0], 6);
/// let batch = builder.build(&[Draw { sample: Sample { bin: 0, cell: 0 }, weight: 1.0 }], 0);
/// assert_eq!(batch.codes, [4, 0, 1, 2, 3, 0]);
/// assert_eq!(batch.labels, [Label::Bound]);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BatchBuilder<'a> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    context_bp: usize,
    /// The seed for reverse-complementing samples; `None` for never.
    reverse_complement_seed: Option<u64>,
}

impl<'a> BatchBuilder<'a> {
    /// Makes a builder for a context centred on each bin, on the forward strand.
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], context_bp: usize) -> Self {
        Self { dataset, tasks, context_bp, reverse_complement_seed: None }
    }

    /// Takes the reverse complement of about half of the samples.
    pub fn with_reverse_complement(self, seed: u64) -> Self {
        Self { reverse_complement_seed: Some(seed), ..self }
    }

    /// Builds a batch; the seed and `step` decide which samples are reverse-complemented.
    ///
    /// # Panics
    /// Panics if the data set has no such task, cell type or bin, and if the context is shorter than a sequence without
    /// a genome.
    pub fn build(&self, draws: &[Draw], step: u64) -> HostBatch {
        if let Err(error) = self.dataset.check_context(self.context_bp) {
            panic!("{error}");
        }
        let size = draws.len();
        let length = self.context_bp;
        let mut batch = HostBatch {
            size,
            codes: vec![base::N; size * length],
            signal: vec![0.0; if self.dataset.has_signal() { size * length } else { 0 }],
            labels: Vec::with_capacity(size * self.tasks.len()),
            weights: draws.iter().map(|draw| draw.weight).collect(),
        };
        let mut random = self.reverse_complement_seed.map(|seed| stream(&[seed, STREAM, step]));
        for (i, draw) in draws.iter().enumerate() {
            let reverse = random.as_mut().is_some_and(RngExt::random);
            let place = i * length..(i + 1) * length;
            let signal = batch.signal.get_mut(place.clone()).unwrap_or_default();
            self.fill(draw, reverse, &mut batch.codes[place], signal);
            batch.labels.extend(self.tasks.iter().map(|&task| self.dataset.label(task, draw.sample)));
        }
        batch
    }

    fn fill(&self, draw: &Draw, reverse: bool, codes: &mut [u8], signal: &mut [f32]) {
        let bin = self.dataset.grid().interval(draw.sample.bin as usize);
        let start = context_start(bin, self.context_bp);
        self.dataset.genome().decode(bin.chromosome, start, codes);
        self.dataset.fill_signal(usize::from(draw.sample.cell), bin.chromosome, start, signal);
        if reverse {
            codes.reverse();
            signal.reverse();
            for code in codes {
                *code = base::complement(*code);
            }
        }
    }
}
