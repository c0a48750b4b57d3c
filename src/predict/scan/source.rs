//! The data that a scan reads.

use crate::{
    Error, Result,
    data::{Dataset, QuantileMap, SignalTransform, context_start},
    genome::{BinGrid, Genome, Interval, SignalTrack},
};

/// The data that a [`GenomeScan`](crate::predict::GenomeScan) reads: a genome, its bins, and the accessibility of one
/// cell type.
///
/// # Examples
///
/// ```
/// use multitf::{
///     data::SignalTransform,
///     genome::{BinGrid, Genome, Interval, SignalTrack},
///     predict::ScanSource,
/// };
///
/// let genome = Genome::from_sequences([("chr1", "ACGT".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let track = SignalTrack::from_runs(&genome, [(Interval { chromosome: 0, start: 2, end: 5 }, 4.0)])?;
/// let source = ScanSource::new(&genome, &grid).with_signal(&track, SignalTransform::Log1p);
/// assert_eq!(source.transform(), Some(SignalTransform::Log1p));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ScanSource<'a> {
    pub(in crate::predict) genome: &'a Genome,
    pub(in crate::predict) grid: &'a BinGrid,
    signal: Option<(&'a SignalTrack, SignalTransform)>,
    map: Option<&'a QuantileMap>,
}

impl<'a> ScanSource<'a> {
    /// Reads only the sequence.
    pub fn new(genome: &'a Genome, grid: &'a BinGrid) -> Self {
        Self { genome, grid, signal: None, map: None }
    }

    /// Reads a signal, too. [`SignalTransform::Quantile`] goes with [`with_quantile_map`](Self::with_quantile_map).
    pub fn with_signal(self, track: &'a SignalTrack, transform: SignalTransform) -> Self {
        Self { signal: Some((track, transform)), ..self }
    }

    /// Reads a signal, normalised between cell types.
    ///
    /// ```
    /// use multitf::{
    ///     data::{QuantileMap, SignalReference, SignalTransform},
    ///     genome::{BinGrid, Genome, Interval, SignalTrack},
    ///     predict::ScanSource,
    /// };
    ///
    /// let genome = Genome::from_sequences([("chr1", "ACGT".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let track = SignalTrack::from_runs(&genome, [(Interval { chromosome: 0, start: 2, end: 5 }, 4.0)])?;
    /// let map = QuantileMap::new(&track, &genome, &SignalReference::new(&[&track], &genome));
    /// let source = ScanSource::new(&genome, &grid).with_quantile_map(&track, &map);
    /// assert_eq!(source.transform(), Some(SignalTransform::Quantile));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_quantile_map(self, track: &'a SignalTrack, map: &'a QuantileMap) -> Self {
        Self { signal: Some((track, SignalTransform::Quantile)), map: Some(map), ..self }
    }

    /// Reads a data set's genome and bins, and the accessibility of a cell type if it has any.
    pub fn from_dataset(dataset: &'a Dataset, cell: usize) -> Self {
        let signal = dataset.signal(cell).map(|track| (track, dataset.transform()));
        Self { genome: dataset.genome(), grid: dataset.grid(), signal, map: dataset.quantile_map(cell) }
    }

    /// Returns the genome.
    pub(crate) fn genome(&self) -> &'a Genome {
        self.genome
    }

    /// Returns whether there is a signal.
    pub fn has_signal(&self) -> bool {
        self.signal.is_some()
    }

    /// Returns the transform of the signal, if there is one.
    pub fn transform(&self) -> Option<SignalTransform> {
        self.signal.map(|(_, transform)| transform)
    }

    /// Refuses bins and a signal of another genome.
    pub(in crate::predict) fn check(&self) -> Result<()> {
        let mismatch = |what: &str, expected: String, found: String| {
            Err(Error::mismatch(what, expected, format!("{found}: are they of another genome?")))
        };
        let (genome, grid) = (self.genome, self.grid);
        if grid.has_one_bin_per_chromosome() {
            let found = format!("{} sequences, each of which is one: score them with SequenceScorer", grid.len());
            return Err(Error::mismatch("the bins of a scan", "some at one distance on a genome", found));
        }
        let expected = BinGrid::new(genome, grid.bin_bp(), grid.stride_bp())?;
        if expected != *grid {
            return mismatch("the bins", format!("{} on the genome", expected.len()), grid.len().to_string());
        }
        let lengths = (0..genome.len()).map(|chromosome| genome.length(chromosome));
        match self.signal {
            Some((track, _)) if !track.lengths().eq(lengths) => {
                let size = |count: usize, bases: usize| format!("{count} chromosomes of {bases} bases");
                let found = size(track.lengths().count(), track.lengths().sum());
                mismatch("the signal", size(genome.len(), genome.total_bases()), found)
            }
            Some((_, SignalTransform::Quantile)) if self.map.is_none() => {
                Err(Error::mismatch("the signal", "its quantile map, for that transform", "none"))
            }
            _ => Ok(()),
        }
    }

    /// Returns the starts of the contexts of bins that hold an interval.
    pub(crate) fn contexts_of(&self, interval: Interval, context_bp: usize) -> impl Iterator<Item = i64> {
        let (stride, bins) = (self.grid.stride_bp() as i64, self.grid.on_chromosome(interval.chromosome).len() as i64);
        let bin = Interval { chromosome: interval.chromosome, start: 0, end: self.grid.bin_bp() };
        let first = context_start(bin, context_bp);
        // Start and end both lie in the context.
        let from = (interval.end as i64 - context_bp as i64 - first + stride - 1).div_euclid(stride).max(0);
        let to = (interval.start as i64 - first).div_euclid(stride).min(bins - 1);
        (from..=to).map(move |bin| first + bin * stride)
    }

    /// Fills `out` with the transformed signal from `start` on, 0 outside the chromosome.
    pub(crate) fn fill_signal(&self, chromosome: usize, start: i64, out: &mut [f32]) {
        if let Some((track, transform)) = self.signal {
            track.fill(chromosome, start, out);
            match self.map {
                Some(map) => map.apply(out),
                None => transform.apply(out),
            }
        }
    }
}
