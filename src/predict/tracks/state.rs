//! The saved state of a run: `tracks.json`.

use std::{fmt, fs, io, ops::Range, path::Path};

use serde::{Deserialize, Serialize};

use super::{TrackWriterConfig, written::FileDigest};
use crate::{
    Error, Result,
    file::{at, read_with_checksum, write_with_checksum},
};

/// The contents of `tracks.json`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunState {
    pub(super) config: TrackWriterConfig,
    /// Number of written bins.
    pub(super) done: usize,
    /// None before the first bin.
    pub(super) span: Option<WrittenSpan>,
    pub(super) finished: bool,
    pub(super) tracks: Vec<TrackState>,
    /// The bigWig files made from the tracks.
    pub(super) bigwigs: Vec<Option<FileDigest>>,
}

/// The span of the written bins, with bins of skipped chromosomes between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WrittenSpan {
    /// The bins, as the grid counts them.
    pub(super) bins: Range<usize>,
    /// Start of the first line.
    pub(super) start: Position,
    /// End of the last line.
    pub(super) end: Position,
}

/// A position on a genome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) chromosome: String,
    pub(super) position: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chromosome, self.position)
    }
}

/// The state of one track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TrackState {
    /// The file.
    pub(super) file: FileDigest,
    /// The line that may still grow.
    pub(super) line: Option<Line>,
}

/// A line of a bedGraph file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) chromosome: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// In units of the last decimal.
    pub(super) value: i64,
}

impl RunState {
    const NAME: &str = "tracks.json";

    /// The state of a run without bigWig files.
    pub(super) fn new(
        config: TrackWriterConfig,
        (done, span): (usize, Option<WrittenSpan>),
        finished: bool,
        tracks: Vec<TrackState>,
    ) -> Self {
        let bigwigs = vec![None; config.files.len()];
        Self { config, done, span, finished, tracks, bigwigs }
    }

    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        write_with_checksum(&folder.join(Self::NAME), self)
    }

    /// Removes the saved state.
    pub(super) fn remove(folder: &Path) -> Result<()> {
        let path = folder.join(Self::NAME);
        if path.exists() { fs::remove_file(&path).map_err(at(&path)) } else { Ok(()) }
    }

    /// Loads the state of a run with these settings, if there is one.
    pub(super) fn load(folder: &Path, config: &TrackWriterConfig) -> Result<Option<Self>> {
        let saved = Self::find(folder)?;
        if saved.as_ref().is_none_or(|saved| saved.config == *config) {
            return Ok(saved);
        }
        let expected = "this model, data, device and shard, and these tracks and chromosomes";
        let found = "others: choose another folder, or replace them with `--force`";
        Err(Error::mismatch(format!("the tracks in {}", folder.display()), expected, found))
    }

    /// Reads the state of a run, whatever its settings.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let missing = || Error::Io { path: folder.join(Self::NAME), source: io::ErrorKind::NotFound.into() };
        Self::find(folder)?.ok_or_else(missing)
    }

    fn find(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(Self::NAME);
        let saved: Option<Self> = read_with_checksum(&path, "choose another folder, or scan again with `--force`")?;
        if let Some(Self { config, tracks, bigwigs, .. }) = &saved {
            let [files, tracks, bigwigs] = [config.files.len(), tracks.len(), bigwigs.len()];
            if [tracks, bigwigs] != [files; 2] {
                let detail = format!("{tracks} tracks and {bigwigs} bigWig files of {files}");
                return Err(Error::corrupt(&path, detail));
            }
        }
        Ok(saved)
    }
}
