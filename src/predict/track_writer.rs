//! Predictions along the genome as bedGraph files.

mod identity;
mod state;
mod track;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use self::identity::RunIdentity;
use self::{
    state::{Saved, Stand},
    track::Track,
};
use super::{ScanSource, ScannedBins};
use crate::{
    Error, Result,
    file::{at, make_dir},
    genome::{BinGrid, Genome, Interval},
};

/// How long a run goes on before it is saved again.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// What the value of a track is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackValue {
    /// The probability of being bound, to six decimals.
    #[default]
    Probability,
    /// The log-odds of being bound, to four decimals.
    LogOdds,
}

/// A file of its own for one of a model's outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFile {
    /// The output, as the model counts its tasks.
    pub task: usize,
    /// The name of the file, without `.bedGraph`.
    pub name: String,
}

/// Configuration of [`TrackWriter`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackWriterConfig {
    /// What is written.
    pub files: Vec<TrackFile>,
    /// What the values are.
    pub value: TrackValue,
    /// What the values come from.
    pub identity: RunIdentity,
}

impl TrackWriterConfig {
    /// Opens files in a folder, or goes on where a run was interrupted.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if the folder holds another run; [`Error::Config`] for a name that cannot be a file's or occurs
    /// twice; [`Error::Corrupt`] if a file of an interrupted run has shrunk; [`Error::Io`].
    pub fn open<'a>(&self, folder: impl AsRef<Path>, source: ScanSource<'a>) -> Result<TrackWriter<'a>> {
        self.check_names()?;
        let folder = folder.as_ref();
        make_dir(folder)?;
        let saved = Saved::load(folder, self)?;
        let (done, next, is_finished, stands) = match saved {
            Some(saved) => (saved.done, saved.next, saved.finished, saved.tracks),
            None => (0, 0, false, vec![Stand::default(); self.files.len()]),
        };
        let mut writer = TrackWriter {
            config: self.clone(),
            folder: folder.to_owned(),
            genome: source.genome,
            grid: source.grid,
            tracks: Vec::new(),
            is_finished,
            done,
            next,
            saved: Instant::now(),
            save_every: SAVE_EVERY,
        };
        if is_finished {
            writer.rename_all()?;
        } else {
            let tracks = self.files.iter().zip(stands);
            writer.tracks =
                tracks.map(|(file, stand)| Track::open(partial(folder, file), stand)).collect::<Result<_>>()?;
        }
        Ok(writer)
    }

    fn check_names(&self) -> Result<()> {
        let name = |file: &TrackFile| file.name.to_lowercase();
        for (index, file) in self.files.iter().enumerate() {
            let is_one = Path::new(&file.name).file_name().is_some_and(|name| name == file.name.as_str());
            let is_new = self.files[..index].iter().all(|other| name(other) != name(file));
            let expected = "names of files, each of its own";
            Error::unless(is_one && is_new, "the track's name".into(), expected, &file.name)?;
        }
        Ok(())
    }
}

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
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     genome::{BinGrid, Genome},
///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
///     predict::{GenomeScan, RunIdentity, ScanSource, TrackFile, TrackValue, TrackWriterConfig},
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
/// let mut writer = TrackWriterConfig { files, value: TrackValue::Probability, identity }.open(&folder, source)?;
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
    /// None when all was done before.
    tracks: Vec<Track>,
    is_finished: bool,
    done: usize,
    /// The bin after the last one that was written.
    next: usize,
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
    /// [`Error::Mismatch`] for bins that were written before; [`Error::ScoreNan`] for a value that is not a number, or
    /// log-odds that are not finite; [`Error::Io`]. After the last two some tracks may be ahead of others: drop the writer,
    /// and open it again to go on from where it was saved.
    ///
    /// # Panics
    ///
    /// If the model has no such task.
    pub fn write(&mut self, part: &ScannedBins) -> Result<()> {
        if part.bins.is_empty() {
            return Ok(());
        }
        if self.is_finished || part.bins.start < self.next {
            let expected = if self.is_finished { "none: all is done".into() } else { format!("from {} on", self.next) };
            let what = format!("the bins written to {}", self.folder.display());
            return Err(Error::Mismatch { what, expected, found: format!("{:?}", part.bins) });
        }
        let tasks = part.log_odds.len() / part.bins.len();
        let (genome, grid, value) = (self.genome, self.grid, self.config.value);
        let files = self.tracks.par_iter_mut().zip(&self.config.files);
        let written: Vec<Result<()>> = files
            .map(|(track, file)| {
                assert!(file.task < tasks, "task {} of {tasks}", file.task);
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
        self.next = part.bins.end;
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

    /// Puts the files on disk, and then says how far they go.
    fn save(&mut self, finished: bool) -> Result<()> {
        let tracks: Result<Vec<Stand>> = self.tracks.par_iter_mut().map(Track::stand).collect();
        let saved = Saved { config: self.config.clone(), done: self.done, next: self.next, finished, tracks: tracks? };
        saved.save(&self.folder)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn rename_all(&self) -> Result<Vec<PathBuf>> {
        let rename = |file: &TrackFile| {
            let (from, to) = (partial(&self.folder, file), self.folder.join(format!("{}.bedGraph", file.name)));
            // A run that was interrupted here has renamed some.
            if from.exists() {
                fs::rename(&from, &to).map_err(at(&to))?;
            }
            Ok(to)
        };
        self.config.files.iter().map(rename).collect()
    }
}

impl TrackValue {
    fn decimals(self) -> u32 {
        match self {
            Self::Probability => 6,
            Self::LogOdds => 4,
        }
    }

    /// The value as a whole number of its last decimals.
    fn rounded(self, log_odds: f32) -> i64 {
        let value = match self {
            Self::Probability => 1.0 / (1.0 + (-f64::from(log_odds)).exp()),
            Self::LogOdds => f64::from(log_odds),
        };
        (value * 10_f64.powi(self.decimals() as i32)).round() as i64
    }
}

fn partial(folder: &Path, file: &TrackFile) -> PathBuf {
    folder.join(format!("{}.bedGraph.partial", file.name))
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
