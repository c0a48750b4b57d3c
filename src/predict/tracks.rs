//! Tracks: predictions along the genome as bedGraph files.

mod bigwigs;
mod config;
mod identity;
mod merge;
mod open;
mod state;
#[cfg(test)]
mod tests;
mod track;
mod value;
mod written;

use std::{
    fs,
    ops::Range,
    path::PathBuf,
    time::{Duration, Instant},
};

use rayon::prelude::*;

pub use self::{
    bigwigs::BigwigConfig,
    config::{TrackFile, TrackWriterConfig},
    identity::RunIdentity,
    merge::{merge_tracks, merge_tracks_with},
    value::TrackValue,
    written::ExistingFiles,
};
use self::{
    state::{Position, RunState, TrackState, WrittenSpan},
    track::Track,
    written::existing_file_error,
};
use super::ScannedBins;
use crate::{
    Error, Result,
    file::{FolderLock, at},
    genome::{BinGrid, Genome, Interval},
};

/// Writes the predictions of a [`GenomeScan`](super::GenomeScan), one bedGraph file for each track.
///
/// Coordinates are 0-based and half-open. Neighbouring bins overlap, but a bedGraph's intervals must not: a bin's value
/// is written for the `stride` base pairs in its middle, or for all of a shorter bin. Neighbours with equal values
/// share a line. Bases near the ends of a chromosome that are in no bin's middle have no line.
///
/// Memory does not grow with the genome. An interrupted run can be resumed: `tracks.json` records every few seconds how
/// many bins are done and how long each file is, and a writer opened in that folder cuts the files to that length.
/// Files get their final names at the end; an interrupted run writes the same files as an uninterrupted one.
///
/// `tracks.json` holds the length and the checksum (CRC-32) of each file, and a checksum of itself. A file that was
/// changed, cut, or written by others is an error, and is replaced only on request ([`TrackWriterConfig::open_with`]).
///
/// Each shard of a scan has its own folder, and [`merge_tracks`] joins them.
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
/// let scan = scan.skipping(writer.bins_written());
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
    existing: ExistingFiles,
    /// Held as long as the writer exists.
    _lock: Option<FolderLock>,
    /// Empty if the run was finished before.
    tracks: Vec<Track>,
    is_finished: bool,
    done: usize,
    /// None before the first bin.
    span: Option<WrittenSpan>,
    saved: Instant,
    save_every: Duration,
}

impl TrackWriter<'_> {
    /// Returns the number of bins that were written, now or before. A scan may skip them.
    pub fn bins_written(&self) -> usize {
        self.done
    }

    /// Writes the next bins.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for bins that were written before, that skip some of a chromosome or are not on it, if bins
    /// have different numbers of values, and if the model does not have the task of a file; [`Error::ScoreNan`] for a
    /// NaN or for log-odds that are not finite; [`Error::Io`]. After the last two some tracks may be ahead of others:
    /// drop the writer, and open it again to resume from the last save.
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

    /// Completes the files of a scan of so many bins, gives them their final names, and returns their paths.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if another number of bins was written; [`Error::Io`].
    pub fn finish(mut self, bins: usize) -> Result<Vec<PathBuf>> {
        Error::unless_equal(format!("the bins written to {}", self.folder.display()), bins, self.done)?;
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
        let chromosome = self.grid.on_chromosome(part.chromosome);
        let next = self.span.as_ref().map(|span| span.bins.end);
        let last = next.map(|next| self.grid.on_chromosome(self.grid.interval(next - 1).chromosome));
        let expected = match (next, last) {
            _ if self.is_finished => Some("none: all is done".into()),
            _ if part.bins.start < chromosome.start || part.bins.end > chromosome.end => {
                Some(format!("some of {chromosome:?}, those of chromosome {}", part.chromosome))
            }
            (Some(next), Some(last)) if part.bins.start < next || last.end > next && part.bins.start > next => {
                Some(format!("from {next} on"))
            }
            (Some(next), _) if part.bins.start > next && part.bins.start > chromosome.start => {
                Some(format!("from {} on, the first of the chromosome", chromosome.start))
            }
            _ => None,
        };
        if let Some(expected) = expected {
            let what = format!("the bins written to {}", self.folder.display());
            return Err(Error::mismatch(what, expected, format!("{:?}", part.bins)));
        }
        let (values, bins) = (part.log_odds.len(), part.bins.len());
        let (fits, found) = (values.is_multiple_of(bins), format!("{values} for {bins}"));
        Error::unless_fits(fits, "the log-odds of bins", "as many for each bin", found)?;
        let tasks = values / bins;
        match self.config.files.iter().find(|file| file.task >= tasks) {
            Some(TrackFile { task, name }) => {
                let expected = format!("one of the model's {tasks}, counted from 0");
                Err(Error::mismatch(format!("the task of track {name}"), expected, task))
            }
            None => Ok(()),
        }
    }

    /// Adds written bins to the span.
    fn extend(&mut self, bins: &Range<usize>) {
        let at = |interval: Interval, position: usize| {
            let chromosome = self.genome.name(interval.chromosome).to_owned();
            Position { chromosome, position }
        };
        let (first, last) = (middle(self.grid, bins.start), middle(self.grid, bins.end - 1));
        let end = at(last, last.end);
        self.span = Some(match self.span.take() {
            Some(span) => WrittenSpan { bins: span.bins.start..bins.end, end, ..span },
            None => WrittenSpan { bins: bins.clone(), start: at(first, first.start), end },
        });
    }

    /// Puts the files on disk, and then records the state of the run.
    fn save(&mut self, finished: bool) -> Result<()> {
        let tracks: Result<Vec<TrackState>> = self.tracks.par_iter_mut().map(Track::sync).collect();
        let (config, span) = (self.config.clone(), self.span.clone());
        RunState::new(config, (self.done, span), finished, tracks?).save(&self.folder)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn rename_all(&self) -> Result<Vec<PathBuf>> {
        let rename = |file: &TrackFile| {
            let (from, to) = (file.partial(&self.folder), file.bedgraph(&self.folder));
            // A run that was interrupted here has renamed some files.
            if from.exists() {
                if self.existing == ExistingFiles::Refuse && to.exists() {
                    return Err(existing_file_error(&to));
                }
                fs::rename(&from, &to).map_err(at(&to))?;
                file.remove_outdated(&self.folder, self.existing)?;
            }
            Ok(to)
        };
        self.config.files.iter().map(rename).collect()
    }
}

/// The stride in the middle of a bin, or all of a shorter bin.
fn middle(grid: &BinGrid, bin: usize) -> Interval {
    let interval = grid.interval(bin);
    let length = grid.stride_bp().min(interval.len());
    let start = interval.start + (interval.len() - length) / 2;
    Interval { chromosome: interval.chromosome, start, end: start + length }
}
