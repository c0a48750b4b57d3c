//! What a writer writes, and where.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Foreign, RunIdentity, TrackValue, TrackWriter, bigwig, partial,
    state::{Saved, Stand},
    track::Track,
    whole,
    written::foreign,
};
use crate::{
    Error, Result,
    file::FolderLock,
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
    /// [`Error::InUse`] while another call writes to the folder; [`Error::Mismatch`] if the folder holds another run, or a file that this run has not written under the name of a track;
    /// [`Error::Corrupt`] if what was written is no longer so; [`Error::Config`] for a name that cannot be a file's or occurs
    /// twice; [`Error::Io`].
    pub fn open<'a>(&self, folder: impl AsRef<Path>, source: ScanSource<'a>) -> Result<TrackWriter<'a>> {
        self.open_with(folder, source, Foreign::Refuse)
    }

    /// Opens files in a folder as [`TrackWriterConfig::open`] does, and may replace all that it would refuse: the scan then
    /// starts anew, and old files stay until it is done.
    ///
    /// # Errors
    ///
    /// As [`TrackWriterConfig::open`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{
    ///     genome::{BinGrid, Genome},
    ///     predict::{Foreign, RunIdentity, ScanSource, Shard, TrackFile, TrackValue, TrackWriterConfig},
    /// };
    ///
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let source = ScanSource::new(&genome, &grid);
    /// let folder = std::env::temp_dir().join(format!("multitf-doc-foreign-{}", std::process::id()));
    /// std::fs::create_dir_all(&folder)?;
    /// std::fs::write(folder.join("REST.bedGraph"), "chr1\t0\t50\t1\n")?;
    ///
    /// let files = vec![TrackFile { task: 0, name: "REST".into() }];
    /// let identity = RunIdentity::new("a random model", &[]);
    /// let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
    /// assert!(config.open(&folder, source).is_err());
    /// assert!(config.open_with(&folder, source, Foreign::Replace).is_ok());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_with<'a>(
        &self,
        folder: impl AsRef<Path>,
        source: ScanSource<'a>,
        foreign: Foreign,
    ) -> Result<TrackWriter<'a>> {
        self.check_names()?;
        let folder = folder.as_ref();
        let lock = FolderLock::new(folder)?;
        let opened = match self.go_on(folder, source, foreign) {
            Err(Error::Mismatch { .. } | Error::Corrupt { .. }) if foreign == Foreign::Replace => {
                Saved::remove(folder)?;
                self.start(folder, source, foreign)
            }
            outcome => outcome,
        };
        opened.map(|writer| TrackWriter { _lock: Some(lock), ..writer })
    }

    /// Goes on where a run was interrupted, or starts where nothing is in the way.
    fn go_on<'a>(&self, folder: &Path, source: ScanSource<'a>, foreign: Foreign) -> Result<TrackWriter<'a>> {
        let saved = Saved::load(folder, self)?;
        if foreign == Foreign::Refuse && saved.as_ref().is_none_or(|saved| !saved.finished) {
            self.check_free(folder)?;
        }
        let Some(saved) = saved else { return self.start(folder, source, foreign) };
        if let Some(span) = saved.span.as_ref().filter(|span| span.bins.end > source.grid.len()) {
            let (what, expected) = (format!("the bins written to {}", folder.display()), source.grid.len().to_string());
            return Err(Error::Mismatch {
                what,
                expected: format!("some of {expected}"),
                found: format!("{:?}", span.bins),
            });
        }
        if saved.finished {
            self.check_written(folder, &saved)?;
            let mut writer = self.writer(folder, source, foreign);
            (writer.done, writer.span, writer.is_finished) = (saved.done, saved.span, true);
            writer.rename_all()?;
            return Ok(writer);
        }
        let mut writer = self.writer(folder, source, foreign);
        (writer.done, writer.span) = (saved.done, saved.span);
        writer.tracks = self.tracks(folder, saved.tracks)?;
        Ok(writer)
    }

    fn start<'a>(&self, folder: &Path, source: ScanSource<'a>, foreign: Foreign) -> Result<TrackWriter<'a>> {
        let mut writer = self.writer(folder, source, foreign);
        writer.tracks = self.tracks(folder, vec![Stand::default(); self.files.len()])?;
        Ok(writer)
    }

    fn writer<'a>(&self, folder: &Path, source: ScanSource<'a>, foreign: Foreign) -> TrackWriter<'a> {
        TrackWriter {
            config: self.clone(),
            folder: folder.to_owned(),
            genome: source.genome,
            grid: source.grid,
            foreign,
            _lock: None,
            tracks: Vec::new(),
            is_finished: false,
            done: 0,
            span: None,
            saved: Instant::now(),
            save_every: SAVE_EVERY,
        }
    }

    fn tracks(&self, folder: &Path, stands: Vec<Stand>) -> Result<Vec<Track>> {
        let open = |(file, stand)| Track::open(partial(folder, file), stand);
        let tracks: Vec<Result<Track>> = self.files.par_iter().zip(stands).map(open).collect();
        tracks.into_iter().collect()
    }

    /// Refuses files under the names of tracks, where none was written.
    pub(super) fn check_free(&self, folder: &Path) -> Result<()> {
        let paths = self.files.iter().flat_map(|file| [whole(folder, file), bigwig(folder, file)]);
        paths.into_iter().find(|path| path.exists()).map_or(Ok(()), |path| Err(foreign(&path)))
    }

    /// Refuses files of a run that is done if they are others than it wrote. Only a track that was turned into a bigWig file
    /// may be gone.
    fn check_written(&self, folder: &Path, saved: &Saved) -> Result<()> {
        let check = |index: usize| {
            let file = &self.files[index];
            let (partial, whole) = (partial(folder, file), whole(folder, file));
            match saved.bigwigs[index] {
                Some(written) if !partial.exists() && !whole.exists() => written.check(&bigwig(folder, file)),
                _ => saved.tracks[index].file.check(if partial.exists() { &partial } else { &whole }),
            }
        };
        let checked: Vec<Result<()>> = (0..self.files.len()).into_par_iter().map(check).collect();
        checked.into_iter().collect()
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
