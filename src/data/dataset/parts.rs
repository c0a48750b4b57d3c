//! What a data set is put together from.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{
    Dataset,
    file_notes::FileNotes,
    given::Given,
    layout::{Layout, Measured, task_unit},
    odd_names,
    profiles::{MotifNames, Profiles, check_factors},
    sources::{Source, restrict},
};
use crate::{
    Error, Result,
    data::{
        Transform,
        config::{SplitConfig, TaskUnit, WindowsConfig},
        region::check_interval,
        split::SplitPlan,
    },
    genome::{BinGrid, Genome, Interval, Label, Labels, MissingChromosomes, SignalTrack, read_intervals},
    motif::MotifSet,
};

/// What a data set is put together from, in memory or in files; those are read in the end.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) name: String,
    pub(super) genome: Given<Genome>,
    pub(super) windows: Option<WindowsConfig>,
    pub(super) blacklist: Option<Given<Vec<Interval>>>,
    pub(super) motifs: Option<Given<MotifSet>>,
    pub(super) motif_names: MotifNames,
    /// By cell type.
    pub(super) accessibility: BTreeMap<String, Given<SignalTrack>>,
    pub(super) missing_chromosomes: MissingChromosomes,
    pub(super) transform: Transform,
    /// Sorted by factor; none without labels.
    pub(super) sources: Vec<Source>,
    /// Those that are asked for, if not all.
    pub(super) factors: Option<Vec<String>>,
    /// A cell type that is named beside those with labels or accessibility.
    pub(super) named_cell: Option<String>,
    pub(super) unit: Option<TaskUnit>,
    pub(super) split: SplitConfig,
    pub(super) notes: Vec<String>,
    pub(super) has_labels: bool,
}

impl Parts {
    /// Puts the data set together, and looks at what is in it.
    pub(super) fn assemble(mut self) -> Result<Dataset> {
        let layout = self.lay_out()?;
        let genome = self.genome.get(|path| Genome::open(path))?;
        let grid = lay_bins(self.windows.as_ref(), &genome)?;
        check_size("windows.stride_bp", "bins", grid.len(), u32::MAX as usize)?;
        let plan = SplitPlan::new(&self.split, &genome, layout.split_cells(&self.split)?)?;
        let (motifs, profiles) = find_profiles(self.motifs, &self.motif_names, &layout)?;
        let mut notes = self.notes;
        notes.extend(layout.notes(!self.accessibility.is_empty()));
        let place = Place { layout: &layout, genome: &genome, grid: &grid };
        let labels = place.labels(&self.sources, self.blacklist, &mut notes)?;
        let signals = place.signals(self.accessibility, self.missing_chromosomes)?;
        let (name, transform, Layout { tasks, cells, .. }) = (self.name, self.transform, layout);
        let dataset =
            Dataset { name, genome, grid, motifs, profiles, tasks, cells, labels, signals, transform, plan, notes };
        if self.has_labels { dataset.checked() } else { Ok(dataset) }
    }

    fn lay_out(&mut self) -> Result<Layout> {
        self.notes.extend(odd_names::of_sources(&self.sources));
        let accessible: Vec<&String> = self.accessibility.keys().collect();
        // Of all factors, so that what a task is does not depend on which are asked for.
        let unit = task_unit(self.unit, &accessible, &self.sources)?;
        if self.has_labels {
            let known: Vec<&str> = self.sources.iter().map(|source| &*source.factor).collect();
            check_factors(&self.motif_names, &known)?;
        }
        if let Some(factors) = &self.factors {
            self.sources = restrict(std::mem::take(&mut self.sources), factors)?;
        }
        let named = self.named_cell.as_ref();
        let layout = Layout::new(unit, &Measured { sources: &self.sources, accessible: &accessible, named });
        check_size("accessibility", "cell types", layout.cells.len(), usize::from(u16::MAX))?;
        Ok(layout)
    }
}

fn lay_bins(windows: Option<&WindowsConfig>, genome: &Genome) -> Result<BinGrid> {
    let Some(windows) = windows else {
        let (key, expected) = ("windows".to_owned(), "bin_bp and stride_bp".to_owned());
        return Err(Error::Config { key, expected, found: "none".to_owned() });
    };
    BinGrid::new(genome, windows.bin_bp, windows.stride_bp)
}

fn check_size(key: &str, what: &str, found: usize, most: usize) -> Result<()> {
    if found <= most {
        return Ok(());
    }
    let expected = format!("at most {most} {what}");
    Err(Error::Config { key: key.to_owned(), expected, found: found.to_string() })
}

/// Finds out which motifs are whose.
fn find_profiles(
    motifs: Option<Given<MotifSet>>,
    names: &MotifNames,
    layout: &Layout,
) -> Result<(Option<MotifSet>, Profiles)> {
    let Some(motifs) = motifs else { return Ok((None, Profiles::default())) };
    let place = match &motifs {
        Given::Memory(_) => "the motifs".to_owned(),
        Given::File(path) => path.display().to_string(),
    };
    let motifs = motifs.get(|path| MotifSet::open(path))?;
    let factors = layout.tasks.iter().map(|task| &*task.factor).collect();
    let profiles = Profiles::new(&place, &motifs, names, factors)?;
    Ok((Some(motifs), profiles))
}

/// Where labels and accessibility belong.
struct Place<'a> {
    layout: &'a Layout,
    genome: &'a Genome,
    grid: &'a BinGrid,
}

impl Place<'_> {
    /// The labels by task, then cell type.
    fn labels(
        &self,
        sources: &[Source],
        blacklist: Option<Given<Vec<Interval>>>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Option<Labels>>> {
        let mut files = FileNotes::default();
        let blacklist = blacklist.filter(|_| !sources.is_empty());
        let dropped = blacklist.map_or_else(|| Ok(Vec::new()), |blacklist| self.dropped_bins(blacklist, &mut files))?;
        let factors = in_parallel(sources.iter().collect(), |source: &Source| {
            let mut factor = source.read(self.genome, self.grid, &dropped)?;
            factor.labels.iter_mut().for_each(|labels| drop_bins(labels, &dropped));
            Ok(factor)
        })?;
        let cells = self.layout.cells.len();
        let mut labels = vec![None; self.layout.tasks.len() * cells];
        let mut places = self.layout.places(sources).into_iter();
        for factor in factors {
            files.append(factor.notes);
            for (track, (task, cell)) in factor.labels.into_iter().zip(&mut places) {
                labels[task * cells + cell] = Some(track);
            }
        }
        notes.extend(files.into_texts());
        Ok(labels)
    }

    fn dropped_bins(&self, blacklist: Given<Vec<Interval>>, notes: &mut FileNotes) -> Result<Vec<usize>> {
        let blacklist = match blacklist {
            Given::Memory(intervals) => {
                let check = |(index, interval): (usize, &Interval)| {
                    check_interval(|| format!("interval {index} of the blacklist"), *interval, self.genome)
                };
                intervals.iter().enumerate().try_for_each(check)?;
                intervals
            }
            Given::File(path) => {
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

    /// The accessibility of each cell type; nothing if the data set has none, or does not use it.
    fn signals(
        &self,
        mut tracks: BTreeMap<String, Given<SignalTrack>>,
        missing: MissingChromosomes,
    ) -> Result<Vec<SignalTrack>> {
        if self.layout.unit == TaskUnit::Track {
            return Ok(Vec::new());
        }
        let cells = self.layout.cells.iter().map(|cell| &cell.name);
        let given = cells.filter_map(|cell| Some((cell, tracks.remove(cell)?))).collect();
        in_parallel(given, |(cell, track): (&String, Given<SignalTrack>)| {
            let track = track.get(|path| SignalTrack::open(path, self.genome, missing))?;
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
        let words = |count: usize, bases: usize| format!("{count} chromosomes of {bases} bases");
        Err(Error::Mismatch {
            what: format!("the accessibility of {cell}"),
            expected: format!("{}, as the genome has", words(self.genome.len(), lengths().sum())),
            found: words(track.lengths().count(), track.lengths().sum()),
        })
    }
}

fn drop_bins(labels: &mut Labels, dropped: &[usize]) {
    for &bin in dropped {
        labels.set(bin, Label::Missing);
    }
}

/// Does all, and reports the first error in their order.
fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> Result<R> + Send + Sync) -> Result<Vec<R>> {
    let done: Vec<Result<R>> = items.into_par_iter().map(work).collect();
    done.into_iter().collect()
}
