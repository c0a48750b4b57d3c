//! Tracks: predictions along the genome as bedGraph and bigWig files.

mod bigwigs;
mod config;
mod conversion;
mod finish;
mod identity;
mod merge;
mod open;
mod saver;
mod state;
#[cfg(test)]
mod tests;
mod track;
mod value;
mod values;
mod written;

use std::{
    ops::Range,
    path::PathBuf,
    time::{Duration, Instant},
};

pub use self::{
    bigwigs::BigwigConfig,
    config::{TrackFile, TrackFormat, TrackWriterConfig},
    identity::RunIdentity,
    merge::{merge_tracks, merge_tracks_with},
    value::TrackValue,
    written::ExistingFiles,
};
use self::{
    saver::Saver,
    state::{Position, RunState, WrittenSpan},
    track::places::middle,
    values::Block,
};
use super::ScannedBins;
use crate::{
    Error, Result,
    file::FolderLock,
    genome::{BinGrid, Genome, Interval},
};

/// Writes the predictions of a [`GenomeScan`](super::GenomeScan), a bedGraph or bigWig file for each track.
///
/// Coordinates are 0-based and half-open. Neighbouring bins overlap, but intervals of a track must not: a bin's value
/// is written for the `stride` base pairs in its middle, or for all of a shorter bin. Neighbours with equal values
/// share a line. Bases near the ends of a chromosome that are in no bin's middle have no line.
///
/// While the scan runs, another thread appends the values of all tracks to one file, `tracks.values`, four bytes for
/// each; at the end the files of tracks are made from it, some at a time, and it is removed. Neither memory nor the
/// number of open files grows with the genome or the number of tracks: at most four parts of the scan are in memory,
/// the caller's included, and about 50 files are open.
///
/// An interrupted run can be resumed: `tracks.json` records every few seconds how many bins are done, and a writer
/// opened in that folder continues from there. An interrupted run writes the same files as an uninterrupted one.
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
    folder: PathBuf,
    genome: &'a Genome,
    grid: &'a BinGrid,
    existing: ExistingFiles,
    state: RunState,
    /// None if the run was finished before.
    saver: Option<Saver>,
    /// Held as long as the writer exists.
    _lock: Option<FolderLock>,
    saved: Instant,
    save_every: Duration,
}

impl TrackWriter<'_> {
    /// Returns the number of bins that were written, now or before. A scan may skip them.
    pub fn bins_written(&self) -> usize {
        self.state.done
    }

    /// Writes the next bins, while the scan goes on.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for bins that were written before, that skip some of a chromosome or are not on it, if bins
    /// have different numbers of values, and if the model does not have the task of a file; [`Error::ScoreNan`] for a
    /// NaN or for log-odds that are not finite; [`Error::Io`], which may be that of an earlier call. After the last one
    /// drop the writer, and open it again to resume from the last save.
    pub fn write(&mut self, part: &ScannedBins) -> Result<()> {
        if part.bins.is_empty() {
            return Ok(());
        }
        self.check(part)?;
        let block = Block::new(part, &self.state.config.files, self.state.config.value)?;
        self.state.done += part.bins.len();
        self.extend(&part.bins);
        // An earlier end of the scan has made them from fewer bins.
        self.state.forget_files();
        let is_due = self.saved.elapsed() >= self.save_every;
        if is_due {
            self.saved = Instant::now();
        }
        let state = is_due.then(|| self.state.clone());
        self.saver.as_mut().map_or(Ok(()), |saver| saver.send((block, state)))
    }

    /// Refuses bins that do not come next, and values that are not theirs.
    fn check(&self, part: &ScannedBins) -> Result<()> {
        let chromosome = self.grid.on_chromosome(part.chromosome);
        let next = self.state.span.as_ref().map(|span| span.bins.end);
        let last = next.map(|next| self.grid.on_chromosome(self.grid.interval(next - 1).chromosome));
        let expected = match (next, last) {
            _ if self.state.finished => Some("none: all is done".into()),
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
        match self.state.config.files.iter().find(|file| file.task >= tasks) {
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
        self.state.span = Some(match self.state.span.take() {
            Some(span) => WrittenSpan { bins: span.bins.start..bins.end, end, ..span },
            None => WrittenSpan { bins: bins.clone(), start: at(first, first.start), end },
        });
    }
}
