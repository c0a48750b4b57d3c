//! The scan of a genome, bin by bin.

mod breakpoints;
mod chunk;
mod chunk_scorer;
mod dense;
mod filter;
mod motifs;
mod pools;
pub(super) mod shard;
pub(super) mod source;
use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use self::{
    chunk::{Chunk, ChunkReader},
    chunk_scorer::ChunkScorer,
    shard::Shard,
    source::ScanSource,
};
use super::signal::check_signal;
use crate::{
    Result,
    data::{base_codes, prefetch},
    nn::{Model, Network, as_model},
};

/// Number of chunks that are read ahead.
const AHEAD: usize = 2;
/// Number of windows that go through a network of another kind together.
const WINDOWS: usize = 512;
/// Number of windows of a chunk of such a network.
const CHUNK_WINDOWS: usize = 1 << 13;

/// Predictions for consecutive bins.
#[derive(Clone, Debug, PartialEq)]
pub struct ScannedBins {
    /// The chromosome, as the genome counts them.
    pub chromosome: usize,
    /// The bins, as the grid counts them.
    pub bins: Range<usize>,
    /// The log-odds of being bound, `[bin, task]`.
    pub log_odds: Vec<f32>,
}

impl ScannedBins {
    /// Keeps some of the bins.
    fn cut(mut self, bins: Range<usize>) -> Self {
        let tasks = self.log_odds.len() / self.bins.len();
        self.log_odds.truncate((bins.end - self.bins.start) * tasks);
        self.log_odds.drain(..(bins.start - self.bins.start) * tasks);
        Self { bins, ..self }
    }
}

/// Applies a model to every bin of a genome.
///
/// Windows of neighbouring bins share most of their bases. Motifs, by far the most expensive layer, are scanned once
/// along each chromosome, and the pools of each window are assembled from these scores (`docs/design/genome-scan.md`).
/// The other layers run on batches of windows. The result equals that of [`predict`](super::predict) up to rounding.
/// Memory does not grow with the genome. A custom [`Network`] runs window by window.
///
/// # Examples
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{data::Dataset, nn::ModelFile, predict::{GenomeScan, ScanSource}};
///
/// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
/// let file = ModelFile::open("model.safetensors", &device)?;
/// let scan = GenomeScan::new(&file.model, ScanSource::from_dataset(&dataset, 0), &device)?;
/// scan.run(|part| {
///     println!("{} bins of {}", part.bins.len(), dataset.genome().name(part.chromosome));
///     Ok(())
/// })?;
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GenomeScan<'a, N = Model> {
    network: N,
    /// It scores chunks, if the network is the crate's own.
    scorer: Option<ChunkScorer>,
    device: Device,
    reader: ChunkReader<'a>,
    chromosomes: Vec<usize>,
    shard: Shard,
    /// Number of the shard's bins that were scanned before.
    done: usize,
    /// Bins of a batch, and batches of a chunk.
    sizes: (usize, usize),
}

impl<'a, N: Network> GenomeScan<'a, N> {
    /// Prepares to scan all chromosomes.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the network reads another number of signals than the source has,
    /// and if bins or signal belong to another genome.
    pub fn new(network: &N, source: ScanSource<'a>, device: &Device) -> Result<Self> {
        let network = network.valid();
        check_signal(&network, usize::from(source.has_signal()))?;
        source.check()?;
        let scorer = as_model(&network).map(|model| ChunkScorer::new(model, source.grid.stride_bp(), device));
        let reader = match &scorer {
            Some(scorer) => scorer.reader(source),
            None => ChunkReader::for_windows(source, network.context_bp()),
        };
        let sizes = scorer.as_ref().map_or((WINDOWS, CHUNK_WINDOWS / WINDOWS), ChunkScorer::sizes);
        let chromosomes = (0..source.genome.len()).collect();
        Ok(Self {
            network,
            scorer,
            device: device.clone().inner(),
            reader,
            chromosomes,
            shard: Shard::WHOLE,
            done: 0,
            sizes,
        })
    }

    /// Scans only some chromosomes, in the order of the genome.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn with_chromosomes(mut self, chromosomes: &[usize]) -> Self {
        let all = self.reader.source.genome.len();
        if let Some(unknown) = chromosomes.iter().find(|chromosome| **chromosome >= all) {
            panic!("chromosome {unknown} of {all}");
        }
        self.chromosomes.retain(|chromosome| chromosomes.contains(chromosome));
        self
    }

    /// Scans one of several shards of the bins of these chromosomes. Predictions do not depend on the shard, bit for
    /// bit: a chunk that two shards share is scanned by both.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     genome::{BinGrid, Genome},
    ///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
    ///     predict::{GenomeScan, ScanSource, Shard},
    /// };
    ///
    /// let device = Device::default();
    /// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 2).init(&device);
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let scan = GenomeScan::new(&model, ScanSource::new(&genome, &grid), &device)?;
    /// assert_eq!(scan.bins(), 11);
    /// assert_eq!(scan.with_shard("2/3".parse()?).bins(), 4);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_shard(self, shard: Shard) -> Self {
        Self { shard, ..self }
    }

    /// Skips the first bins of the scan, or of its shard, which were scanned before. Predictions of the others do not
    /// change.
    pub fn skipping(self, bins: usize) -> Self {
        Self { done: bins, ..self }
    }

    /// Scans chunks of other sizes.
    #[cfg(test)]
    pub(super) fn with_sizes(self, batch: usize, batches: usize) -> Self {
        Self { sizes: (batch, batches), ..self }
    }

    /// Scans with tensor operations, as on other devices than the host.
    #[cfg(test)]
    pub(super) fn with_tensor_operations(self) -> Self {
        Self { scorer: self.scorer.map(ChunkScorer::with_tensor_operations), ..self }
    }

    /// Returns the number of bins of the scan or of its shard, including those scanned before.
    pub fn bins(&self) -> usize {
        self.range().len()
    }

    /// Scans, and passes the bins to `visit` in order, some thousands at a time.
    ///
    /// # Errors
    ///
    /// The first one that `visit` returns.
    pub fn run(&self, mut visit: impl FnMut(ScannedBins) -> Result<()>) -> Result<()> {
        let reader = &self.reader;
        let chunks = self.parts().into_iter().map(|part| (reader.read(part.chromosome, part.bins), part.wanted));
        prefetch(AHEAD, chunks, |ready| {
            for (chunk, wanted) in ready {
                visit(self.score(chunk).cut(wanted))?;
            }
            Ok(())
        })
    }

    /// Scans the chunks that hold some bins, in rising order, and passes the log-odds of each bin to `visit`.
    pub(super) fn run_at(&self, bins: &[usize], mut visit: impl FnMut(&[f32])) {
        let reader = &self.reader;
        let chunks = self.chunks(bins).map(|(chunk, wanted)| {
            let chromosome = reader.source.grid.interval(chunk.start).chromosome;
            (reader.read(chromosome, chunk), wanted)
        });
        prefetch(AHEAD, chunks, |ready| {
            for (chunk, wanted) in ready {
                let ScannedBins { bins, log_odds, .. } = self.score(chunk);
                let tasks = log_odds.len() / bins.len();
                for bin in wanted {
                    visit(&log_odds[(bin - bins.start) * tasks..][..tasks]);
                }
            }
        });
    }

    /// Returns whether a scan of some bins, in rising order, beats windows. Motifs are shared by all windows that cover
    /// a base, the dense layer is computed for each of the scanned bins, and a body is as slow as in windows.
    pub(super) fn pays(&self, bins: &[usize]) -> bool {
        let scanned: usize = self.chunks(bins).map(|(chunk, _)| chunk.len()).sum();
        let (context, stride) = (self.reader.context_bp, self.reader.source.grid.stride_bp());
        let is_dense = self.scorer.as_ref().is_some_and(ChunkScorer::is_dense);
        scanned <= bins.len() * (context / stride).min(2) && (is_dense || 10 * scanned <= 11 * bins.len())
    }

    /// Scans another cell type of the same genome and bins.
    pub(super) fn at_source(mut self, source: ScanSource<'a>) -> Self {
        self.reader.source = source;
        self
    }

    /// The chunks that hold some bins, in rising order, with those bins.
    fn chunks<'b>(&'b self, bins: &'b [usize]) -> impl Iterator<Item = (Range<usize>, &'b [usize])> {
        let (grid, size) = (self.reader.source.grid, self.sizes.0 * self.sizes.1);
        let chunk = move |bin: usize| {
            let all = grid.on_chromosome(grid.interval(bin).chromosome);
            let start = bin - (bin - all.start) % size;
            start..all.end.min(start + size)
        };
        bins.chunk_by(move |one, other| chunk(*one) == chunk(*other)).map(move |bins| (chunk(bins[0]), bins))
    }

    /// The bins of the shard, counted over the scanned chromosomes.
    fn range(&self) -> Range<usize> {
        let grid = self.reader.source.grid;
        self.shard.range(self.chromosomes.iter().map(|&chromosome| grid.on_chromosome(chromosome).len()).sum())
    }

    /// The chunks with bins of the shard that are not done.
    fn parts(&self) -> Vec<Part> {
        let size = self.sizes.0 * self.sizes.1;
        let Range { start, end } = self.range();
        let (mut parts, mut before) = (Vec::new(), 0);
        for &chromosome in &self.chromosomes {
            let bins = self.reader.source.grid.on_chromosome(chromosome);
            let place = |counted: usize| bins.start + counted.saturating_sub(before).min(bins.len());
            let (first, last) = (place(start + self.done), place(end));
            before += bins.len();
            for from in bins.clone().step_by(size) {
                let bins = from..bins.end.min(from + size);
                let wanted = first.max(bins.start)..last.min(bins.end);
                if !wanted.is_empty() {
                    parts.push(Part { chromosome, bins, wanted });
                }
            }
        }
        parts
    }

    fn score(&self, chunk: Chunk) -> ScannedBins {
        let starts = (0..chunk.bins.len()).step_by(self.sizes.0);
        let batches: Vec<_> = starts.map(|start| start..chunk.bins.len().min(start + self.sizes.0)).collect();
        let log_odds = match &self.scorer {
            Some(scorer) => scorer.log_odds(&chunk, &batches, &self.device),
            None => self.window_by_window(&chunk, &batches),
        };
        let log_odds = log_odds.into_data().iter::<f32>().collect();
        ScannedBins { chromosome: chunk.chromosome, bins: chunk.bins, log_odds }
    }

    /// The log-odds of a network whose motifs are unknown, `[bin, task]`.
    fn window_by_window(&self, chunk: &Chunk, batches: &[Range<usize>]) -> Tensor<2> {
        let (stride, length) = (self.reader.source.grid.stride_bp(), self.reader.context_bp);
        let scores = batches.iter().map(|batch| {
            let codes = base_codes(&windows(&chunk.codes, batch, stride, length), length, &self.device);
            let signal = chunk.signal.as_ref().map(|signal| {
                let shape = [batch.len(), 1, length];
                Tensor::from_data(TensorData::new(windows(signal, batch, stride, length), shape), &self.device)
            });
            self.network.bound_log_odds(codes, signal)
        });
        Tensor::cat(scores.collect(), 0)
    }
}

/// Some of the windows of a chunk, concatenated.
fn windows<T: Copy>(values: &[T], batch: &Range<usize>, stride: usize, length: usize) -> Vec<T> {
    batch.clone().flat_map(|window| &values[window * stride..][..length]).copied().collect()
}

/// The bins that are scanned together.
struct Part {
    chromosome: usize,
    /// All of them are scanned, whichever are wanted: the last digit of a sum of products may depend on the batch's
    /// size.
    bins: Range<usize>,
    /// The bins that are passed on.
    wanted: Range<usize>,
}
