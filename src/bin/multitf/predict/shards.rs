//! The folders of shards.

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{Error, Result, predict::Shard};

/// The folder of a shard.
pub fn folder(out: &Path, shard: Shard) -> PathBuf {
    out.join(format!("shard-{}-of-{}", shard.index(), shard.of()))
}

/// All folders of shards, in the order of their names.
pub fn folders(out: &Path) -> Result<Vec<PathBuf>> {
    let refused = |source| Error::Io { path: out.to_owned(), source };
    let mut folders = Vec::new();
    for entry in fs::read_dir(out).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_name().to_string_lossy().starts_with("shard-") {
            folders.push(entry.path());
        }
    }
    folders.sort();
    Ok(folders)
}
