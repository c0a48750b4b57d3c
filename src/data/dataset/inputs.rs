//! The inputs of a data set.

pub(super) mod builder;
mod label_source;
mod layout;
mod open;
pub(super) mod options;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rayon::prelude::*;

use self::{
    label_source::{LabelSource, restrict},
    layout::{Layout, task_unit},
};
use super::{
    Dataset,
    factor_motifs::{FactorMotifs, MotifNames, check_factors},
    normalisation::Normalisation,
    notes::{files::FileNotes, names},
    source::Source,
};
use crate::{
    Error, Result,
    data::{
        SignalReference, SignalTransform, Split,
        config::{SplitConfig, TaskUnit, WindowsConfig},
        region::check_interval,
        split::SplitPlan,
    },
    genome::{BinGrid, Genome, Interval, Label, Labels, MissingChromosomes, SignalTrack, read_intervals},
    motif::MotifSet,
};

/// The inputs of a data set beside its genome, in memory or in files, which are read when it is assembled.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) name: String,
    pub(super) windows: Option<WindowsConfig>,
    pub(super) blacklist: Option<Source<Vec<Interval>>>,
    pub(super) motifs: Option<Source<MotifSet>>,
    pub(super) motif_names: MotifNames,
    /// By cell type.
    pub(super) accessibility: BTreeMap<String, Source<SignalTrack>>,
    pub(super) missing_chromosomes: MissingChromosomes,
    pub(super) transform: SignalTransform,
    /// That of a model, where the transform takes one.
    pub(super) reference: Option<SignalReference>,
    /// Sorted by factor; none without labels.
    pub(super) sources: Vec<LabelSource>,
    /// The factors to keep; all if `None`.
    pub(super) factors: Option<Vec<String>>,
    /// A cell type beside those with labels or accessibility.
    pub(super) named_cell: Option<String>,
    pub(super) unit: Option<TaskUnit>,
    pub(super) split: SplitConfig,
    pub(super) notes: Vec<String>,
    pub(super) without_labels: bool,
}

impl Inputs {
    /// Reads the files, and makes the data set.
    pub(super) fn assemble(mut self, genome: Source<Genome>) -> Result<Dataset> {
        let layout = self.lay_out()?;
        let genome = genome.load(|path| Genome::open(path))?;
        let Some(WindowsConfig { bin_bp, stride_bp }) = self.windows else {
            return Err(Error::config("windows", "bin_bp and stride_bp", "none"));
        };
        let grid = BinGrid::new(&genome, bin_bp, stride_bp)?;
        check_size("windows.stride_bp", "bins", grid.len(), u32::MAX as usize)?;
        let plan = SplitPlan::new(&self.split, &genome, layout.split_cells(&self.split)?)?;
        let motifs =
            self.motifs.map(|motifs| FactorMotifs::new(motifs, &self.motif_names, &layout.tasks)).transpose()?;
        let motifs = motifs.map(Arc::new);
        let mut notes = self.notes;
        if layout.unit == TaskUnit::Track && !self.accessibility.is_empty() {
            notes.push("accessibility is not used, since a task is a factor in one cell type".to_owned());
        }
        let loader = Loader { layout: &layout, genome: &genome, grid: &grid };
        let labels = loader.labels(&self.sources, self.blacklist, &mut notes)?.into();
        let signals: Arc<Vec<SignalTrack>> = loader.signals(self.accessibility, self.missing_chromosomes)?.into();
        let normalise = || Normalisation::new(&signals, &genome, self.reference.as_ref(), plan.cells(Split::Train));
        let normalisation = (self.transform == SignalTransform::Quantile).then(|| Arc::new(normalise()));
        let genome = Arc::new(genome);
        let (name, transform, Layout { tasks, cells, .. }) = (self.name, self.transform, layout);
        let is_fold = false;
        let dataset = Dataset {
            name,
            genome,
            grid,
            motifs,
            tasks,
            cells,
            labels,
            signals,
            transform,
            normalisation,
            plan,
            is_fold,
            notes,
        };
        if self.without_labels { Ok(dataset) } else { dataset.check_and_note() }
    }

    fn lay_out(&mut self) -> Result<Layout> {
        let factors: BTreeSet<&str> = self.sources.iter().map(|source| &*source.factor).collect();
        let cells = self.sources.iter().flat_map(|source| &source.cells).map(|cell| &**cell).collect();
        self.notes.extend(names::suspicious_names("factor", &factors));
        self.notes.extend(names::suspicious_names("cell type", &cells));
        // Of all factors, so that what a task is does not depend on which of them are kept.
        let unit = task_unit(self.unit, &self.accessibility.keys().collect(), &self.sources)?;
        if !self.without_labels {
            check_factors(&self.motif_names, &factors)?;
        }
        if let Some(factors) = &self.factors {
            self.sources = restrict(std::mem::take(&mut self.sources), factors)?;
        }
        let layout = Layout::new(unit, &self.sources, self.accessibility.keys().chain(&self.named_cell));
        check_size("accessibility", "cell types", layout.cells.len(), usize::from(u16::MAX))?;
        Ok(layout)
    }
}

fn check_size(key: &str, what: &str, found: usize, most: usize) -> Result<()> {
    Error::unless(found <= most, key.to_owned(), format!("at most {most} {what}"), found)
}

/// Reads labels and accessibility for the tasks, cell types and bins of a data set.
struct Loader<'a> {
    layout: &'a Layout,
    genome: &'a Genome,
    grid: &'a BinGrid,
}

impl Loader<'_> {
    /// Reads the labels, by task, then cell type.
    fn labels(
        &self,
        sources: &[LabelSource],
        blacklist: Option<Source<Vec<Interval>>>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Option<Labels>>> {
        let mut files = FileNotes::default();
        let blacklist = blacklist.filter(|_| !sources.is_empty());
        let dropped = blacklist.map_or_else(|| Ok(Vec::new()), |blacklist| self.dropped_bins(blacklist, &mut files))?;
        let factors = in_parallel(sources.iter().collect(), |source: &LabelSource| {
            let (mut tracks, notes) = source.read(self.genome, self.grid, &dropped)?;
            for labels in &mut tracks {
                for &bin in &dropped {
                    labels.set(bin, Label::Missing);
                }
            }
            Ok((tracks, notes))
        })?;
        let cells = self.layout.cells.len();
        let mut labels = vec![None; self.layout.tasks.len() * cells];
        let mut places = self.layout.places(sources).into_iter();
        for (tracks, notes) in factors {
            files.append(notes);
            for (track, (task, cell)) in tracks.into_iter().zip(&mut places) {
                labels[task * cells + cell] = Some(track);
            }
        }
        notes.extend(files.into_texts());
        Ok(labels)
    }

    fn dropped_bins(&self, blacklist: Source<Vec<Interval>>, notes: &mut FileNotes) -> Result<Vec<usize>> {
        let blacklist = match blacklist {
            Source::Memory(intervals) => {
                let check = |(index, interval): (usize, &Interval)| {
                    check_interval(|| format!("interval {index} of the blacklist"), *interval, self.genome)
                };
                intervals.iter().enumerate().try_for_each(check)?;
                intervals
            }
            Source::File(path) => {
                let (blacklist, skipped) = read_intervals(&path, self.genome)?;
                notes.skipped(&path, &skipped);
                if blacklist.is_empty() {
                    notes.text(&path, "no interval of the genome in it, so that no bin is dropped".to_owned());
                }
                blacklist
            }
        };
        Ok(blacklist.into_iter().flat_map(|interval| self.grid.overlapping(interval)).collect())
    }

    /// Reads the accessibility of each cell type; nothing if the data set has none, or does not use it.
    fn signals(
        &self,
        mut tracks: BTreeMap<String, Source<SignalTrack>>,
        missing: MissingChromosomes,
    ) -> Result<Vec<SignalTrack>> {
        if self.layout.unit == TaskUnit::Track {
            return Ok(Vec::new());
        }
        let cells = self.layout.cells.iter().map(|cell| &cell.name);
        let tracks = cells.filter_map(|cell| Some((cell, tracks.remove(cell)?))).collect();
        in_parallel(tracks, |(cell, track): (&String, Source<SignalTrack>)| {
            let track = track.load(|path| SignalTrack::open(path, self.genome, missing))?;
            self.check_signal(cell, &track)?;
            Ok(track)
        })
    }

    /// Refuses a signal of another genome.
    fn check_signal(&self, cell: &str, track: &SignalTrack) -> Result<()> {
        let lengths = || (0..self.genome.len()).map(|chromosome| self.genome.length(chromosome));
        if track.lengths().eq(lengths()) {
            return Ok(());
        }
        let size = |count: usize, bases: usize| format!("{count} chromosomes of {bases} bases");
        let expected = format!("{}, as the genome has", size(self.genome.len(), lengths().sum()));
        let found = size(track.lengths().count(), track.lengths().sum());
        Err(Error::mismatch(format!("the accessibility of {cell}"), expected, found))
    }
}

/// Works on all items in parallel; the error is that of the first item with one.
fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> Result<R> + Send + Sync) -> Result<Vec<R>> {
    let done: Vec<Result<R>> = items.into_par_iter().map(work).collect();
    done.into_iter().collect()
}
