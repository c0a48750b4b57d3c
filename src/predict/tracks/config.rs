//! The tracks that a writer writes, and their files.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    ExistingFiles, RunIdentity, TrackValue,
    written::{existing_file_error, remove},
};
use crate::{Error, Result, predict::Shard};

/// The bedGraph file of one of a model's outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackFile {
    /// The output, as the model counts its tasks.
    pub task: usize,
    /// The name of the file, without `.bedGraph`.
    pub name: String,
}

impl TrackFile {
    pub(super) fn bedgraph(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.bedGraph", self.name))
    }

    /// The bedGraph file until all of it is written.
    pub(super) fn partial(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.bedGraph.partial", self.name))
    }

    pub(super) fn bigwig(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.bigWig", self.name))
    }

    /// The bigWig file until all of it is written.
    pub(super) fn partial_bigwig(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.bigWig.partial", self.name))
    }

    /// Removes the bigWig file of an old bedGraph file that was replaced.
    pub(super) fn remove_outdated(&self, folder: &Path, existing: ExistingFiles) -> Result<()> {
        if existing == ExistingFiles::Replace { remove(&self.bigwig(folder)) } else { Ok(()) }
    }
}

/// The files of each track that a scan leaves.
///
/// # Examples
///
/// ```
/// use multitf::predict::TrackFormat;
///
/// assert!(TrackFormat::Both.has_bedgraph() && TrackFormat::Both.has_bigwig());
/// assert!(!TrackFormat::default().has_bigwig());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrackFormat {
    /// bedGraph: text.
    #[default]
    Bedgraph,
    /// bigWig: compressed, with an index.
    Bigwig,
    /// Both.
    Both,
}

impl TrackFormat {
    /// Returns whether there are bedGraph files.
    pub fn has_bedgraph(self) -> bool {
        self != Self::Bigwig
    }

    /// Returns whether there are bigWig files.
    pub fn has_bigwig(self) -> bool {
        self != Self::Bedgraph
    }
}

/// Configuration of [`TrackWriter`](super::TrackWriter).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackWriterConfig {
    /// The tracks.
    pub files: Vec<TrackFile>,
    /// What the values are.
    pub value: TrackValue,
    /// Where the values come from.
    pub identity: RunIdentity,
    /// The shard of the scan.
    pub shard: Shard,
}

impl TrackWriterConfig {
    /// Refuses existing files under the names of tracks.
    pub(super) fn check_free(&self, folder: &Path) -> Result<()> {
        let mut paths = self.files.iter().flat_map(|file| [file.bedgraph(folder), file.bigwig(folder)]);
        paths.find(|path| path.exists()).map_or(Ok(()), |path| Err(existing_file_error(&path)))
    }

    /// Refuses names that are no file names, or that occur twice.
    pub(super) fn check_names(&self) -> Result<()> {
        let mut seen = HashSet::new();
        for file in &self.files {
            let is_one = Path::new(&file.name).file_name().is_some_and(|name| name == file.name.as_str());
            let is_new = seen.insert(file.name.to_lowercase());
            let expected = "a file name that no other track has";
            Error::unless(is_one && is_new, "the track's name", expected, &file.name)?;
        }
        Ok(())
    }
}
