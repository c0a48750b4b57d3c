//! Every bin of a genome at once.

use std::ops::Range;

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData, s},
};

use super::{
    motifs::Motifs,
    pools::Pools,
    shard::Shard,
    source::ScanSource,
    stretch::{Stretch, StretchReader},
    windows::check_signal,
};
use crate::{
    Result,
    data::prefetch,
    nn::{Model, TaskHead},
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
/// grow with the genome.
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
pub struct GenomeScan<'a> {
    model: Model,
    /// Those of each member.
    motifs: Vec<Motifs>,
    device: Device,
    reader: StretchReader<'a>,
    pools: Pools,
    chromosomes: Vec<usize>,
    shard: Shard,
    /// Bins of the shard that were scanned before.
    done: usize,
    /// Bins of a batch, and batches of a stretch.
    sizes: (usize, usize),
}

impl<'a> GenomeScan<'a> {
    /// Prepares to scan all chromosomes.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if the model reads a signal and the source has none, or reads more than one,
    /// and if bins or signal are those of another genome.
    pub fn new(model: &Model, source: ScanSource<'a>, device: &Device) -> Result<Self> {
        let model = model.valid();
        let trunk = &model.trunk;
        let (width, input) = (trunk.conv.width(), trunk.signal());
        let context_bp = trunk.context_bp();
        check_signal(&model, usize::from(source.has_signal()))?;
        source.check()?;
        let stride = source.grid.stride_bp();
        let pools = Pools::new(stride, &trunk.pools());
        let values = pools.most_values() * trunk.channels();
        let most = (MOST_VALUES / values).clamp(16, MOST_BINS);
        let batch = BATCH.min(most);
        let reader = StretchReader { source, context_bp, input, reach: pools.reach, width };
        let motifs = model.members().map(|member| Motifs::new(&member.trunk, device)).collect();
        let chromosomes = (0..source.genome.len()).collect();
        let (device, sizes) = (device.clone().inner(), (batch, most / batch));
        Ok(Self { model, motifs, device, reader, pools, chromosomes, shard: Shard::WHOLE, done: 0, sizes })
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
        Self { motifs: vec![Motifs::Device; self.motifs.len()], ..self }
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
        let scores =
            self.model.members().zip(&self.motifs).map(|(member, motifs)| self.logits(member, motifs, &stretch));
        let log_odds =
            self.model.head.bound_log_odds(self.model.combined(scores.collect())).into_data().iter::<f32>().collect();
        ScannedBins { chromosome: stretch.chromosome, bins: stretch.bins, log_odds }
    }

    /// What one member says of a stretch.
    fn logits(&self, member: &Model, motifs: &Motifs, stretch: &Stretch) -> Tensor<3> {
        let pieces = motifs.scan(&member.trunk, stretch, &self.pools, &self.device);
        let Stretch { bins, means, .. } = stretch;
        let means = means.as_ref().map(|means| {
            let shape = [bins.len(), means.len() / bins.len()];
            Tensor::<2>::from_data(TensorData::new(means.clone(), shape), &self.device)
        });
        let most = self.sizes.0;
        let scores = (0..bins.len()).step_by(most).map(|start| {
            let batch = start..bins.len().min(start + most);
            let motifs = pieces.windows(batch.clone(), &self.pools, &self.device);
            let means = means.clone().map(|means| means.slice(s![batch]));
            member.after_pools(member.trunk.after_motifs(motifs, means))
        });
        Tensor::cat(scores.collect(), 0)
    }
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
