//! Tracks: predictions along the genome as bedGraph and bigWig files.

mod bigwigs;
mod config;
mod conversion;
mod identity;
mod merge;
mod open;
mod places;
mod saver;
mod state;
#[cfg(test)]
mod tests;
mod track;
mod value;
mod values;
mod written;

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
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
    conversion::Conversion,
    places::middle,
    saver::Saver,
    state::{Position, RunState, WrittenSpan},
    values::{Block, ValuesFile},
    written::{existing_file_error, remove},
};
use super::ScannedBins;
use crate::{
    Error, Result,
    file::{FolderLock, at, sync_files},
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
/// number of open files grows with the genome or the number of tracks: at most three parts of the scan are in memory,
/// and about 50 files are open.
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

    /// Makes the bedGraph files of a scan of so many bins, and returns their paths.
    ///
    /// # Errors
    ///
    /// Those of [`TrackWriter::finish_with`].
    pub fn finish(self, bins: usize) -> Result<Vec<PathBuf>> {
        self.finish_with(bins, TrackFormat::Bedgraph, |_| ())
    }

    /// Makes the files of a scan of so many bins, calls `each` with the path of each, and returns all paths.
    ///
    /// Interrupted, it goes on with the files that are left.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if another number of bins was written, if another file is in the way, and for bedGraph files
    /// of a run that was finished without them; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     genome::{BinGrid, Genome},
    ///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
    ///     predict::{
    ///         GenomeScan, RunIdentity, ScanSource, Shard, TrackFile, TrackFormat, TrackValue, TrackWriterConfig,
    ///     },
    /// };
    ///
    /// let device = Device::default();
    /// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 1).init(&device);
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let source = ScanSource::new(&genome, &grid);
    ///
    /// let folder = std::env::temp_dir().join(format!("multitf-doc-formats-{}", std::process::id()));
    /// let files = vec![TrackFile { task: 0, name: "REST".into() }];
    /// let identity = RunIdentity::new("a random model", &[]);
    /// let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
    /// let mut writer = config.open(&folder, source)?;
    /// let scan = GenomeScan::new(&model, source, &device)?.skipping(writer.bins_written());
    /// scan.run(|part| writer.write(&part))?;
    /// let written = writer.finish_with(scan.bins(), TrackFormat::Bigwig, |path| println!("{}", path.display()))?;
    /// assert_eq!(written, [folder.join("REST.bigWig")]);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish_with(
        mut self,
        bins: usize,
        format: TrackFormat,
        mut each: impl FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        Error::unless_equal(format!("the bins written to {}", self.folder.display()), bins, self.state.done)?;
        match self.saver.take() {
            Some(mut saver) => self.make_files(saver.end()?, format, &mut each),
            None => self.finished_files(format, each),
        }
    }

    /// Makes the files under temporary names, puts them on disk, records that, and then gives them their names.
    fn make_files(
        &mut self,
        mut values: ValuesFile,
        format: TrackFormat,
        each: &mut dyn FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        let (config, folder, save_every) = (self.state.config.clone(), self.folder.clone(), self.save_every);
        let conversion =
            Conversion { config: &config, folder: &folder, genome: self.genome, grid: self.grid, format, save_every };
        conversion.run(&mut values, &mut self.state, each)?;
        let (partial, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            conversion.paths(0..config.files.len()).into_iter().unzip();
        sync_files(&partial)?;
        drop(values);
        self.state = RunState { finished: true, values: None, ..self.state.clone() };
        self.state.save(&folder)?;
        ValuesFile::remove(&folder)?;
        self.rename_all()?;
        Ok(paths)
    }

    /// The files of a run that was finished before; bigWig files that it lacks are made from the bedGraph files.
    fn finished_files(mut self, format: TrackFormat, each: impl FnMut(&Path)) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        if format.has_bedgraph() {
            for (file, track) in self.state.config.files.iter().zip(&self.state.tracks) {
                let path = file.bedgraph(&self.folder);
                if track.is_none() || !path.exists() {
                    let found = "none, since an earlier call has left bigWig files alone: choose another folder, or                                  remove tracks.json and scan again with `--force`";
                    return Err(Error::mismatch(path.display().to_string(), "the file of a finished run", found));
                }
                paths.push(path);
            }
        }
        if format.has_bigwig() {
            let config = BigwigConfig { removes_bedgraphs: !format.has_bedgraph(), existing: self.existing };
            paths.extend(config.convert_all(&mut self.state, &self.folder, self.genome, each)?);
        }
        Ok(paths)
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

    /// Gives the files of a finished run their names. A run that was interrupted here has renamed some files.
    fn rename_all(&self) -> Result<()> {
        let RunState { config, tracks, bigwigs, .. } = &self.state;
        for (file, (track, bigwig)) in config.files.iter().zip(tracks.iter().zip(bigwigs)) {
            let [bedgraph_path, bigwig_path] = [file.bedgraph(&self.folder), file.bigwig(&self.folder)];
            let bedgraph = self.rename(track.is_some(), &file.partial(&self.folder), &bedgraph_path)?;
            let bigwig_renamed = self.rename(bigwig.is_some(), &file.partial_bigwig(&self.folder), &bigwig_path)?;
            // A file in the other format would be taken for one of this run.
            if self.existing == ExistingFiles::Replace && bedgraph && bigwig.is_none() {
                remove(&bigwig_path)?;
            }
            if self.existing == ExistingFiles::Replace && bigwig_renamed && track.is_none() {
                remove(&bedgraph_path)?;
            }
        }
        Ok(())
    }

    /// Renames a file if it is there and of this run, and returns whether it did.
    fn rename(&self, is_made: bool, from: &Path, to: &Path) -> Result<bool> {
        if !is_made {
            remove(from)?;
        }
        if !from.exists() {
            return Ok(false);
        }
        if self.existing == ExistingFiles::Refuse && to.exists() {
            return Err(existing_file_error(to));
        }
        fs::rename(from, to).map_err(at(to)).map(|()| true)
    }
}
