//! Shards put together.

mod joined;
mod shards;

use std::{
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use self::{joined::join, shards::Shards};
use super::{Foreign, TrackFile, TrackWriterConfig, partial, remove_outdated, state::Saved, whole, written::Written};
use crate::{
    Error, Result,
    file::{FolderLock, at},
};

/// Puts together the tracks of all shards of a scan, each written to a folder of its own, and returns the files.
///
/// The files equal those of a scan without shards, and the folder they are written to may be opened as one that such a scan
/// has left when it was done. It is checked that each shard is there, once, done and of the same run, and that files go
/// on where the last one ended. Nothing but the files in the folders is needed, in any order; they stay.
///
/// # Errors
///
/// [`Error::Mismatch`] if shards do not belong together, some are missing or not done, or `out` holds other tracks, a run
/// that is not done, or files under the names of tracks that were not merged before; [`Error::Corrupt`] for a file that is not
/// what was written; [`Error::Io`].
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
/// // Each of these may run on a machine of its own.
/// for index in 1..=3 {
///     let shard = Shard::new(index, 3)?;
///     let files = vec![TrackFile { task: 1, name: "REST".into() }];
///     let identity = RunIdentity::new("a random model", &["chr1"]);
///     let folder = out.join(format!("shard-{index}-of-3"));
///     let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard };
///     let mut writer = config.open(&folder, source)?;
///     let scan = GenomeScan::new(&model, source, &device)?.with_shard(shard).after(writer.done());
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
    merge_tracks_with(folders, out, Foreign::Refuse)
}

/// Puts shards together as [`merge_tracks`] does, and may replace what is in the way.
///
/// # Errors
///
/// As [`merge_tracks`], and [`Error::Mismatch`] if the shards are in `out` themselves.
pub fn merge_tracks_with(folders: &[PathBuf], out: impl AsRef<Path>, foreign: Foreign) -> Result<Vec<PathBuf>> {
    let (out, shards) = (out.as_ref(), Shards::open(folders)?);
    let mut saved = shards.together();
    let files = saved.config.files.clone();
    saved.config.check_names()?;
    let _lock = FolderLock::new(out)?;
    check_apart(folders, out)?;
    let before = match before(out, &saved.config) {
        Err(Error::Mismatch { .. } | Error::Corrupt { .. }) if foreign == Foreign::Replace => None,
        before => before?,
    };
    let joined: Vec<Result<_>> = (0..files.len())
        .into_par_iter()
        .map(|track| join(&shards.parts(track), &partial(out, &files[track])))
        .collect();
    let joined: Result<Vec<_>> = joined.into_iter().collect();
    if joined.is_err() {
        for file in &files {
            // The first error is the one to report; a partial file that cannot be removed is harmless.
            let _ = fs::remove_file(partial(out, file));
        }
    }
    saved.tracks = joined?;
    if let Some(before) = before.filter(|before| before.tracks == saved.tracks) {
        saved.bigwigs = before.bigwigs;
    }
    saved.save(out)?;
    let rename = |(file, bigwig): (&TrackFile, &Option<Written>)| {
        let to = whole(out, file);
        fs::rename(partial(out, file), &to).map_err(at(&to))?;
        if bigwig.is_none() {
            remove_outdated(out, file, foreign)?;
        }
        Ok(to)
    };
    files.iter().zip(&saved.bigwigs).map(rename).collect()
}

/// Refuses to write over a shard.
fn check_apart(folders: &[PathBuf], out: &Path) -> Result<()> {
    let place = |path: &Path| path.canonicalize().map_err(at(path));
    let out_place = place(out)?;
    for folder in folders {
        if place(folder)? == out_place {
            let what = format!("the folder to merge into, {}", out.display());
            return Err(Error::Mismatch { what, expected: "another one".into(), found: "that of a shard".into() });
        }
    }
    Ok(())
}

/// What was merged before, if anything was. Refuses tracks of another run, one that may go on, and files that were not written
/// so.
fn before(out: &Path, config: &TrackWriterConfig) -> Result<Option<Saved>> {
    let Some(before) = Saved::load(out, config)? else { return config.check_free(out).map(|()| None) };
    if !before.finished {
        let what = format!("the tracks in {}", out.display());
        let found = "a run without shards that is not done: choose another folder, or have it replaced with `--force`";
        let expected = "none, or tracks that are done".into();
        return Err(Error::Mismatch { what, expected, found: found.into() });
    }
    for (file, stand) in config.files.iter().zip(&before.tracks) {
        let path = whole(out, file);
        if path.exists() {
            stand.file.check(&path)?;
        }
    }
    Ok(Some(before))
}

#[cfg(test)]
mod tests;
