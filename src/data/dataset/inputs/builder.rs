//! Data sets from values in memory.

use std::collections::BTreeMap;

use super::{
    Inputs,
    label_source::{LabelSource, TrackLabels},
};
use crate::{
    Error, Result,
    data::{
        SignalTransform,
        config::{SplitConfig, TaskUnit, WindowsConfig},
        dataset::{Dataset, source::Source},
        pattern::check_name,
    },
    genome::{Genome, Interval, Labels, PeakSet, SignalTrack},
    motif::MotifSet,
};

/// Builds a data set from values in memory (see [`Dataset::builder`]).
///
/// Nothing is checked before [`build`](Self::build).
#[derive(Debug)]
pub struct DatasetBuilder {
    genome: Genome,
    inputs: Inputs,
    blacklist: Vec<Interval>,
    /// By cell type, as they were added.
    accessibility: Vec<(String, SignalTrack)>,
    /// By factor, then cell type, as they were added.
    tracks: BTreeMap<String, Vec<(String, TrackLabels)>>,
}

impl Dataset {
    /// Starts a data set from a genome and its bins; labels or peaks, accessibility, motifs and a split are added to
    /// it.
    ///
    /// It equals the one that [`Dataset::open`] reads from files of the same contents, down to the last draw of a
    /// training. For sequences without a genome use [`Dataset::from_sequences`].
    ///
    /// # Examples
    /// ```
    /// use multitf::{
    ///     data::{Dataset, Sample, Split, SplitConfig, WindowsConfig},
    ///     genome::{Genome, Interval, Label, PeakSet},
    /// };
    ///
    /// let letters = "ACGT".repeat(250);
    /// let genome = Genome::from_sequences([("chr1", &letters), ("chr2", &letters), ("chr3", &letters)])?;
    /// let peak = |chromosome, start, end| Interval { chromosome, start, end };
    /// let peaks = PeakSet::from_intervals(vec![peak(0, 400, 500), peak(1, 0, 100), peak(2, 10, 90)]);
    /// let split = SplitConfig { valid: vec!["chr2".into()], test: vec!["chr3".into()], ..SplitConfig::default() };
    /// let dataset = Dataset::builder("small", genome, WindowsConfig { bin_bp: 200, stride_bp: 50 })
    ///     .with_peaks("Reb1", "BY4741", peaks, None)
    ///     .with_split(split)
    ///     .build()?;
    /// assert_eq!(dataset.tasks()[0].name, "Reb1@BY4741");
    /// assert_eq!(dataset.label(0, Sample { bin: 7, cell: 0 }), Label::Bound);
    /// assert_eq!(dataset.samples(Split::Train, 300)?.len(), 15);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn builder(name: impl Into<String>, genome: Genome, windows: WindowsConfig) -> DatasetBuilder {
        let inputs = Inputs { name: name.into(), windows: Some(windows), ..Inputs::default() };
        DatasetBuilder { genome, inputs, blacklist: Vec::new(), accessibility: Vec::new(), tracks: BTreeMap::new() }
    }
}

impl DatasetBuilder {
    /// Adds the labels of a factor in a cell type, one for each bin, in order.
    pub fn with_labels(self, factor: impl Into<String>, cell: impl Into<String>, labels: impl Into<Labels>) -> Self {
        self.with_track(factor.into(), cell.into(), TrackLabels::Labels(labels.into()))
    }

    /// Adds the peaks of a factor in a cell type, and relaxed ones, if any, which make bins ambiguous. Labels follow by
    /// [`Labels::from_peaks`].
    pub fn with_peaks(
        self,
        factor: impl Into<String>,
        cell: impl Into<String>,
        peaks: PeakSet,
        relaxed: Option<PeakSet>,
    ) -> Self {
        self.with_track(factor.into(), cell.into(), TrackLabels::Peaks { peaks, relaxed })
    }

    fn with_track(mut self, factor: String, cell: String, labels: TrackLabels) -> Self {
        self.tracks.entry(factor).or_default().push((cell, labels));
        self
    }

    /// Adds the accessibility of a cell type, not transformed.
    pub fn with_accessibility(mut self, cell: impl Into<String>, track: SignalTrack) -> Self {
        self.accessibility.push((cell.into(), track));
        self
    }

    /// Sets the transform of accessibility; the default is `log1p`.
    pub fn with_transform(mut self, transform: SignalTransform) -> Self {
        self.inputs.transform = transform;
        self
    }

    /// Adds intervals; bins that touch one are `Missing` in every track.
    pub fn with_blacklist(mut self, intervals: impl IntoIterator<Item = Interval>) -> Self {
        self.blacklist.extend(intervals);
        self
    }

    /// Sets the motifs, from which filters are initialized; [`MotifSet::for_factor`] says which are a factor's.
    pub fn with_motifs(mut self, motifs: MotifSet) -> Self {
        self.inputs.motifs = Some(Source::Memory(motifs));
        self
    }

    /// Names a factor's motifs, by identifier or alternate name, where its own name does not match them.
    pub fn with_motif_names<S: Into<String>>(
        mut self,
        factor: impl Into<String>,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        self.inputs.motif_names.insert(factor.into(), names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets what a task is; the default is a factor with accessibility, and else a factor in a cell type.
    pub fn with_task_unit(mut self, unit: TaskUnit) -> Self {
        self.inputs.unit = Some(unit);
        self
    }

    /// Sets the regions and cell types of train, valid and test.
    pub fn with_split(mut self, split: SplitConfig) -> Self {
        self.inputs.split = split;
        self
    }

    /// Builds the data set.
    ///
    /// # Errors
    /// [`Error::Config`] for settings that cannot work, such as regions outside the genome; [`Error::Mismatch`] for
    /// another number of labels than bins, intervals and accessibility of another genome, and tracks that were added
    /// twice; [`Error::EmptySplit`] for a split without a labelled bin.
    pub fn build(mut self) -> Result<Dataset> {
        let has_tracks = !self.tracks.is_empty();
        Error::unless(has_tracks, "labels", "labels or peaks of at least one factor", "none")?;
        let has_motifs = self.inputs.motifs.is_some() || self.inputs.motif_names.is_empty();
        Error::unless(has_motifs, "motifs", "motifs, since some are named", "none")?;
        for (cell, track) in self.accessibility {
            check_name("the name of a cell type", &cell)?;
            let what = format!("the accessibility of {cell}");
            if self.inputs.accessibility.insert(cell, Source::Memory(track)).is_some() {
                return Err(Error::mismatch(what, "once", "twice"));
            }
        }
        let sources = self.tracks.into_iter().map(|(factor, tracks)| LabelSource::from_tracks(factor, tracks));
        self.inputs.sources = sources.collect::<Result<_>>()?;
        self.inputs.blacklist = Some(Source::Memory(self.blacklist));
        self.inputs.assemble(Source::Memory(self.genome))
    }
}
