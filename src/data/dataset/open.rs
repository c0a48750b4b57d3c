//! From a `dataset.toml` to a data set.

use std::path::Path;

use rayon::prelude::*;

use super::{
    Dataset, DatasetOptions,
    file_notes::FileNotes,
    layout::{Layout, task_unit},
    profiles::{Profiles, check_factors},
    sources::{Source, find_sources, restrict},
};
use crate::{
    Error, Result,
    data::{
        Split,
        config::{DatasetConfig, SplitConfig, TaskUnit},
        split::SplitPlan,
    },
    genome::{BinGrid, Genome, Label, Labels, SignalTrack, read_intervals},
    motif::MotifSet,
};

pub(super) fn open(path: &Path, options: &DatasetOptions) -> Result<Dataset> {
    let config = DatasetConfig::open(path)?;
    let (sources, layout, mut notes) = lay_out(&config, options)?;
    let genome = Genome::open(config.path(&config.genome))?;
    let grid = lay_bins(&config, options, &genome)?;
    check_size("windows.stride_bp", "bins", grid.len(), u32::MAX as usize)?;
    let split = if options.without_labels { &SplitConfig::default() } else { &config.split };
    let plan = SplitPlan::new(split, &genome, layout.split_cells(split)?)?;
    let motifs = config.motifs.as_ref().filter(|_| !options.without_labels);
    let motifs = motifs.map(|path| MotifSet::open(config.path(path))).transpose()?;
    let of_factors = |(motifs, path)| Profiles::new(&config.path(path), motifs, &config.motif_names, &layout.tasks);
    let profiles = motifs.as_ref().zip(config.motifs.as_ref()).map(of_factors).transpose()?.unwrap_or_default();
    notes.extend(layout.notes(&config));
    let files = Files { config: &config, layout: &layout, genome: &genome, grid: &grid };
    let labels = files.labels(&sources, &mut notes)?;
    let signals = files.signals()?;
    let transform = config.accessibility.as_ref().and_then(|accessibility| accessibility.transform);
    let transform = transform.or(options.transform).unwrap_or_default();
    let (name, Layout { tasks, cells, .. }) = (config.name, layout);
    let mut dataset =
        Dataset { name, genome, grid, motifs, profiles, tasks, cells, labels, signals, transform, plan, notes };
    if !options.without_labels {
        for split in Split::ALL {
            dataset.samples(split, dataset.grid.bin_bp())?;
        }
        dataset.notes.extend(dataset.observations());
    }
    Ok(dataset)
}

fn lay_bins(config: &DatasetConfig, options: &DatasetOptions, genome: &Genome) -> Result<BinGrid> {
    let Some(windows) = config.windows.as_ref().or(options.windows.as_ref()) else {
        let (key, expected) = ("windows".to_owned(), "bin_bp and stride_bp".to_owned());
        return Err(Error::Config { key, expected, found: "none".to_owned() });
    };
    BinGrid::new(genome, windows.bin_bp, windows.stride_bp)
}

fn lay_out(config: &DatasetConfig, options: &DatasetOptions) -> Result<(Vec<Source>, Layout, Vec<String>)> {
    let (mut sources, notes) = if options.without_labels { Default::default() } else { find_sources(config)? };
    // Of all factors, so that what a task is does not depend on which are asked for.
    let unit = task_unit(config, &sources)?;
    if !options.without_labels {
        check_factors(&config.motif_names, &sources)?;
    }
    if let Some(factors) = options.factors.as_ref().filter(|_| !options.without_labels) {
        sources = restrict(sources, factors)?;
    }
    let layout = Layout::new(unit, config, &sources);
    check_size("accessibility", "cell types", layout.cells.len(), usize::from(u16::MAX))?;
    Ok((sources, layout, notes))
}

fn check_size(key: &str, what: &str, found: usize, most: usize) -> Result<()> {
    if found <= most {
        return Ok(());
    }
    let expected = format!("at most {most} {what}");
    Err(Error::Config { key: key.to_owned(), expected, found: found.to_string() })
}

/// What it takes to read the files over bins.
struct Files<'a> {
    config: &'a DatasetConfig,
    layout: &'a Layout,
    genome: &'a Genome,
    grid: &'a BinGrid,
}

impl Files<'_> {
    /// The labels by task, then cell type.
    fn labels(&self, sources: &[Source], notes: &mut Vec<String>) -> Result<Vec<Option<Labels>>> {
        let mut files = FileNotes::default();
        let dropped = if sources.is_empty() { Vec::new() } else { self.dropped_bins(&mut files)? };
        let factors = in_parallel(sources, |source| {
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

    fn dropped_bins(&self, notes: &mut FileNotes) -> Result<Vec<usize>> {
        let Some(path) = self.config.blacklist.as_ref().map(|path| self.config.path(path)) else {
            return Ok(Vec::new());
        };
        let (blacklist, skipped) = read_intervals(&path, self.genome)?;
        notes.skipped(&path, &skipped);
        if blacklist.is_empty() {
            notes.text(&path, "no interval of the genome in it, so that no bin is dropped".to_owned());
        }
        Ok(blacklist.into_iter().flat_map(|interval| self.grid.overlapping(interval)).collect())
    }

    /// The accessibility of each cell type; nothing if the data set has none, or does not use it.
    fn signals(&self) -> Result<Vec<SignalTrack>> {
        let Some(accessibility) = self.config.accessibility.as_ref().filter(|_| self.layout.unit == TaskUnit::Tf)
        else {
            return Ok(Vec::new());
        };
        let paths: Vec<_> = self.layout.cells.iter().filter_map(|cell| accessibility.tracks.get(&cell.name)).collect();
        let missing = accessibility.missing_chromosomes;
        in_parallel(&paths, |path| SignalTrack::open(self.config.path(path), self.genome, missing))
    }
}

fn drop_bins(labels: &mut Labels, dropped: &[usize]) {
    for &bin in dropped {
        labels.set(bin, Label::Missing);
    }
}

/// Does all, and reports the first error in their order.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Result<R> + Send + Sync) -> Result<Vec<R>> {
    let done: Vec<Result<R>> = items.par_iter().map(work).collect();
    done.into_iter().collect()
}
