//! The files that hold labels.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    data::{
        config::{DatasetConfig, PeaksConfig},
        pattern::{Names, Pattern},
    },
    genome::{BinGrid, Genome, LabelTable, Labels, PeakSet},
};

/// The files of one factor.
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
    pub(super) notes: Vec<String>,
}

/// Finds all files with labels, by factor.
pub(super) fn find_sources(config: &DatasetConfig) -> Result<Vec<Source>> {
    match (&config.labels, &config.peaks) {
        (Some(labels), _) => find_tables(config, labels),
        (None, Some(peaks)) => find_peaks(config, peaks),
        (None, None) => Ok(Vec::new()),
    }
}

fn find_tables(config: &DatasetConfig, labels: &str) -> Result<Vec<Source>> {
    let tables = Pattern::new("labels", labels)?.find(config.folder())?;
    let source = |(names, path): (Names, PathBuf)| {
        let cells = LabelTable::read_cells(&path)?;
        Ok(Source { factor: names.tf.unwrap_or_default(), cells, files: Files::Table(path) })
    };
    tables.into_iter().map(source).collect()
}

fn find_peaks(config: &DatasetConfig, peaks: &PeaksConfig) -> Result<Vec<Source>> {
    let folder = config.folder();
    let relaxed = peaks.relaxed_pattern.as_ref().map(|text| Pattern::new("peaks.relaxed_pattern", text)).transpose()?;
    let mut by_factor = BTreeMap::<String, (Vec<String>, Vec<PeakFiles>)>::new();
    for (names, path) in Pattern::new("peaks.pattern", &peaks.pattern)?.find(folder)? {
        let relaxed = relaxed.as_ref().map(|pattern| pattern.path(folder, &names)).filter(|path| path.is_file());
        let (cells, files) = by_factor.entry(names.tf.unwrap_or_default()).or_default();
        cells.extend(names.cell.or_else(|| peaks.cell.clone()));
        files.push(PeakFiles { peaks: path, relaxed });
    }
    let half_width_bp = peaks.half_width_bp;
    let source = |(factor, (cells, files))| Source { factor, cells, files: Files::Peaks { files, half_width_bp } };
    Ok(by_factor.into_iter().map(source).collect())
}

/// Keeps the factors that are asked for.
pub(super) fn restrict(sources: Vec<Source>, factors: &[String]) -> Result<Vec<Source>> {
    let wanted: BTreeSet<_> = factors.iter().map(String::as_str).collect();
    let known: BTreeSet<_> = sources.iter().map(|source| source.factor.as_str()).collect();
    let unknown: Vec<_> = wanted.difference(&known).copied().collect();
    if !unknown.is_empty() || wanted.is_empty() {
        return Err(Error::Config {
            key: "factors".to_owned(),
            expected: format!("some of {}", known.into_iter().collect::<Vec<_>>().join(", ")),
            found: if wanted.is_empty() { "none".to_owned() } else { unknown.join(", ") },
        });
    }
    Ok(sources.into_iter().filter(|source| factors.contains(&source.factor)).collect())
}

impl Source {
    /// Reads the files.
    pub(super) fn read(&self, genome: &Genome, grid: &BinGrid) -> Result<FactorLabels> {
        match &self.files {
            Files::Table(path) => {
                let LabelTable { labels, skipped, .. } = LabelTable::open(path, genome, grid)?;
                Ok(FactorLabels { labels, notes: skipped_note(path, skipped, "rows").into_iter().collect() })
            }
            Files::Peaks { files, half_width_bp } => {
                let mut read = FactorLabels { labels: Vec::new(), notes: Vec::new() };
                for files in files {
                    let mut open = |path: &PathBuf| open_peaks(path, genome, *half_width_bp, &mut read.notes);
                    let peaks = open(&files.peaks)?;
                    let relaxed = files.relaxed.as_ref().map(open).transpose()?;
                    read.labels.push(Labels::from_peaks(grid, &peaks, relaxed.as_ref()));
                }
                Ok(read)
            }
        }
    }
}

fn open_peaks(path: &Path, genome: &Genome, half_width_bp: Option<usize>, notes: &mut Vec<String>) -> Result<PeakSet> {
    let peaks = PeakSet::open(path, genome, half_width_bp)?;
    notes.extend(skipped_note(path, peaks.skipped(), "peaks"));
    Ok(peaks)
}

fn skipped_note(path: &Path, skipped: usize, records: &str) -> Option<String> {
    let note = || format!("{}: skipped {skipped} {records} on chromosomes that the genome lacks", path.display());
    (skipped > 0).then(note)
}
