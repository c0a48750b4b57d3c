//! The sources of labels: files, or labels and peaks in memory.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use crate::{
    Error, Result,
    data::{
        config::{DatasetConfig, PeaksConfig},
        dataset::{
            named::find_factors,
            notes::{files::FileNotes, names::note},
        },
        pattern::{Found, Names, Pattern, check_name},
        region::check_interval,
    },
    genome::{BinGrid, Genome, Interval, LabelTable, Labels, PeakSet},
};

/// Where the labels of one factor come from.
#[derive(Debug)]
pub(crate) struct LabelSource {
    pub(crate) factor: String,
    /// The cell types in which it was measured.
    pub(crate) cells: Vec<String>,
    data: TrackData,
}

#[derive(Debug)]
enum TrackData {
    Table(PathBuf),
    /// One for each cell type.
    Peaks {
        files: Vec<PeakFiles>,
        half_width_bp: Option<usize>,
    },
    /// One for each cell type.
    Memory(Vec<TrackLabels>),
}

/// The labels of a track, or the peaks that they follow from.
#[derive(Debug)]
pub(crate) enum TrackLabels {
    Labels(Labels),
    Peaks { peaks: PeakSet, relaxed: Option<PeakSet> },
}

#[derive(Debug)]
struct PeakFiles {
    peaks: PathBuf,
    relaxed: Option<PathBuf>,
}

/// Finds the sources of labels, sorted by factor.
pub(crate) fn find_sources(config: &DatasetConfig, notes: &mut Vec<String>) -> Result<Vec<LabelSource>> {
    match (&config.labels, &config.peaks) {
        (Some(labels), _) => find_tables(config, labels, notes),
        (None, Some(peaks)) => find_peaks(config, peaks, notes),
        (None, None) => Err(DatasetConfig::labels_error("neither")),
    }
}

fn find_tables(config: &DatasetConfig, labels: &str, notes: &mut Vec<String>) -> Result<Vec<LabelSource>> {
    let source = |(names, path): (Names, PathBuf)| {
        let cells = LabelTable::read_cells(&path)?;
        cells.iter().try_for_each(|cell| check_name(&format!("{}: its header", path.display()), cell))?;
        Ok(LabelSource { factor: names.tf.unwrap_or_default(), cells, data: TrackData::Table(path) })
    };
    find_files(config, "labels", labels, notes)?.into_iter().map(source).collect()
}

fn find_peaks(config: &DatasetConfig, peaks: &PeaksConfig, notes: &mut Vec<String>) -> Result<Vec<LabelSource>> {
    let files = find_files(config, "peaks.pattern", &peaks.pattern, notes)?;
    let mut relaxed = BTreeMap::new();
    if let Some(pattern) = &peaks.relaxed_pattern {
        relaxed = find_files(config, "peaks.relaxed_pattern", pattern, notes)?;
        notes.extend(unpaired(&files, &relaxed));
    }
    let mut by_factor = BTreeMap::<String, (Vec<String>, Vec<PeakFiles>)>::new();
    for (names, path) in files {
        let relaxed = relaxed.remove(&names);
        let (cells, files) = by_factor.entry(names.tf.unwrap_or_default()).or_default();
        cells.extend(names.cell.or_else(|| peaks.cell.clone()));
        files.push(PeakFiles { peaks: path, relaxed });
    }
    let half_width_bp = peaks.half_width_bp;
    let data = |files| TrackData::Peaks { files, half_width_bp };
    let source = |(factor, (cells, files))| LabelSource { factor, cells, data: data(files) };
    Ok(by_factor.into_iter().map(source).collect())
}

/// Finds the files that match a pattern, and notes those that nearly do, unless the configuration names them otherwise.
fn find_files(
    config: &DatasetConfig,
    key: &'static str,
    pattern: &str,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<Names, PathBuf>> {
    let (folder, pattern) = (config.folder(), Pattern::new(key, pattern)?);
    let cells = config.accessibility.iter().flat_map(|all| all.files.keys()).map(String::as_str).collect();
    let Found { files, mut near } = pattern.find(folder, &cells)?;
    let named = [Some(&config.genome), config.blacklist.as_ref(), config.motifs.as_ref()];
    let named: Vec<PathBuf> = named.into_iter().flatten().map(|path| config.path(path)).collect();
    near.retain(|path| !named.contains(path));
    notes.extend(pattern.near_note(&near, folder));
    Ok(files)
}

/// Notes tracks with peaks but no relaxed ones, and the reverse.
fn unpaired(peaks: &BTreeMap<Names, PathBuf>, relaxed: &BTreeMap<Names, PathBuf>) -> Vec<String> {
    let only = |a: &BTreeMap<Names, PathBuf>, b: &BTreeMap<Names, PathBuf>, what: &str| {
        let name = |names: &Names| names.tf.iter().chain(&names.cell).cloned().collect::<Vec<_>>().join(" in ");
        note(what, &a.keys().filter(|names| !b.contains_key(names)).map(name).collect::<Vec<_>>())
    };
    let lacking = only(peaks, relaxed, "without relaxed peaks, where only partial overlaps with peaks are ambiguous");
    lacking.into_iter().chain(only(relaxed, peaks, "relaxed peaks without others, not used")).collect()
}

/// Keeps some factors.
pub(crate) fn restrict(sources: Vec<LabelSource>, factors: &[String]) -> Result<Vec<LabelSource>> {
    let known: Vec<&str> = sources.iter().map(|source| source.factor.as_str()).collect();
    let wanted: BTreeSet<String> = find_factors(factors, &known)?.into_iter().collect();
    Ok(sources.into_iter().filter(|source| wanted.contains(&source.factor)).collect())
}

impl LabelSource {
    /// Makes the source of a factor from its tracks, each cell type once.
    pub(crate) fn from_tracks(factor: String, mut tracks: Vec<(String, TrackLabels)>) -> Result<Self> {
        check_name("the name of a factor", &factor)?;
        tracks.iter().try_for_each(|(cell, _)| check_name("the name of a cell type", cell))?;
        tracks.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some(pair) = tracks.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let what = format!("the labels or peaks of {factor} in {}", pair[0].0);
            return Err(Error::mismatch(what, "once", "twice"));
        }
        let (cells, tracks) = tracks.into_iter().unzip();
        Ok(Self { factor, cells, data: TrackData::Memory(tracks) })
    }

    /// Reads the labels of each cell type, with notes about the files, which leave out the bins in `dropped`.
    pub(crate) fn read(&self, genome: &Genome, grid: &BinGrid, dropped: &[usize]) -> Result<(Vec<Labels>, FileNotes)> {
        let mut notes = FileNotes::default();
        let labels = match &self.data {
            TrackData::Table(path) => {
                let LabelTable { labels, skipped, .. } = LabelTable::open(path, genome, grid)?;
                notes.skipped(path, &skipped);
                notes.bins(path, &labels[0], dropped, grid, genome);
                labels
            }
            TrackData::Peaks { files, half_width_bp } => {
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
            TrackData::Memory(tracks) => {
                let tracks = self.cells.iter().zip(tracks);
                let labels = |(cell, track): (&String, &TrackLabels)| {
                    track.to_labels(&format!("{} in {cell}", self.factor), genome, grid)
                };
                tracks.map(labels).collect::<Result<_>>()?
            }
        };
        Ok((labels, notes))
    }
}

impl TrackLabels {
    /// Returns the labels over the bins of a grid; `track` names the track in errors.
    fn to_labels(&self, track: &str, genome: &Genome, grid: &BinGrid) -> Result<Labels> {
        match self {
            Self::Labels(labels) if labels.len() == grid.len() => Ok(labels.clone()),
            Self::Labels(labels) => {
                let (bins, bin_bp, stride_bp) = (grid.len(), grid.bin_bp(), grid.stride_bp());
                let expected = format!("{bins}, one for each bin of {bin_bp} bp every {stride_bp} bp");
                Err(Error::mismatch(format!("the labels of {track}"), expected, labels.len()))
            }
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
