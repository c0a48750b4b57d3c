//! Data sets from memory.

use std::collections::BTreeMap;

use super::{
    Dataset,
    given::Given,
    parts::Parts,
    sources::{Known, Source},
};
use crate::{
    Error, Result,
    data::{
        Transform,
        config::{SplitConfig, TaskUnit, WindowsConfig},
        pattern::check_name,
    },
    genome::{Genome, Interval, Labels, MissingChromosomes, PeakSet, SignalTrack},
    motif::MotifSet,
};

/// Puts a data set together in memory (see [`Dataset::builder`]).
///
/// Nothing is checked before [`build`](Self::build).
#[derive(Debug)]
pub struct DatasetBuilder {
    name: String,
    genome: Genome,
    windows: WindowsConfig,
    blacklist: Vec<Interval>,
    motifs: Option<MotifSet>,
    motif_names: BTreeMap<String, Vec<String>>,
    accessibility: Vec<(String, SignalTrack)>,
    transform: Transform,
    tracks: BTreeMap<String, Vec<(String, Known)>>,
    unit: Option<TaskUnit>,
    split: SplitConfig,
}

impl Dataset {
    /// Starts a data set of what is in memory: a genome with its bins, to which labels or peaks, accessibility, motifs and a
    /// split are added.
    ///
    /// It is the same as one that [`Dataset::open`] reads from files of the same contents, down to the last draw of a training.
    /// For sequences without a genome there is [`Dataset::from_sequences`].
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
        DatasetBuilder {
            name: name.into(),
            genome,
            windows,
            blacklist: Vec::new(),
            motifs: None,
            motif_names: BTreeMap::new(),
            accessibility: Vec::new(),
            transform: Transform::default(),
            tracks: BTreeMap::new(),
            unit: None,
            split: SplitConfig::default(),
        }
    }
}

impl DatasetBuilder {
    /// Adds the labels of a factor in a cell type, one for each bin in their order.
    pub fn with_labels(self, factor: impl Into<String>, cell: impl Into<String>, labels: impl Into<Labels>) -> Self {
        self.with_known(factor.into(), cell.into(), Known::Labels(labels.into()))
    }

    /// Adds the peaks of a factor in a cell type, and relaxed ones, if there are any, which make bins ambiguous. Labels follow
    /// as [`Labels::from_peaks`] says.
    pub fn with_peaks(
        self,
        factor: impl Into<String>,
        cell: impl Into<String>,
        peaks: PeakSet,
        relaxed: Option<PeakSet>,
    ) -> Self {
        self.with_known(factor.into(), cell.into(), Known::Peaks { peaks, relaxed })
    }

    fn with_known(mut self, factor: String, cell: String, known: Known) -> Self {
        self.tracks.entry(factor).or_default().push((cell, known));
        self
    }

    /// Adds the accessibility of a cell type, as it was measured.
    pub fn with_accessibility(mut self, cell: impl Into<String>, track: SignalTrack) -> Self {
        self.accessibility.push((cell.into(), track));
        self
    }

    /// Says what is done to accessibility before a model sees it; `log1p` if nothing is said.
    pub fn with_transform(self, transform: Transform) -> Self {
        Self { transform, ..self }
    }

    /// Adds intervals; bins that touch one are `Missing` in every track.
    pub fn with_blacklist(mut self, intervals: impl IntoIterator<Item = Interval>) -> Self {
        self.blacklist.extend(intervals);
        self
    }

    /// Gives motifs to start filters from. One belongs to a factor by its name (see [`MotifSet::for_factor`]).
    pub fn with_motifs(self, motifs: MotifSet) -> Self {
        Self { motifs: Some(motifs), ..self }
    }

    /// Says which motifs are a factor's, by identifier or alternate name, where its own name does not tell.
    pub fn with_motif_names<S: Into<String>>(
        mut self,
        factor: impl Into<String>,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        self.motif_names.insert(factor.into(), names.into_iter().map(Into::into).collect());
        self
    }

    /// Says what has an output of its own; a factor where there is accessibility, and else a factor in a cell type, if nothing
    /// is said.
    pub fn with_task_unit(self, unit: TaskUnit) -> Self {
        Self { unit: Some(unit), ..self }
    }

    /// Says what is trained on, chosen on and tested on.
    pub fn with_split(self, split: SplitConfig) -> Self {
        Self { split, ..self }
    }

    /// Puts the data set together.
    ///
    /// # Errors
    /// [`Error::Config`] for settings that cannot work, such as regions that the genome has not; [`Error::Mismatch`] for
    /// labels that are not one for each bin, for intervals and accessibility of another genome, and for what is there twice;
    /// [`Error::EmptySplit`] for a split without a labelled bin.
    pub fn build(self) -> Result<Dataset> {
        let given = !self.tracks.is_empty();
        Error::unless(given, "labels".into(), "labels or peaks of at least one factor", "none")?;
        let has_motifs = self.motifs.is_some() || self.motif_names.is_empty();
        Error::unless(has_motifs, "motifs".into(), "motifs, since some are named", "none")?;
        let mut accessibility = BTreeMap::new();
        for (cell, track) in self.accessibility {
            check_name("the name of a cell type", &cell)?;
            let what = format!("the accessibility of {cell}");
            if accessibility.insert(cell, Given::Memory(track)).is_some() {
                return Err(Error::Mismatch { what, expected: "once".to_owned(), found: "twice".to_owned() });
            }
        }
        let sources = self.tracks.into_iter().map(|(factor, known)| Source::from_known(factor, known));
        let parts = Parts {
            name: self.name,
            genome: Given::Memory(self.genome),
            windows: Some(self.windows),
            blacklist: Some(Given::Memory(self.blacklist)),
            motifs: self.motifs.map(Given::Memory),
            motif_names: self.motif_names,
            accessibility,
            missing_chromosomes: MissingChromosomes::default(),
            transform: self.transform,
            sources: sources.collect::<Result<_>>()?,
            factors: None,
            named_cell: None,
            unit: self.unit,
            split: self.split,
            notes: Vec::new(),
            has_labels: true,
        };
        parts.assemble()
    }
}
