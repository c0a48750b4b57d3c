//! How far a run is.

use std::{fs, path::Path};

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
    /// The bin after the last of them.
    pub(super) next: usize,
    pub(super) finished: bool,
    pub(super) tracks: Vec<Stand>,
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
        let path = folder.join(Self::NAME);
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path).map_err(at(&path))?;
        let saved: Self = serde_json::from_slice(&text)
            .map_err(|error| Error::Corrupt { path: path.clone(), detail: error.to_string() })?;
        if saved.config != *config || saved.tracks.len() != config.files.len() {
            return Err(Error::Mismatch {
                what: format!("the tracks in {}", folder.display()),
                expected: "this model, data, device, and these tracks and chromosomes".into(),
                found: "others: choose another folder, or remove this one".into(),
            });
        }
        Ok(Some(saved))
    }
}
