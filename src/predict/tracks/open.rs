//! Opening a track writer, in a new folder or where a run was interrupted.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use super::{
    ExistingFiles, TrackWriter, TrackWriterConfig,
    conversion::for_each_track,
    saver::Saver,
    state::RunState,
    values::ValuesFile,
    written::{FileDigest, remove},
};
use crate::{Error, Result, file::FolderLock, predict::ScanSource};

/// Time between two saves of a run.
const SAVE_EVERY: Duration = Duration::from_secs(5);

impl TrackWriterConfig {
    /// Opens files in a folder, or resumes an interrupted run.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another call writes to the folder; [`Error::Mismatch`] if the folder holds another run,
    /// or a file with the name of a track that this run has not written; [`Error::Corrupt`] if a written file has
    /// changed; [`Error::Config`] for a name that is no file name or occurs twice; [`Error::Io`].
    pub fn open<'a>(&self, folder: impl AsRef<Path>, source: ScanSource<'a>) -> Result<TrackWriter<'a>> {
        self.open_with(folder, source, ExistingFiles::Refuse)
    }

    /// Opens files in a folder like [`TrackWriterConfig::open`], and may replace what that refuses: the scan then
    /// starts anew, and old files stay until it is done.
    ///
    /// # Errors
    ///
    /// Those of [`TrackWriterConfig::open`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{
    ///     genome::{BinGrid, Genome},
    ///     predict::{ExistingFiles, RunIdentity, ScanSource, Shard, TrackFile, TrackValue, TrackWriterConfig},
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
    /// assert!(config.open_with(&folder, source, ExistingFiles::Replace).is_ok());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_with<'a>(
        &self,
        folder: impl AsRef<Path>,
        source: ScanSource<'a>,
        existing: ExistingFiles,
    ) -> Result<TrackWriter<'a>> {
        self.check_names()?;
        let folder = folder.as_ref();
        let lock = FolderLock::new(folder)?;
        let opened = match self.resume(folder, source, existing) {
            Err(Error::Mismatch { .. } | Error::Corrupt { .. }) if existing == ExistingFiles::Replace => {
                RunState::remove(folder)?;
                self.start(folder, source, existing)
            }
            outcome => outcome,
        };
        opened.map(|writer| TrackWriter { _lock: Some(lock), ..writer })
    }

    /// Resumes an interrupted run, or starts one if nothing is in the way.
    fn resume<'a>(&self, folder: &Path, source: ScanSource<'a>, existing: ExistingFiles) -> Result<TrackWriter<'a>> {
        let saved = RunState::load(folder, self)?;
        if existing == ExistingFiles::Refuse && saved.as_ref().is_none_or(|saved| !saved.finished) {
            self.check_free(folder)?;
        }
        let Some(state) = saved else { return self.start(folder, source, existing) };
        let (bins, what) = (source.grid.len(), format!("the bins written to {}", folder.display()));
        if let Some(span) = state.span.as_ref().filter(|span| span.bins.end > bins) {
            return Err(Error::mismatch(what, format!("some of {bins}"), format!("{:?}", span.bins)));
        }
        if state.finished {
            self.check_written(folder, &state, existing)?;
            ValuesFile::remove(folder)?;
            let writer = writer(folder, source, existing, state, None);
            return writer.rename_all().map(|()| writer);
        }
        let Some(digest) = state.values else {
            let found = "bins of an earlier version of the crate: choose another folder, or scan again with `--force`";
            return Err(Error::mismatch(what, "their values in one file", found));
        };
        let values = Saver::new(folder, ValuesFile::open(folder, digest)?)?;
        Ok(writer(folder, source, existing, state, Some(values)))
    }

    fn start<'a>(&self, folder: &Path, source: ScanSource<'a>, existing: ExistingFiles) -> Result<TrackWriter<'a>> {
        let values = Saver::new(folder, ValuesFile::open(folder, FileDigest::default())?)?;
        Ok(writer(folder, source, existing, RunState::new(self.clone(), 0, None), Some(values)))
    }

    /// Refuses a finished run if its files have changed. Only a track that became a bigWig file may be missing, unless
    /// lost files are to be written again.
    fn check_written(&self, folder: &Path, state: &RunState, existing: ExistingFiles) -> Result<()> {
        let check = |index: usize| {
            let (file, made) = (&self.files[index], state.bigwigs[index]);
            if let Some(track) = state.tracks[index] {
                let (partial, bedgraph) = (file.partial(folder), file.bedgraph(folder));
                let may_lack = made.is_some() && existing == ExistingFiles::Refuse;
                remove_stale(track.file, &partial, made.is_some() || bedgraph.exists())?;
                let found = if partial.exists() { partial } else { bedgraph };
                if found.exists() || !may_lack {
                    return track.file.check(&found);
                }
            }
            let Some(digest) = made else { return Ok(()) };
            let (partial, bigwig) = (file.partial_bigwig(folder), file.bigwig(folder));
            remove_stale(digest, &partial, bigwig.exists())?;
            digest.check(if partial.exists() { &partial } else { &bigwig })
        };
        for_each_track(self.files.len(), check).map(|_| ())
    }
}

/// Removes a file under a temporary name that a killed call has left, if it is not the one that was made, and if there
/// is another one.
fn remove_stale(digest: FileDigest, partial: &Path, has_other: bool) -> Result<()> {
    if has_other && partial.exists() && digest.check(partial).is_err() { remove(partial) } else { Ok(()) }
}

fn writer<'a>(
    folder: &Path,
    source: ScanSource<'a>,
    existing: ExistingFiles,
    state: RunState,
    saver: Option<Saver>,
) -> TrackWriter<'a> {
    TrackWriter {
        folder: folder.to_owned(),
        genome: source.genome,
        grid: source.grid,
        existing,
        state,
        saver,
        _lock: None,
        saved: Instant::now(),
        save_every: SAVE_EVERY,
    }
}
