//! How far a run is.

use std::{fmt, fs, io, ops::Range, path::Path};

use serde::{Deserialize, Serialize};

use super::{TrackWriterConfig, written::Written};
use crate::{
    Error, Result,
    file::{at, read_sealed, write_sealed},
};

/// `tracks.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Saved {
    pub(super) config: TrackWriterConfig,
    /// Bins that were written.
    pub(super) done: usize,
    /// Where they lie; none if there are none.
    pub(super) span: Option<Span>,
    pub(super) finished: bool,
    pub(super) tracks: Vec<Stand>,
    /// The bigWig files that the tracks were turned into.
    pub(super) bigwigs: Vec<Option<Written>>,
}

/// What the bins that were written span, those between that are not scanned included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Span {
    /// The bins, as the grid counts them.
    pub(super) bins: Range<usize>,
    /// Where the first line starts.
    pub(super) start: Place,
    /// Where the last line ends.
    pub(super) end: Place,
}

/// A place on a genome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) chromosome: String,
    pub(super) position: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chromosome, self.position)
    }
}

/// How far one file is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stand {
    /// The file.
    pub(super) file: Written,
    /// The line that may still grow.
    pub(super) line: Option<Line>,
}

/// A line of a bedGraph file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) chromosome: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// In units of the last decimal.
    pub(super) value: i64,
}

impl Saved {
    const NAME: &str = "tracks.json";

    /// The state of a run of which no file was turned into another.
    pub(super) fn new(
        config: TrackWriterConfig,
        (done, span): (usize, Option<Span>),
        finished: bool,
        tracks: Vec<Stand>,
    ) -> Self {
        let bigwigs = vec![None; config.files.len()];
        Self { config, done, span, finished, tracks, bigwigs }
    }

    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        write_sealed(&folder.join(Self::NAME), self)
    }

    /// Forgets what was saved.
    pub(super) fn remove(folder: &Path) -> Result<()> {
        let path = folder.join(Self::NAME);
        if path.exists() { fs::remove_file(&path).map_err(at(&path)) } else { Ok(()) }
    }

    /// Loads what was saved for these settings; none if nothing was.
    pub(super) fn load(folder: &Path, config: &TrackWriterConfig) -> Result<Option<Self>> {
        if !folder.join(Self::NAME).exists() {
            return Ok(None);
        }
        let saved = Self::read(folder)?;
        if saved.config != *config {
            return Err(Error::Mismatch {
                what: format!("the tracks in {}", folder.display()),
                expected: "this model, data, device and shard, and these tracks and chromosomes".into(),
                found: "others: choose another folder, or have them replaced with `--force`".into(),
            });
        }
        Ok(Some(saved))
    }

    /// Reads what was saved, whatever the settings.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::NAME);
        let saved: Option<Self> = read_sealed(&path, "choose another folder, or scan again with `--force`")?;
        let Some(saved) = saved else {
            return Err(Error::Io { path, source: io::ErrorKind::NotFound.into() });
        };
        let (files, tracks, bigwigs) = (saved.config.files.len(), saved.tracks.len(), saved.bigwigs.len());
        if [tracks, bigwigs] == [files; 2] {
            return Ok(saved);
        }
        Err(Error::Corrupt { path, detail: format!("{tracks} tracks and {bigwigs} bigWig files of {files}") })
    }
}
