//! The files that hold labels.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{file_notes::FileNotes, named::factors_named};
use crate::{
    Error, Result,
    data::{
        config::{DatasetConfig, PeaksConfig},
        pattern::{Found, Names, Pattern, check_name},
        region::check_interval,
    },
    genome::{BinGrid, Genome, Interval, LabelTable, Labels, PeakSet},
};

/// The labels of one factor, or what to make them of.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) factor: String,
    /// The cell types in which it was measured.
    pub(super) cells: Vec<String>,
    files: Files,
}

#[derive(Debug)]
enum Files {
    Table(PathBuf),
    /// One for each cell type.
    Peaks {
        files: Vec<PeakFiles>,
        half_width_bp: Option<usize>,
    },
    /// No file. One for each cell type.
    Known(Vec<Known>),
}

/// What is known of a track without a file.
#[derive(Debug)]
pub(super) enum Known {
    Labels(Labels),
    Peaks { peaks: PeakSet, relaxed: Option<PeakSet> },
}

#[derive(Debug)]
struct PeakFiles {
    peaks: PathBuf,
    relaxed: Option<PathBuf>,
}

/// Labels of one factor, with what there is to say about its files.
pub(super) struct FactorLabels {
    /// By cell type, as in the source.
    pub(super) labels: Vec<Labels>,
    pub(super) notes: FileNotes,
}

/// All files with labels, by factor, with what there is to say about them.
pub(super) fn find_sources(config: &DatasetConfig) -> Result<(Vec<Source>, Vec<String>)> {
    match (&config.labels, &config.peaks) {
        (Some(labels), _) => find_tables(config, labels),
        (None, Some(peaks)) => find_peaks(config, peaks),
        (None, None) => Err(DatasetConfig::labels_error("neither")),
    }
}

/// The cell types that the configuration names.
fn given_cells(config: &DatasetConfig) -> BTreeSet<&str> {
    config.accessibility.iter().flat_map(|all| all.tracks.keys()).map(String::as_str).collect()
}

fn find_tables(config: &DatasetConfig, labels: &str) -> Result<(Vec<Source>, Vec<String>)> {
    let (folder, pattern) = (config.folder(), Pattern::new("labels", labels)?);
    let Found { files, near } = pattern.find(folder, &given_cells(config))?;
    let source = |(names, path): (Names, PathBuf)| {
        let cells = LabelTable::read_cells(&path)?;
        cells.iter().try_for_each(|cell| check_name(&format!("{}: its header", path.display()), cell))?;
        Ok(Source { factor: names.tf.unwrap_or_default(), cells, files: Files::Table(path) })
    };
    let sources = files.into_iter().map(source).collect::<Result<_>>()?;
    Ok((sources, pattern.near_note(&unused(near, config), folder).into_iter().collect()))
}

/// Those files that the configuration does not name itself.
fn unused(mut near: Vec<PathBuf>, config: &DatasetConfig) -> Vec<PathBuf> {
    let named = [Some(&config.genome), config.blacklist.as_ref(), config.motifs.as_ref()];
    let named: Vec<PathBuf> = named.into_iter().flatten().map(|path| config.path(path)).collect();
    near.retain(|path| !named.contains(path));
    near
}

fn find_peaks(config: &DatasetConfig, peaks: &PeaksConfig) -> Result<(Vec<Source>, Vec<String>)> {
    let (folder, cells) = (config.folder(), given_cells(config));
    let pattern = Pattern::new("peaks.pattern", &peaks.pattern)?;
    let Found { files, near } = pattern.find(folder, &cells)?;
    let mut notes: Vec<String> = pattern.near_note(&unused(near, config), folder).into_iter().collect();
    let mut relaxed = match &peaks.relaxed_pattern {
        Some(text) => {
            let pattern = Pattern::new("peaks.relaxed_pattern", text)?;
            let found = pattern.find(folder, &cells)?;
            notes.extend(pattern.near_note(&unused(found.near, config), folder));
            notes.extend(unpaired(&files, &found.files));
            found.files
        }
        None => BTreeMap::new(),
    };
    let mut by_factor = BTreeMap::<String, (Vec<String>, Vec<PeakFiles>)>::new();
    for (names, path) in files {
        let relaxed = relaxed.remove(&names);
        let (cells, files) = by_factor.entry(names.tf.unwrap_or_default()).or_default();
        cells.extend(names.cell.or_else(|| peaks.cell.clone()));
        files.push(PeakFiles { peaks: path, relaxed });
    }
    let half_width_bp = peaks.half_width_bp;
    let source = |(factor, (cells, files))| Source { factor, cells, files: Files::Peaks { files, half_width_bp } };
    Ok((by_factor.into_iter().map(source).collect(), notes))
}

/// What has peaks and no relaxed ones, or the other way round.
fn unpaired(peaks: &BTreeMap<Names, PathBuf>, relaxed: &BTreeMap<Names, PathBuf>) -> Vec<String> {
    let only = |a: &BTreeMap<Names, PathBuf>, b: &BTreeMap<Names, PathBuf>, what: &str| {
        let name = |names: &Names| names.tf.iter().chain(&names.cell).cloned().collect::<Vec<_>>().join(" in ");
        let only: Vec<String> = a.keys().filter(|names| !b.contains_key(names)).map(name).collect();
        (!only.is_empty()).then(|| format!("{what}: {}", only.join(", ")))
    };
    let lacking = only(peaks, relaxed, "no relaxed peaks, so that no bin is ambiguous for their sake");
    lacking.into_iter().chain(only(relaxed, peaks, "relaxed peaks without others, not used")).collect()
}

/// Keeps the factors that are asked for.
pub(super) fn restrict(sources: Vec<Source>, factors: &[String]) -> Result<Vec<Source>> {
    let known: Vec<&str> = sources.iter().map(|source| source.factor.as_str()).collect();
    let wanted: BTreeSet<String> = factors_named(factors, &known)?.into_iter().collect();
    Ok(sources.into_iter().filter(|source| wanted.contains(&source.factor)).collect())
}

impl Source {
    /// Takes what is known of a factor in some cell types, each once.
    pub(super) fn from_known(factor: String, mut known: Vec<(String, Known)>) -> Result<Self> {
        check_name("the name of a factor", &factor)?;
        known.iter().try_for_each(|(cell, _)| check_name("the name of a cell type", cell))?;
        known.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some(pair) = known.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let what = format!("the labels or peaks of {factor} in {}", pair[0].0);
            return Err(Error::Mismatch { what, expected: "once".to_owned(), found: "twice".to_owned() });
        }
        let (cells, known) = known.into_iter().unzip();
        Ok(Self { factor, cells, files: Files::Known(known) })
    }

    /// Reads the files; bins in `dropped` count for nothing.
    pub(super) fn read(&self, genome: &Genome, grid: &BinGrid, dropped: &[usize]) -> Result<FactorLabels> {
        let mut notes = FileNotes::default();
        let labels = match &self.files {
            Files::Table(path) => {
                let LabelTable { labels, skipped, .. } = LabelTable::open(path, genome, grid)?;
                notes.skipped(path, &skipped);
                notes.bins(path, &labels[0], dropped, grid, genome);
                labels
            }
            Files::Peaks { files, half_width_bp } => {
                let mut open = |path: &PathBuf| {
                    let peaks = PeakSet::open(path, genome, *half_width_bp)?;
                    notes.peaks(path, &peaks);
                    Ok(peaks)
                };
                let mut read = |files: &PeakFiles| {
                    let peaks = open(&files.peaks)?;
                    let relaxed = files.relaxed.as_ref().map(&mut open).transpose()?;
                    Ok(Labels::from_peaks(grid, &peaks, relaxed.as_ref()))
                };
                files.iter().map(&mut read).collect::<Result<_>>()?
            }
            Files::Known(known) => {
                let tracks = self.cells.iter().zip(known);
                let labels = |(cell, known): (&String, &Known)| {
                    known.to_labels(&format!("{} in {cell}", self.factor), genome, grid)
                };
                tracks.map(labels).collect::<Result<_>>()?
            }
        };
        Ok(FactorLabels { labels, notes })
    }
}

impl Known {
    /// The labels of a track over the bins of a grid.
    fn to_labels(&self, track: &str, genome: &Genome, grid: &BinGrid) -> Result<Labels> {
        match self {
            Self::Labels(labels) if labels.len() == grid.len() => Ok(labels.clone()),
            Self::Labels(labels) => Err(Error::Mismatch {
                what: format!("the labels of {track}"),
                expected: format!(
                    "{}, one for each bin of {} bp every {} bp",
                    grid.len(),
                    grid.bin_bp(),
                    grid.stride_bp()
                ),
                found: labels.len().to_string(),
            }),
            Self::Peaks { peaks, relaxed } => {
                for (kind, peaks) in [("peak", Some(peaks)), ("relaxed peak", relaxed.as_ref())] {
                    let check = |(index, peak): (usize, &Interval)| {
                        check_interval(|| format!("{kind} {index} of {track}"), *peak, genome)
                    };
                    peaks.map_or(&[][..], PeakSet::intervals).iter().enumerate().try_for_each(check)?;
                }
                Ok(Labels::from_peaks(grid, peaks, relaxed.as_ref()))
            }
        }
    }
}
