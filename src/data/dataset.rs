//! A data set in memory.

mod factor_motifs;
mod fingerprint;
mod inputs;
mod label_masks;
mod leave_out;
mod named;
mod normalisation;
mod notes;
mod samples;
mod sequences;
mod source;
mod task;

pub(crate) use self::fingerprint::Fingerprint;
pub(super) use self::label_masks::LabelCounts;
use self::{factor_motifs::FactorMotifs, normalisation::Normalisation};
pub use self::{
    inputs::{builder::DatasetBuilder, options::DatasetOptions},
    named::find_factors,
    sequences::SequenceSplit,
    task::{Cell, Task, Track},
};
use std::{fmt, sync::Arc};

use rayon::prelude::*;

use super::{QuantileMap, Sample, SignalReference, SignalTransform, split::SplitPlan};
use crate::{
    Error, Result,
    genome::{BinGrid, Genome, Interval, Label, Labels, SignalTrack},
    motif::{Motif, MotifSet},
};

/// A data set in memory: a genome and its bins, their labels and accessibility, and the splits.
///
/// Tasks are sorted by factor, cell types by name. Bins that touch the blacklist are `Missing` in every track. Without
/// a genome, each sequence is a chromosome with one bin ([`Dataset::from_sequences`]). A clone shares the data.
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
#[derive(Clone)]
pub struct Dataset {
    name: String,
    genome: Arc<Genome>,
    grid: BinGrid,
    motifs: Option<Arc<FactorMotifs>>,
    tasks: Vec<Task>,
    cells: Vec<Cell>,
    /// By task, then cell type.
    labels: Arc<Vec<Option<Labels>>>,
    /// By cell type; empty without accessibility.
    signals: Arc<Vec<SignalTrack>>,
    transform: SignalTransform,
    /// Where the transform takes it.
    normalisation: Option<Arc<Normalisation>>,
    plan: SplitPlan,
    /// Whether the test split is a part of another data set's validation split.
    is_fold: bool,
    notes: Vec<String>,
}

impl Dataset {
    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the genome, or the sequences, each of them as a chromosome.
    pub fn genome(&self) -> &Genome {
        &self.genome
    }

    /// Returns the bins.
    pub fn grid(&self) -> &BinGrid {
        &self.grid
    }

    /// Returns all motifs, also those of other factors, if the data set has any.
    pub fn motifs(&self) -> Option<&MotifSet> {
        self.motifs.as_ref().map(|motifs| &motifs.set)
    }

    /// Returns the motifs of a factor, best match first: those that `[motif_names]` lists, or else those of
    /// [`MotifSet::for_factor`]; none if the data set has no such factor.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("multitf-doc-profiles-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let bases = "ACGT".repeat(250);
    /// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{bases}\n>chr2\n{bases}\n>chr3\n{bases}\n"))?;
    /// # std::fs::write(folder.join("TP53.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
    /// use multitf::data::Dataset;
    ///
    /// std::fs::write(folder.join("motifs.jaspar"), ">P53_HUMAN.H11MO.0.A\nA [ 9 ]\nC [ 0 ]\nG [ 0 ]\nT [ 0 ]\n")?;
    /// std::fs::write(folder.join("dataset.toml"), r#"
    ///     name = "small"
    ///     genome = "genome.fa"
    ///     motifs = "motifs.jaspar"
    ///     motif_names = { TP53 = "P53_HUMAN.H11MO.0.A" }
    ///     windows = { bin_bp = 200, stride_bp = 50 }
    ///     peaks = { pattern = "{tf}.bed", cell = "MCF-7" }
    ///     split = { valid = ["chr2"], test = ["chr3"] }
    /// "#)?;
    /// let dataset = Dataset::open(folder.join("dataset.toml"))?;
    /// assert_eq!(dataset.factor_motifs("TP53")[0].id, "P53_HUMAN.H11MO.0.A");
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn factor_motifs(&self, factor: &str) -> Vec<&Motif> {
        self.motifs.as_ref().map_or_else(Vec::new, |motifs| motifs.for_factor(factor))
    }

    /// Returns the tasks, sorted by factor.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// Returns the cell types of samples; a single one, `*`, where a task is a track.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Returns whether models see accessibility.
    pub fn has_signal(&self) -> bool {
        !self.signals.is_empty()
    }

    /// Returns a cell type's accessibility, not transformed.
    pub fn signal(&self, cell: usize) -> Option<&SignalTrack> {
        self.signals.get(cell)
    }

    /// Returns the transform that models see accessibility through.
    pub fn transform(&self) -> SignalTransform {
        self.transform
    }

    /// Returns the reference that accessibility is normalised to, if the transform takes one.
    pub fn signal_reference(&self) -> Option<&SignalReference> {
        self.normalisation.as_ref().map(|normalisation| normalisation.reference())
    }

    /// Returns the map of a cell type's accessibility to the reference.
    pub(crate) fn quantile_map(&self, cell: usize) -> Option<&QuantileMap> {
        self.normalisation.as_ref()?.map(cell)
    }

    /// Fills `out` with a cell type's transformed accessibility from `start` on; 0 outside the chromosome and where
    /// there is none.
    pub fn fill_signal(&self, cell: usize, chromosome: usize, start: i64, out: &mut [f32]) {
        match self.signals.get(cell) {
            Some(track) => track.fill(chromosome, start, out),
            None => out.fill(0.0),
        }
        match self.quantile_map(cell) {
            Some(map) => map.apply(out),
            None => self.transform.apply(out),
        }
    }

    /// Returns the label of a sample; `Missing` where the task was not measured.
    ///
    /// # Panics
    /// Panics if the data set has no such task, cell type or bin.
    pub fn label(&self, task: usize, sample: Sample) -> Label {
        let labels = self.track_labels(task, usize::from(sample.cell));
        labels.map_or(Label::Missing, |labels| labels.get(sample.bin as usize))
    }

    /// Hides labels, as if they had not been measured: those of the tracks and bins for which `is_hidden` holds.
    ///
    /// It shows what missing labels cost. Notes about the labels stay as they were.
    pub fn hide_labels(&mut self, is_hidden: impl Fn(Track<'_>, Interval) -> bool + Sync) {
        let mut labels = Arc::unwrap_or_clone(std::mem::take(&mut self.labels));
        labels.par_iter_mut().enumerate().for_each(|(index, labels)| {
            let Some(labels) = labels else { return };
            let track = self.track_at(index / self.cells.len(), index % self.cells.len());
            for bin in 0..labels.len() {
                if is_hidden(track, self.grid.interval(bin)) {
                    labels.set(bin, Label::Missing);
                }
            }
        });
        self.labels = Arc::new(labels);
    }

    /// Returns whether a task was measured in a cell type.
    ///
    /// # Panics
    /// Panics if the data set has no such task or cell type.
    pub fn is_measured(&self, task: usize, cell: usize) -> bool {
        self.track_labels(task, cell).is_some()
    }

    /// Returns the tracks that were measured, by task, then cell type.
    pub fn tracks(&self) -> impl Iterator<Item = Track<'_>> {
        let pairs = (0..self.tasks.len()).flat_map(|task| (0..self.cells.len()).map(move |cell| (task, cell)));
        pairs.filter(|&(task, cell)| self.is_measured(task, cell)).map(|(task, cell)| self.track_at(task, cell))
    }

    fn track_at(&self, task: usize, cell: usize) -> Track<'_> {
        let cell_name = self.tasks[task].cell.as_ref().unwrap_or(&self.cells[cell].name);
        Track { task, cell, factor_name: &self.tasks[task].factor, cell_name }
    }

    /// Returns notes for the user: skipped records, factors without a motif, cell types both trained and tested on,
    /// tasks that cannot be learned or scored.
    pub fn notes(&self) -> &[String] {
        &self.notes
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

    fn track_labels(&self, task: usize, cell: usize) -> Option<&Labels> {
        assert!(cell < self.cells.len(), "cell type {cell} of {}", self.cells.len());
        self.labels[task * self.cells.len() + cell].as_ref()
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
