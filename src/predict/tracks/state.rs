//! The saved state of a run: `tracks.json`.

use std::{fmt, io, ops::Range, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    TrackWriterConfig,
    written::{FileDigest, remove},
};
use crate::{
    Error, Result,
    file::{read_with_checksum, write_with_checksum},
};

/// The contents of `tracks.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RunState {
    pub(super) config: TrackWriterConfig,
    /// Number of written bins.
    pub(super) done: usize,
    /// None before the first bin.
    pub(super) span: Option<WrittenSpan>,
    pub(super) finished: bool,
    /// The file of values, until the files of all tracks are made from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<FileDigest>,
    /// The bedGraph files that were made.
    pub(super) tracks: Vec<Option<TrackState>>,
    /// The bigWig files that were made.
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
}

impl RunState {
    const NAME: &str = "tracks.json";

    /// The state of an unfinished run without files.
    pub(super) fn new(config: TrackWriterConfig, done: usize, span: Option<WrittenSpan>) -> Self {
        let (tracks, bigwigs) = (vec![None; config.files.len()], vec![None; config.files.len()]);
        Self { config, done, span, finished: false, values: None, tracks, bigwigs }
    }

    /// Forgets the files that were made.
    pub(super) fn forget_files(&mut self) {
        self.tracks.fill(None);
        self.bigwigs.fill(None);
    }

    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        write_with_checksum(&folder.join(Self::NAME), self)
    }

    /// Removes the saved state.
    pub(super) fn remove(folder: &Path) -> Result<()> {
        remove(&folder.join(Self::NAME))
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
