//! Predictions along the genome as bedGraph files.

mod bigwigs;
mod config;
mod identity;
mod merge;
mod state;
mod track;
mod value;
mod written;

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rayon::prelude::*;

pub use self::{
    bigwigs::BigwigConfig,
    config::{TrackFile, TrackWriterConfig},
    identity::RunIdentity,
    merge::{merge_tracks, merge_tracks_with},
    value::TrackValue,
    written::Foreign,
};
use self::{
    state::{Place, Saved, Span, Stand},
    track::Track,
    written::foreign,
};
use super::ScannedBins;
use crate::{
    Error, Result,
    file::{FolderLock, at},
    genome::{BinGrid, Genome, Interval},
};

/// Writes what a [`GenomeScan`](super::GenomeScan) finds, one bedGraph file a track.
///
/// Coordinates are 0-based and half-open. Neighbouring bins overlap, and a bedGraph's intervals must not: a bin's value is
/// written for the `stride` base pairs in the bin's middle, or for all of a bin that is shorter. Neighbours of equal value
/// are one line. Bases near the ends of a chromosome that are in no bin's middle have no line.
///
/// Memory does not grow with the genome. A run that was interrupted goes on: now and then `tracks.json` says how many bins
/// are done and how long each file is, and a writer opened in that folder cuts the files to that length. When all is done
/// files get their final names, and those of a run that was interrupted equal those of one that was not.
///
/// A file is known by its length and its checksum (CRC-32), which `tracks.json` holds with a checksum of its own: one that was
/// changed, cut, or written by others is an error, and is replaced only if that is asked for
/// ([`TrackWriterConfig::open_with`]).
///
/// A shard of a scan has a folder of its own, and [`merge_tracks`] puts them together.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     genome::{BinGrid, Genome},
///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
///     predict::{GenomeScan, RunIdentity, ScanSource, Shard, TrackFile, TrackValue, TrackWriterConfig},
/// };
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 2).init(&device);
/// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let source = ScanSource::new(&genome, &grid);
/// let scan = GenomeScan::new(&model, source, &device)?;
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-tracks-{}", std::process::id()));
/// let files = vec![TrackFile { task: 1, name: "REST".into() }];
/// let identity = RunIdentity::new("a random model", &[]);
/// let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
/// let mut writer = config.open(&folder, source)?;
/// let scan = scan.after(writer.done());
/// scan.run(|part| writer.write(&part))?;
/// let written = writer.finish(scan.bins())?;
/// let text = std::fs::read_to_string(&written[0])?;
/// assert!(text.starts_with("chr1\t75\t"));
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TrackWriter<'a> {
    config: TrackWriterConfig,
    folder: PathBuf,
    genome: &'a Genome,
    grid: &'a BinGrid,
    /// What becomes of files that are in the way.
    foreign: Foreign,
    /// Held as long as the writer is there.
    _lock: Option<FolderLock>,
    /// None when all was done before.
    tracks: Vec<Track>,
    is_finished: bool,
    done: usize,
    /// What was written; none before the first bin.
    span: Option<Span>,
    saved: Instant,
    save_every: Duration,
}

impl TrackWriter<'_> {
    /// Returns the number of bins that were written, now or before: those that a scan may leave out.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Writes the next bins.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for bins that were written before, that leave out some of a chromosome or are not on it, for values
    /// that are not as many for each bin, and if the model has not the task of a file; [`Error::ScoreNan`] for a value that is
    /// not a number, or log-odds that are not finite; [`Error::Io`]. After the last two some tracks may be ahead of others:
    /// drop the writer, and open it again to go on from where it was saved.
    pub fn write(&mut self, part: &ScannedBins) -> Result<()> {
        if part.bins.is_empty() {
            return Ok(());
        }
        self.check(part)?;
        let tasks = part.log_odds.len() / part.bins.len();
        let (genome, grid, value) = (self.genome, self.grid, self.config.value);
        let files = self.tracks.par_iter_mut().zip(&self.config.files);
        let written: Vec<Result<()>> = files
            .map(|(track, file)| {
                for (index, bin) in part.bins.clone().enumerate() {
                    let log_odds = part.log_odds[index * tasks + file.task];
                    if log_odds.is_nan() || value == TrackValue::LogOdds && log_odds.is_infinite() {
                        return Err(Error::ScoreNan { index: bin });
                    }
                    track.push(genome, middle(grid, bin), value.rounded(log_odds), value);
                }
                track.flush()
            })
            .collect();
        written.into_iter().collect::<Result<()>>()?;
        self.done += part.bins.len();
        self.extend(&part.bins);
        if self.saved.elapsed() >= self.save_every { self.save(false) } else { Ok(()) }
    }

    /// Ends the files of a scan of so many bins, gives them their final names, and returns their paths.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if other than so many bins were written; [`Error::Io`].
    pub fn finish(mut self, bins: usize) -> Result<Vec<PathBuf>> {
        if self.done != bins {
            let what = format!("the bins written to {}", self.folder.display());
            return Err(Error::Mismatch { what, expected: bins.to_string(), found: self.done.to_string() });
        }
        if !self.is_finished {
            for track in &mut self.tracks {
                track.end(self.genome, self.config.value)?;
            }
            self.save(true)?;
        }
        self.rename_all()
    }

    /// Refuses bins that do not come next, and values that are not theirs.
    fn check(&self, part: &ScannedBins) -> Result<()> {
        let of_part = self.grid.of_chromosome(part.chromosome);
        let next = self.span.as_ref().map(|span| span.bins.end);
        let last = next.map(|next| self.grid.of_chromosome(self.grid.interval(next - 1).chromosome));
        let expected = match (next, last) {
            _ if self.is_finished => Some("none: all is done".into()),
            _ if part.bins.start < of_part.start || part.bins.end > of_part.end => {
                Some(format!("some of {of_part:?}, those of chromosome {}", part.chromosome))
            }
            (Some(next), Some(last)) if part.bins.start < next || last.end > next && part.bins.start > next => {
                Some(format!("from {next} on"))
            }
            (Some(next), _) if part.bins.start > next && part.bins.start > of_part.start => {
                Some(format!("from {} on, the first of the chromosome", of_part.start))
            }
            _ => None,
        };
        let mismatch = |what: String, expected: String, found: String| Err(Error::Mismatch { what, expected, found });
        if let Some(expected) = expected {
            let what = format!("the bins written to {}", self.folder.display());
            return mismatch(what, expected, format!("{:?}", part.bins));
        }
        let (values, bins) = (part.log_odds.len(), part.bins.len());
        if !values.is_multiple_of(bins) {
            return mismatch(
                "the log-odds of bins".into(),
                "as many for each bin".into(),
                format!("{values} for {bins}"),
            );
        }
        let tasks = values / bins;
        match self.config.files.iter().find(|file| file.task >= tasks) {
            Some(TrackFile { task, name }) => {
                let expected = format!("one of the model's {tasks}, counted from 0");
                mismatch(format!("the task of track {name}"), expected, task.to_string())
            }
            None => Ok(()),
        }
    }

    /// Bins were written.
    fn extend(&mut self, bins: &Range<usize>) {
        let place = |interval: Interval, position: usize| {
            let chromosome = self.genome.name(interval.chromosome).to_owned();
            Place { chromosome, position }
        };
        let (first, last) = (middle(self.grid, bins.start), middle(self.grid, bins.end - 1));
        let end = place(last, last.end);
        self.span = Some(match self.span.take() {
            Some(span) => Span { bins: span.bins.start..bins.end, end, ..span },
            None => Span { bins: bins.clone(), start: place(first, first.start), end },
        });
    }

    /// Puts the files on disk, and then says how far they go.
    fn save(&mut self, finished: bool) -> Result<()> {
        let tracks: Result<Vec<Stand>> = self.tracks.par_iter_mut().map(Track::stand).collect();
        let (config, span) = (self.config.clone(), self.span.clone());
        Saved::new(config, (self.done, span), finished, tracks?).save(&self.folder)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn rename_all(&self) -> Result<Vec<PathBuf>> {
        let rename = |file: &TrackFile| {
            let (from, to) = (partial(&self.folder, file), whole(&self.folder, file));
            // A run that was interrupted here has renamed some.
            if from.exists() {
                if self.foreign == Foreign::Refuse && to.exists() {
                    return Err(foreign(&to));
                }
                fs::rename(&from, &to).map_err(at(&to))?;
                remove_outdated(&self.folder, file, self.foreign)?;
            }
            Ok(to)
        };
        self.config.files.iter().map(rename).collect()
    }
}

/// Removes a bigWig file that is of what stood there before its bedGraph file was replaced.
fn remove_outdated(folder: &Path, file: &TrackFile, foreign: Foreign) -> Result<()> {
    let path = bigwig(folder, file);
    if foreign == Foreign::Replace && path.exists() { fs::remove_file(&path).map_err(at(&path)) } else { Ok(()) }
}

fn whole(folder: &Path, file: &TrackFile) -> PathBuf {
    folder.join(format!("{}.bedGraph", file.name))
}

fn partial(folder: &Path, file: &TrackFile) -> PathBuf {
    folder.join(format!("{}.bedGraph.partial", file.name))
}

fn bigwig(folder: &Path, file: &TrackFile) -> PathBuf {
    folder.join(format!("{}.bigWig", file.name))
}

/// The stride in the middle of a bin, or a bin that is shorter.
fn middle(grid: &BinGrid, bin: usize) -> Interval {
    let interval = grid.interval(bin);
    let length = grid.stride_bp().min(interval.len());
    let start = interval.start + (interval.len() - length) / 2;
    Interval { chromosome: interval.chromosome, start, end: start + length }
}

#[cfg(test)]
mod tests;
