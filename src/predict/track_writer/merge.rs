//! Shards put together.

mod joined;
mod shards;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use self::{joined::join, shards::Shards};
use super::{state::Saved, whole};
use crate::{Error, Result, file::make_dir};

/// Puts together the tracks of all shards of a scan, each written to a folder of its own, and returns the files.
///
/// The files equal those of a scan without shards, and the folder they are written to may be opened as one that such a scan
/// has left when it was done. It is checked that each shard is there, once, done and of the same run, and that files go
/// on where the last one ended. Nothing but the files in the folders is needed, in any order; they stay.
///
/// # Errors
///
/// [`Error::Mismatch`] if shards do not belong together, some are missing or not done, or `out` holds other tracks or a run
/// that is not done; [`Error::Corrupt`] for a file that is not what its shard wrote; [`Error::Io`].
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
    let (out, shards) = (out.as_ref(), Shards::open(folders)?);
    let mut saved = shards.together();
    saved.config.check_names()?;
    make_dir(out)?;
    check_free(out, &saved)?;
    let joined: Vec<Result<_>> = (0..saved.config.files.len())
        .into_par_iter()
        .map(|track| {
            let path = whole(out, &saved.config.files[track]);
            join(&shards.parts(track), &path).map(|stand| (path, stand))
        })
        .collect();
    let (paths, stands) = joined.into_iter().collect::<Result<Vec<_>>>()?.into_iter().unzip();
    saved.tracks = stands;
    saved.save(out)?;
    Ok(paths)
}

/// Refuses a folder with tracks of another run, or of one that may go on.
fn check_free(out: &Path, saved: &Saved) -> Result<()> {
    if Saved::load(out, &saved.config)?.is_none_or(|before| before.finished) {
        return Ok(());
    }
    let what = format!("the tracks in {}", out.display());
    let found = "a run without shards that is not done: choose another folder, or remove its tracks.json".into();
    Err(Error::Mismatch { what, expected: "none, or tracks that are done".into(), found })
}

#[cfg(test)]
mod tests;
