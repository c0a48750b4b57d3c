//! Every bin of a genome at once.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    shard::Shard,
    shared_motifs::SharedMotifs,
    source::ScanSource,
    stretch::{Stretch, StretchReader},
    windows::check_signal,
};
use crate::{
    Result,
    data::{base_codes, prefetch},
    nn::{Model, Network, as_model},
};

/// Stretches that are read ahead.
const AHEAD: usize = 2;
/// Pools of motifs held at a time.
const MOST_VALUES: usize = 1 << 24;
/// Bins that go through the layers behind the motifs together.
const BATCH: usize = 512;
/// Bins of a stretch.
const MOST_BINS: usize = 1 << 13;

/// What a model says of consecutive bins.
#[derive(Debug, Clone, PartialEq)]
pub struct ScannedBins {
    /// The chromosome, as the genome counts them.
    pub chromosome: usize,
    /// The bins, as the grid counts them.
    pub bins: Range<usize>,
    /// The log-odds of being bound, `[bin, task]`.
    pub log_odds: Vec<f32>,
}

impl ScannedBins {
    /// Leaves out all but some of the bins.
    fn cut(mut self, bins: Range<usize>) -> Self {
        let tasks = self.log_odds.len() / self.bins.len();
        self.log_odds.truncate((bins.end - self.bins.start) * tasks);
        self.log_odds.drain(..(bins.start - self.bins.start) * tasks);
        Self { bins, ..self }
    }
}

/// Applies a model to every bin of a genome.
///
/// Windows of neighbouring bins share most of their bases. Motifs, by far the dearest layer, are scanned once along each
/// chromosome, and a window's pools are put together from what was found (`docs/design/genome-scan.md`); what comes after
/// runs on batches of windows. The result is that of [`predict`](super::predict) but for the last digits. Memory does not
/// grow with the genome. A [`Network`] of your own is asked window by window.
///
/// # Examples
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{data::Dataset, nn::ModelFile, predict::{GenomeScan, ScanSource}};
///
/// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
/// let file = ModelFile::open("model.safetensors", &device)?;
/// let scan = GenomeScan::new(&file.model, ScanSource::of_cell(&dataset, 0), &device)?;
/// scan.run(|part| {
///     println!("{} bins of {}", part.bins.len(), dataset.genome().name(part.chromosome));
///     Ok(())
/// })?;
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GenomeScan<'a, N = Model> {
    network: N,
    /// What windows share, if the network is the crate's own.
    shared: Option<SharedMotifs>,
    device: Device,
    reader: StretchReader<'a>,
    chromosomes: Vec<usize>,
    shard: Shard,
    /// Bins of the shard that were scanned before.
    done: usize,
    /// Bins of a batch, and batches of a stretch.
    sizes: (usize, usize),
}

impl<'a, N: Network> GenomeScan<'a, N> {
    /// Prepares to scan all chromosomes.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the network reads a signal and the source has none, or reads more than
    /// one, and if bins or signal are those of another genome.
    pub fn new(network: &N, source: ScanSource<'a>, device: &Device) -> Result<Self> {
        let network = network.valid();
        check_signal(&network, usize::from(source.has_signal()))?;
        source.check()?;
        let shared = as_model(&network).map(|model| SharedMotifs::new(model, source.grid.stride_bp(), device));
        let reader = match &shared {
            Some(shared) => shared.reader(source),
            None => StretchReader::of_windows(source, network.context_bp()),
        };
        let values = shared.as_ref().map_or(1, SharedMotifs::most_values);
        let most = (MOST_VALUES / values).clamp(16, MOST_BINS);
        let batch = BATCH.min(most);
        let chromosomes = (0..source.genome.len()).collect();
        let (device, sizes) = (device.clone().inner(), (batch, most / batch));
        Ok(Self { network, shared, device, reader, chromosomes, shard: Shard::WHOLE, done: 0, sizes })
    }

    /// Scans some chromosomes only, in the order of the genome.
    ///
    /// # Panics
    ///
    /// If there is no such chromosome.
    pub fn with_chromosomes(mut self, chromosomes: &[usize]) -> Self {
        let all = self.reader.source.genome.len();
        if let Some(unknown) = chromosomes.iter().find(|chromosome| **chromosome >= all) {
            panic!("chromosome {unknown} of {all}");
        }
        self.chromosomes.retain(|chromosome| chromosomes.contains(chromosome));
        self
    }

    /// Scans one of several shards of the bins of these chromosomes. What is said of a bin does not depend on the shard, bit
    /// for bit: a stretch that two shards share is scanned by both.
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

    /// Leaves out the first bins of the scan, or of its shard, which were scanned before. What is said of the others does
    /// not change.
    pub fn after(self, done: usize) -> Self {
        Self { done, ..self }
    }

    /// Scans stretches of other sizes.
    #[cfg(test)]
    pub(super) fn with_sizes(self, batch: usize, batches: usize) -> Self {
        Self { sizes: (batch, batches), ..self }
    }

    /// Scans as on a device of another memory.
    #[cfg(test)]
    pub(super) fn with_plain_operations(self) -> Self {
        Self { shared: self.shared.map(SharedMotifs::with_plain_operations), ..self }
    }

    /// Returns the number of bins that are scanned, of a shard if one was chosen, those done before included.
    pub fn bins(&self) -> usize {
        self.range().len()
    }

    /// Scans, and hands over bin after bin, some thousands at a time.
    ///
    /// # Errors
    ///
    /// The first one that `visit` gives.
    pub fn run(&self, mut visit: impl FnMut(ScannedBins) -> Result<()>) -> Result<()> {
        let reader = &self.reader;
        let stretches = self.parts().into_iter().map(|part| (reader.read(part.chromosome, part.stretch), part.wanted));
        prefetch(AHEAD, stretches, |ready| {
            for (stretch, wanted) in ready {
                visit(self.score(stretch).cut(wanted))?;
            }
            Ok(())
        })
    }

    /// The bins of the shard, counted over the chromosomes that are scanned.
    fn range(&self) -> Range<usize> {
        let grid = self.reader.source.grid;
        self.shard.range(self.chromosomes.iter().map(|&chromosome| grid.of_chromosome(chromosome).len()).sum())
    }

    /// What is scanned at a time.
    fn parts(&self) -> Vec<Part> {
        let most = self.sizes.0 * self.sizes.1;
        let Range { start, end } = self.range();
        let (mut parts, mut before) = (Vec::new(), 0);
        for &chromosome in &self.chromosomes {
            let bins = self.reader.source.grid.of_chromosome(chromosome);
            let place = |counted: usize| bins.start + counted.saturating_sub(before).min(bins.len());
            let (first, last) = (place(start + self.done), place(end));
            for from in bins.clone().step_by(most) {
                let stretch = from..bins.end.min(from + most);
                let wanted = first.max(stretch.start)..last.min(stretch.end);
                if !wanted.is_empty() {
                    parts.push(Part { chromosome, stretch, wanted });
                }
            }
            before += bins.len();
        }
        parts
    }

    fn score(&self, stretch: Stretch) -> ScannedBins {
        let batches: Vec<Range<usize>> = (0..stretch.bins.len())
            .step_by(self.sizes.0)
            .map(|start| start..stretch.bins.len().min(start + self.sizes.0))
            .collect();
        let log_odds = match &self.shared {
            Some(shared) => shared.log_odds(&stretch, &batches, &self.device),
            None => self.window_by_window(&stretch, &batches),
        };
        let log_odds = log_odds.into_data().iter::<f32>().collect();
        ScannedBins { chromosome: stretch.chromosome, bins: stretch.bins, log_odds }
    }

    /// The log-odds of a network that shows nothing of its motifs, `[bin, task]`.
    fn window_by_window(&self, stretch: &Stretch, batches: &[Range<usize>]) -> Tensor<2> {
        let (stride, length) = (self.reader.source.grid.stride_bp(), self.reader.context_bp);
        let scores = batches.iter().map(|batch| {
            let codes = base_codes(&windows(&stretch.codes, batch, stride, length), length, &self.device);
            let signal = stretch.signal.as_ref().map(|signal| {
                let shape = [batch.len(), 1, length];
                Tensor::from_data(TensorData::new(windows(signal, batch, stride, length), shape), &self.device)
            });
            self.network.bound_log_odds(codes, signal)
        });
        Tensor::cat(scores.collect(), 0)
    }
}

/// Some of the windows of a stretch, one behind the other.
fn windows<T: Copy>(values: &[T], batch: &Range<usize>, stride: usize, length: usize) -> Vec<T> {
    batch.clone().flat_map(|window| &values[window * stride..][..length]).copied().collect()
}

/// What is scanned at a time.
struct Part {
    chromosome: usize,
    /// From each chromosome's start on as many bins as fit. All of them are scanned, whichever are wanted: a sum of products
    /// may depend on the size of the batch in its last digit.
    stretch: Range<usize>,
    /// Those that are handed over.
    wanted: Range<usize>,
}
