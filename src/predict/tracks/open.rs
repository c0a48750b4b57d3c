//! Opening a track writer, in a new folder or where a run was interrupted.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rayon::prelude::*;

use super::{
    ExistingFiles, TrackFile, TrackWriter, TrackWriterConfig,
    state::{RunState, TrackState},
    track::Track,
    written::FileDigest,
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
        let Some(RunState { done, span, finished: is_finished, tracks, bigwigs, .. }) = saved else {
            return self.start(folder, source, existing);
        };
        let bins = source.grid.len();
        if let Some(span) = span.as_ref().filter(|span| span.bins.end > bins) {
            let what = format!("the bins written to {}", folder.display());
            return Err(Error::mismatch(what, format!("some of {bins}"), format!("{:?}", span.bins)));
        }
        let tracks = if is_finished {
            self.check_written(folder, &tracks, &bigwigs)?;
            Vec::new()
        } else {
            self.tracks(folder, tracks)?
        };
        let writer = TrackWriter { tracks, is_finished, done, span, ..self.writer(folder, source, existing) };
        if is_finished {
            writer.rename_all()?;
        }
        Ok(writer)
    }

    fn start<'a>(&self, folder: &Path, source: ScanSource<'a>, existing: ExistingFiles) -> Result<TrackWriter<'a>> {
        let tracks = self.tracks(folder, vec![TrackState::default(); self.files.len()])?;
        Ok(TrackWriter { tracks, ..self.writer(folder, source, existing) })
    }

    /// A writer without tracks.
    fn writer<'a>(&self, folder: &Path, source: ScanSource<'a>, existing: ExistingFiles) -> TrackWriter<'a> {
        TrackWriter {
            config: self.clone(),
            folder: folder.to_owned(),
            genome: source.genome,
            grid: source.grid,
            existing,
            _lock: None,
            tracks: Vec::new(),
            is_finished: false,
            done: 0,
            span: None,
            saved: Instant::now(),
            save_every: SAVE_EVERY,
        }
    }

    fn tracks(&self, folder: &Path, states: Vec<TrackState>) -> Result<Vec<Track>> {
        let open = |(file, state): (&TrackFile, _)| Track::open(file.partial(folder), state);
        let tracks: Vec<Result<Track>> = self.files.par_iter().zip(states).map(open).collect();
        tracks.into_iter().collect()
    }

    /// Refuses a finished run if its files have changed. Only a track that became a bigWig file may be missing.
    fn check_written(&self, folder: &Path, tracks: &[TrackState], bigwigs: &[Option<FileDigest>]) -> Result<()> {
        let check = |index: usize| {
            let file = &self.files[index];
            let (partial, bedgraph) = (file.partial(folder), file.bedgraph(folder));
            match bigwigs[index] {
                Some(digest) if !partial.exists() && !bedgraph.exists() => digest.check(&file.bigwig(folder)),
                _ => tracks[index].file.check(if partial.exists() { &partial } else { &bedgraph }),
            }
        };
        let checked: Vec<Result<()>> = (0..self.files.len()).into_par_iter().map(check).collect();
        checked.into_iter().collect()
    }
}
