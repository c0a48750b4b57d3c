//! Conversion of bedGraph files to bigWig files.

#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    ExistingFiles,
    conversion::{OPEN_TRACKS, for_each_track},
    state::RunState,
    written::{FileDigest, existing_file_error, remove},
};
use crate::{
    Error, Result,
    file::{FolderLock, at},
    genome::{Genome, bedgraph_to_bigwig_on_one_thread},
};

/// Settings for the conversion of a folder's tracks to bigWig files.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     genome::{BinGrid, Genome},
///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
///     predict::{BigwigConfig, GenomeScan, RunIdentity, ScanSource, Shard, TrackFile, TrackValue, TrackWriterConfig},
/// };
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 1).init(&device);
/// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let source = ScanSource::new(&genome, &grid);
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-bigwigs-{}", std::process::id()));
/// let files = vec![TrackFile { task: 0, name: "REST".into() }];
/// let identity = RunIdentity::new("a random model", &[]);
/// let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
/// let mut writer = config.open(&folder, source)?;
/// let scan = GenomeScan::new(&model, source, &device)?.skipping(writer.bins_written());
/// scan.run(|part| writer.write(&part))?;
/// writer.finish(scan.bins())?;
/// let written = BigwigConfig::default().write(&folder, &genome, |path| println!("{}", path.display()))?;
/// assert!(written[0].ends_with("REST.bigWig") && folder.join("REST.bedGraph").exists());
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BigwigConfig {
    /// Whether each bedGraph file is removed once its bigWig file is complete. One that the run has not written is an
    /// error, unless existing files are replaced.
    pub removes_bedgraphs: bool,
    /// What happens to existing files.
    pub existing: ExistingFiles,
}

impl BigwigConfig {
    /// Writes a bigWig file beside each bedGraph file of a finished run, calls `each` with the path of each, and
    /// returns all paths. Files of an earlier call count as well, but are not written again.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another call writes to the folder; [`Error::Mismatch`] if the run is not finished, or a
    /// file is in the way; [`Error::Corrupt`] for a file that has changed; those of
    /// [`bedgraph_to_bigwig`](crate::genome::bedgraph_to_bigwig); [`Error::Io`].
    pub fn write(self, folder: impl AsRef<Path>, genome: &Genome, each: impl FnMut(&Path)) -> Result<Vec<PathBuf>> {
        let folder = folder.as_ref();
        let _lock = FolderLock::new(folder)?;
        let mut saved = RunState::read(folder)?;
        let (what, found) =
            (format!("the tracks in {}", folder.display()), format!("an unfinished run of {} bins", saved.done));
        Error::unless_fits(saved.finished, what, "those of a finished run", found)?;
        self.convert_all(&mut saved, folder, genome, each)
    }

    /// Writes the files that are missing, some at a time.
    pub(super) fn convert_all(
        self,
        saved: &mut RunState,
        folder: &Path,
        genome: &Genome,
        mut each: impl FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        let files = saved.config.files.clone();
        for (group, first) in files.chunks(OPEN_TRACKS).zip((0..).step_by(OPEN_TRACKS)) {
            let made = for_each_track(group.len(), |index| self.convert(saved, first + index, folder, genome))?;
            // Digests are saved before files get their names, so that no other file is ever taken for one of them.
            if made.iter().any(Option::is_some) {
                for (digest, saved) in made.iter().zip(&mut saved.bigwigs[first..]) {
                    *saved = digest.or(*saved);
                }
                saved.save(folder)?;
            }
            for (file, made) in group.iter().zip(made) {
                let to = file.bigwig(folder);
                if made.is_some() {
                    fs::rename(file.partial_bigwig(folder), &to).map_err(at(&to))?;
                }
                each(&to);
                paths.push(to);
            }
            if self.removes_bedgraphs {
                for_each_track(group.len(), |index| self.remove_bedgraph(saved, first + index, folder))?;
                let tracks = &mut saved.tracks[first..first + group.len()];
                if tracks.iter().any(Option::is_some) {
                    tracks.fill(None);
                    saved.save(folder)?;
                }
            }
        }
        Ok(paths)
    }

    /// Removes a bedGraph file if it is of this run.
    fn remove_bedgraph(self, saved: &RunState, index: usize, folder: &Path) -> Result<()> {
        let path = saved.config.files[index].bedgraph(folder);
        let is_ours = || saved.tracks[index].is_some_and(|track| track.file.check(&path).is_ok());
        if self.existing == ExistingFiles::Refuse && path.exists() && !is_ours() {
            return Err(existing_file_error(&path));
        }
        remove(&path)
    }

    /// Writes a file under its temporary name and returns its digest, unless the file was written before.
    fn convert(self, saved: &RunState, index: usize, folder: &Path, genome: &Genome) -> Result<Option<FileDigest>> {
        let file = &saved.config.files[index];
        let (from, partial) = (file.bedgraph(folder), file.partial_bigwig(folder));
        if self.is_written(saved, index, (&from, &file.bigwig(folder)))? {
            return Ok(None);
        }
        saved.tracks[index].unwrap_or_default().file.check(&from)?;
        bedgraph_to_bigwig_on_one_thread(&from, &partial, genome)?;
        FileDigest::from_file(&partial).map(Some)
    }

    /// Whether a file was written before.
    fn is_written(self, saved: &RunState, index: usize, (from, to): (&Path, &Path)) -> Result<bool> {
        if !to.exists() {
            return Ok(false);
        }
        let checked = saved.bigwigs[index].map_or_else(|| Err(existing_file_error(to)), |digest| digest.check(to));
        match checked {
            Ok(()) => Ok(true),
            Err(_) if self.existing == ExistingFiles::Replace && from.exists() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
