//! How far a run is.

use std::{fmt, fs, ops::Range, path::Path};

use serde::{Deserialize, Serialize};

use super::TrackWriterConfig;
use crate::{
    Error, Result,
    file::{at, write_atomic},
};

/// `tracks.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Saved {
    pub(super) config: TrackWriterConfig,
    /// Bins that were written.
    pub(super) done: usize,
    /// Where they lie; none if there are none.
    pub(super) span: Option<Span>,
    pub(super) finished: bool,
    pub(super) tracks: Vec<Stand>,
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
    /// Bytes of the file.
    pub(super) bytes: u64,
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

    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        write_atomic(&folder.join(Self::NAME), |out| Ok(serde_json::to_writer_pretty(out, self)?))
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
                found: "others: choose another folder, or remove this one".into(),
            });
        }
        Ok(Some(saved))
    }

    /// Reads what was saved, whatever the settings.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::NAME);
        let text = fs::read(&path).map_err(at(&path))?;
        let saved: Self = serde_json::from_slice(&text)
            .map_err(|error| Error::Corrupt { path: path.clone(), detail: error.to_string() })?;
        let (files, tracks) = (saved.config.files.len(), saved.tracks.len());
        if tracks == files {
            return Ok(saved);
        }
        Err(Error::Corrupt { path, detail: format!("{tracks} tracks of {files}") })
    }
}
