//! What a writer writes, and where.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{
    RunIdentity, TrackValue, TrackWriter, partial,
    state::{Saved, Stand},
    track::Track,
};
use crate::{
    Error, Result,
    file::make_dir,
    predict::{ScanSource, Shard},
};

/// How long a run goes on before it is saved again.
const SAVE_EVERY: Duration = Duration::from_secs(5);

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
    /// The shard of the scan.
    pub shard: Shard,
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
        let (done, span, is_finished, stands) = match saved {
            Some(saved) => (saved.done, saved.span, saved.finished, saved.tracks),
            None => (0, None, false, vec![Stand::default(); self.files.len()]),
        };
        let mut writer = TrackWriter {
            config: self.clone(),
            folder: folder.to_owned(),
            genome: source.genome,
            grid: source.grid,
            tracks: Vec::new(),
            is_finished,
            done,
            span,
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

    pub(super) fn check_names(&self) -> Result<()> {
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
