//! Merging the tracks of shards.

mod joined;
mod shards;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use self::{joined::join, shards::Shards};
use super::{
    ExistingFiles, TrackFile, TrackWriterConfig,
    conversion::for_each_track,
    state::RunState,
    values::ValuesFile,
    written::{FileDigest, existing_file_error},
};
use crate::{
    Error, Result,
    file::{FolderLock, at, sync_files},
};

/// Merges the tracks of all shards of a scan, each in its own folder, and returns the files.
///
/// The result equals that of a scan without shards, and may be opened like it. The shards must be complete, finished
/// and of the same run, and each file must continue the one before. Folders may come in any order; they stay as they
/// are.
///
/// # Errors
///
/// [`Error::Mismatch`] if shards do not belong together, if some are missing or not finished, and if `out` holds other
/// tracks, an unfinished run, or other files with the names of tracks; [`Error::Corrupt`] for a file that has changed;
/// [`Error::Io`].
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     genome::{BinGrid, Genome},
///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
///     predict::{
///         GenomeScan, RunIdentity, ScanSource, Shard, TrackFile, TrackValue, TrackWriterConfig, merge_tracks,
///     },
/// };
///
/// let device = Device::default();
/// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 2).init(&device);
/// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let source = ScanSource::new(&genome, &grid);
///
/// let out = std::env::temp_dir().join(format!("multitf-doc-merge-{}", std::process::id()));
/// let mut folders = Vec::new();
/// // Each of these may run on its own machine.
/// for index in 1..=3 {
///     let shard = Shard::new(index, 3)?;
///     let files = vec![TrackFile { task: 1, name: "REST".into() }];
///     let identity = RunIdentity::new("a random model", &["chr1"]);
///     let folder = out.join(format!("shard-{index}-of-3"));
///     let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard };
///     let mut writer = config.open(&folder, source)?;
///     let scan = GenomeScan::new(&model, source, &device)?.with_shard(shard).skipping(writer.bins_written());
///     scan.run(|part| writer.write(&part))?;
///     writer.finish(scan.bins())?;
///     folders.push(folder);
/// }
/// let merged = merge_tracks(&folders, &out)?;
/// assert!(std::fs::read_to_string(&merged[0])?.starts_with("chr1\t75\t"));
/// let error = merge_tracks(&folders[..2], &out).unwrap_err().to_string();
/// assert_eq!(error, "the shards to merge: expected 3 of them, found 2, without 3/3");
/// # std::fs::remove_dir_all(out)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn merge_tracks(folders: &[PathBuf], out: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    merge_tracks_with(folders, out, ExistingFiles::Refuse)
}

/// Merges shards like [`merge_tracks`], and may replace existing files.
///
/// # Errors
///
/// Those of [`merge_tracks`], and [`Error::Mismatch`] if a shard is in `out` itself.
pub fn merge_tracks_with(folders: &[PathBuf], out: impl AsRef<Path>, existing: ExistingFiles) -> Result<Vec<PathBuf>> {
    let (out, shards) = (out.as_ref(), Shards::open(folders)?);
    let mut saved = shards.merged();
    let files = saved.config.files.clone();
    saved.config.check_names()?;
    let _lock = FolderLock::new(out)?;
    check_apart(folders, out)?;
    let before = match before(out, &saved.config) {
        Err(Error::Mismatch { .. } | Error::Corrupt { .. }) if existing == ExistingFiles::Replace => None,
        before => before?,
    };
    let partial: Vec<PathBuf> = files.iter().map(|file| file.partial(out)).collect();
    let joined = for_each_track(files.len(), |track| join(&shards.parts(track), &partial[track]));
    let joined = joined.and_then(|joined| sync_files(&partial).map(|()| joined));
    if joined.is_err() {
        for path in &partial {
            // The first error is the one to report; a partial file that cannot be removed is harmless.
            let _ = fs::remove_file(path);
        }
    }
    saved.tracks = joined?.into_iter().map(Some).collect();
    if let Some(before) = before {
        saved.bigwigs = for_each_track(files.len(), |track| Ok(known_bigwig(&before, &saved, track, out)))?;
    }
    saved.save(out)?;
    ValuesFile::remove(out)?;
    let rename = |(file, bigwig): (&TrackFile, &Option<FileDigest>)| {
        let to = file.bedgraph(out);
        if bigwig.is_none() {
            file.remove_outdated(out, existing)?;
        }
        fs::rename(file.partial(out), &to).map_err(at(&to))?;
        Ok(to)
    };
    files.iter().zip(&saved.bigwigs).map(rename).collect()
}

/// The bigWig file of a track, if an earlier call has made it from the same values.
fn known_bigwig(before: &RunState, merged: &RunState, track: usize, out: &Path) -> Option<FileDigest> {
    let is_same = before.tracks[track].is_none_or(|before| Some(before) == merged.tracks[track]);
    let path = merged.config.files[track].bigwig(out);
    before.bigwigs[track].filter(|digest| is_same && digest.check(&path).is_ok())
}

/// Refuses to write over a shard.
fn check_apart(folders: &[PathBuf], out: &Path) -> Result<()> {
    let absolute = |path: &Path| path.canonicalize().map_err(at(path));
    let to = absolute(out)?;
    for folder in folders {
        if absolute(folder)? == to {
            let what = format!("the folder to merge into, {}", out.display());
            return Err(Error::mismatch(what, "another one", "that of a shard"));
        }
    }
    Ok(())
}

/// The state of an earlier merge, if there was one. Checks that it is of this run and finished, with unchanged files.
fn before(out: &Path, config: &TrackWriterConfig) -> Result<Option<RunState>> {
    let Some(before) = RunState::load(out, config)? else { return config.check_free(out).map(|()| None) };
    if !before.finished {
        let found = "an unfinished run without shards: choose another folder, or replace it with `--force`";
        let what = format!("the tracks in {}", out.display());
        return Err(Error::mismatch(what, "none, or those of a finished run", found));
    }
    for (file, track) in config.files.iter().zip(&before.tracks) {
        let path = file.bedgraph(out);
        if path.exists() {
            track.map_or_else(|| Err(existing_file_error(&path)), |track| track.file.check(&path))?;
        }
    }
    Ok(Some(before))
}
