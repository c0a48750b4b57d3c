//! Files that are there already.

use std::path::PathBuf;

use multitf::{Error, Result};

/// Refuses to replace any of some files, unless that is asked for.
pub fn refuse_existing(paths: &[PathBuf], force: bool) -> Result<()> {
    match paths.iter().find(|path| path.exists()) {
        Some(path) if !force => Err(Error::Mismatch {
            what: path.display().to_string(),
            expected: "no file".into(),
            found: "one: choose another name, or have it replaced with --force".into(),
        }),
        _ => Ok(()),
    }
}
