//! A data set in memory.

mod builder;
mod file_notes;
mod fingerprint;
mod given;
mod layout;
mod masks;
mod named;
mod notes;
mod odd_names;
mod open;
mod parts;
mod profiles;
mod regions;
mod sequence_file;
mod sequence_table;
mod sequences;
mod sources;

pub(crate) use self::fingerprint::Fingerprint;
pub(super) use self::masks::Counts;
use self::profiles::Profiles;
pub use self::{builder::DatasetBuilder, named::factors_named, sequences::SequenceSplit};
use std::{fmt, path::Path};

use rayon::prelude::*;

use super::{
    SampleSet, Split, Transform, WindowsConfig,
    bits::{Bits, RankedBits},
    sample::Sample,
    split::SplitPlan,
};
use crate::{
    Error, Result,
    genome::{BinGrid, Genome, Interval, Label, Labels, SignalTrack},
    motif::MotifSet,
};

/// One output of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The factor's name, or `FACTOR@CELL` where a task is a track.
    pub name: String,
    /// The factor.
    pub factor: String,
    /// The cell type, where a task is a track.
    pub cell: Option<String>,
}

/// A cell type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The name; `*` where a task is a track, so that nothing tells the cell types apart.
    pub name: String,
}

/// A factor in a cell type where it was measured: the unit of labels and of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track<'a> {
    /// The task, as the data set counts them.
    pub task: usize,
    /// The cell type, as the data set counts them.
    pub cell: usize,
    /// The factor's name.
    pub factor_name: &'a str,
    /// The cell type's name, also where a task is a track.
    pub cell_name: &'a str,
}

/// What of a data set to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetOptions {
    /// The factors, all if `None`; case and blanks around a name do not matter (see [`factors_named`]).
    pub factors: Option<Vec<String>>,
    /// Reads no labels and no motifs, and takes no notice of splits, for predictions: they take genome, bins and accessibility.
    /// The data set has no task then, and no sample.
    pub without_labels: bool,
    /// The bins, where the file does not say.
    pub windows: Option<WindowsConfig>,
    /// What is done to accessibility, where the file does not say; `log1p` if `None`.
    pub transform: Option<Transform>,
}

/// A data set in memory: a genome's bins, what was measured there, and what of it is trained and tested on.
///
/// Tasks are sorted by factor, cell types by name. Bins that touch the blacklist are `Missing` in every track. Where there are
/// sequences and no genome, each sequence is a chromosome with one bin ([`Dataset::from_sequences`]).
///
/// # Examples
/// ```
/// use multitf::{data::{Dataset, Sample, Split}, genome::Label};
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-dataset-{}", std::process::id()));
/// std::fs::create_dir_all(&folder)?;
/// std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)))?;
/// std::fs::write(folder.join("Reb1.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
/// std::fs::write(folder.join("dataset.toml"), r#"
///     name = "small"
///     genome = "genome.fa"
///     windows = { bin_bp = 200, stride_bp = 50 }
///     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
///     tasks = { per = "tf" }
///     split = { valid = ["chr2"], test = ["chr3"] }
/// "#)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// assert_eq!(dataset.tasks()[0].name, "Reb1");
/// assert_eq!(dataset.samples(Split::Train, 300)?.len(), 15);
/// assert_eq!(dataset.label(0, Sample { bin: 7, cell: 0 }), Label::Bound);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Dataset {
    name: String,
    genome: Genome,
    grid: BinGrid,
    motifs: Option<MotifSet>,
    profiles: Profiles,
    tasks: Vec<Task>,
    cells: Vec<Cell>,
    /// By task, then cell type.
    labels: Vec<Option<Labels>>,
    /// By cell type; empty without accessibility.
    signals: Vec<SignalTrack>,
    transform: Transform,
    plan: SplitPlan,
    notes: Vec<String>,
}

impl Dataset {
    /// Reads a `dataset.toml` and all files that it names.
    ///
    /// # Errors
    /// See [`Dataset::open_with`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &DatasetOptions::default())
    }

    /// Reads a `dataset.toml` and those files that are asked for.
    ///
    /// # Errors
    /// [`Error::ConfigFile`] and [`Error::Config`] for what cannot work, [`Error::UnknownFactors`] for factors that the data
    /// set lacks, [`Error::EmptySplit`] for a split without a labelled bin, and what the readers of the files refuse.
    pub fn open_with(path: impl AsRef<Path>, options: &DatasetOptions) -> Result<Self> {
        open::open(path.as_ref(), options)
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the genome; the sequences, each a chromosome, where there is none.
    pub fn genome(&self) -> &Genome {
        &self.genome
    }

    /// Returns the bins.
    pub fn grid(&self) -> &BinGrid {
        &self.grid
    }

    /// Returns the motifs of all factors and of others, if the data set names a file of them.
    pub fn motifs(&self) -> Option<&MotifSet> {
        self.motifs.as_ref()
    }

    /// Returns the tasks, sorted by factor.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Returns the cell types that samples are of; a single one, `*`, where a task is a track.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Returns whether models see accessibility.
    pub fn has_signal(&self) -> bool {
        !self.signals.is_empty()
    }

    /// Returns a cell type's accessibility as the file has it.
    pub fn signal(&self, cell: usize) -> Option<&SignalTrack> {
        self.signals.get(cell)
    }

    /// Returns what is done to accessibility before a model sees it.
    pub fn transform(&self) -> Transform {
        self.transform
    }

    /// Fills `out` with a cell type's transformed accessibility from `start` on; 0 outside the chromosome and without
    /// a track.
    pub fn fill_signal(&self, cell: usize, chromosome: usize, start: i64, out: &mut [f32]) {
        match self.signals.get(cell) {
            Some(track) => track.fill(chromosome, start, out),
            None => out.fill(0.0),
        }
        self.transform.apply(out);
    }

    /// Returns the label of a sample; `Missing` where the task was not measured.
    ///
    /// # Panics
    /// Panics if the data set has no such task, cell type or bin.
    pub fn label(&self, task: usize, sample: Sample) -> Label {
        let labels = self.track(task, usize::from(sample.cell));
        labels.map_or(Label::Missing, |labels| labels.get(sample.bin as usize))
    }

    /// Hides labels, as if they had not been measured: those of the tracks and bins for which `is_hidden` holds.
    ///
    /// For asking what missing labels cost. What the notes say of the labels is what was true before.
    pub fn hide(&mut self, is_hidden: impl Fn(Track<'_>, Interval) -> bool + Sync) {
        let mut labels = std::mem::take(&mut self.labels);
        labels.par_iter_mut().enumerate().for_each(|(index, labels)| {
            let Some(labels) = labels else { return };
            let track = self.track_at(index / self.cells.len(), index % self.cells.len());
            let hidden = (0..labels.len()).filter(|&bin| is_hidden(track, self.grid.interval(bin)));
            hidden.collect::<Vec<_>>().into_iter().for_each(|bin| labels.set(bin, Label::Missing));
        });
        self.labels = labels;
    }

    /// Returns whether a task was measured in a cell type.
    ///
    /// # Panics
    /// Panics if the data set has no such task or cell type.
    pub fn is_measured(&self, task: usize, cell: usize) -> bool {
        self.track(task, cell).is_some()
    }

    /// Returns what was measured, by task, then cell type.
    pub fn tracks(&self) -> impl Iterator<Item = Track<'_>> {
        let pairs = (0..self.tasks.len()).flat_map(|task| (0..self.cells.len()).map(move |cell| (task, cell)));
        pairs.filter(|&(task, cell)| self.is_measured(task, cell)).map(|(task, cell)| self.track_at(task, cell))
    }

    fn track_at(&self, task: usize, cell: usize) -> Track<'_> {
        let cell_name = self.tasks[task].cell.as_ref().unwrap_or(&self.cells[cell].name);
        Track { task, cell, factor_name: &self.tasks[task].factor, cell_name }
    }

    /// Returns what a user should know: skipped records, factors without a motif, cell types both trained and tested on,
    /// tasks that cannot be learned or scored.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns the cell types of a split, as the data set counts them.
    pub fn split_cells(&self, split: Split) -> &[usize] {
        self.plan.cells(split)
    }

    /// Returns the samples of a split: its bins in its cell types, where at least one task is known to be bound or
    /// unbound.
    ///
    /// A training bin whose context of `context_bp` reaches into a region of another split is left out.
    ///
    /// # Errors
    /// [`Error::EmptySplit`] if there is none, and [`Error::Config`] for a context that cuts off a sequence without a genome.
    pub fn samples(&self, split: Split, context_bp: usize) -> Result<SampleSet> {
        let all: Vec<usize> = (0..self.tasks.len()).collect();
        self.samples_of(&all, split, context_bp)
    }

    /// Returns the samples of a split where at least one of some tasks is known to be bound or unbound.
    ///
    /// # Errors
    /// [`Error::Tasks`] for tasks that are not the data set's, each once, [`Error::EmptySplit`] if there is no sample, and
    /// [`Error::Config`] for a context that cuts off a sequence without a genome.
    pub fn samples_of(&self, tasks: &[usize], split: Split, context_bp: usize) -> Result<SampleSet> {
        self.check_tasks(tasks)?;
        self.check_context(context_bp)?;
        let bins = self.split_bins(split, context_bp);
        let samples = self.by_cell(split, |cell| self.observed(tasks, cell).and(&bins));
        if samples.is_empty() {
            return Err(self.empty(split, context_bp));
        }
        Ok(samples)
    }

    /// Checks that these are tasks of the data set, at least one, and each once.
    ///
    /// # Errors
    /// [`Error::Tasks`] for the first that is not.
    pub(crate) fn check_tasks(&self, tasks: &[usize]) -> Result<()> {
        let refused = |expected: String, task| Err(Error::Tasks { expected, task });
        let repeated = (0..tasks.len()).find(|&index| tasks[..index].contains(&tasks[index]));
        match (tasks.iter().find(|&&task| task >= self.tasks.len()), repeated) {
            _ if tasks.is_empty() => refused("at least one".to_owned(), None),
            (Some(&unknown), _) => refused(format!("some of 0 to {}", self.tasks.len() - 1), Some(unknown)),
            (None, Some(index)) => refused("each once".to_owned(), Some(tasks[index])),
            (None, None) => Ok(()),
        }
    }

    /// Returns the tasks that are bound nowhere in a split.
    pub fn tasks_without_positives(&self, split: Split, context_bp: usize) -> Vec<usize> {
        let bins = self.split_bins(split, context_bp);
        let is_bound = |task: usize| self.split_cells(split).iter().any(|&cell| self.is_bound_in(task, cell, &bins));
        (0..self.tasks.len()).filter(|&task| !is_bound(task)).collect()
    }

    /// Returns the tasks without a score in a split: in none of its cell types have they both a bound and an unbound bin.
    pub fn tasks_without_score(&self, split: Split, context_bp: usize) -> Vec<usize> {
        let bins = self.split_bins(split, context_bp);
        let has_score = |task: usize| {
            let mut counts = self.split_cells(split).iter().map(|&cell| self.counts(task, cell, &bins));
            counts.any(|counts| counts.bound > 0 && counts.observed > counts.bound)
        };
        (0..self.tasks.len()).filter(|&task| !has_score(task)).collect()
    }

    /// Returns what was measured in the cell types of a split, with the number of bound bins there.
    pub fn bound_bins(&self, split: Split, context_bp: usize) -> Vec<(Track<'_>, usize)> {
        let (bins, cells) = (self.split_bins(split, context_bp), self.split_cells(split));
        let tracks = self.tracks().filter(|track| cells.contains(&track.cell));
        tracks.map(|track| (track, self.counts(track.task, track.cell, &bins).bound)).collect()
    }

    fn track(&self, task: usize, cell: usize) -> Option<&Labels> {
        assert!(cell < self.cells.len(), "cell type {cell} of {}", self.cells.len());
        self.labels[task * self.cells.len() + cell].as_ref()
    }

    /// The bins of a split.
    pub(super) fn split_bins(&self, split: Split, context_bp: usize) -> Bits {
        self.plan.bins(split, &self.genome, &self.grid, context_bp)
    }

    /// Joins what `bins_of` says of each cell type of a split.
    pub(super) fn by_cell(&self, split: Split, bins_of: impl Fn(usize) -> Bits + Send + Sync) -> SampleSet {
        let ranked = |&cell: &usize| (cell as u16, RankedBits::new(bins_of(cell)));
        SampleSet::new(self.split_cells(split).par_iter().map(ranked).collect())
    }

    /// Says why a split is empty.
    pub(super) fn empty(&self, split: Split, context_bp: usize) -> Error {
        let names: Vec<_> = self.split_cells(split).iter().map(|&cell| &*self.cells[cell].name).collect();
        let detail = match self.split_bins(split, context_bp).count() {
            0 if self.has_sequences() => "no sequence is in it".to_owned(),
            sequences if self.has_sequences() => format!("none of its {sequences} sequences has a label"),
            _ if self.plan.regions(split).is_empty() => format!("split.{split} names no region"),
            0 if split == Split::Train => {
                format!("no bin of its regions is {context_bp} bp of context away from the other splits")
            }
            0 => format!("no bin of {} bp lies in its regions", self.grid.bin_bp()),
            bins => format!("its {bins} bins have no label in cell types {}", names.join(", ")),
        };
        Error::EmptySplit { split: split.name(), detail }
    }
}

impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tasks, cells, bins) = (self.tasks.len(), self.cells.len(), self.grid.len());
        let mut parts = f.debug_struct("Dataset");
        parts.field("name", &self.name).field("tasks", &tasks).field("cells", &cells).field("bins", &bins);
        parts.finish_non_exhaustive()
    }
}
