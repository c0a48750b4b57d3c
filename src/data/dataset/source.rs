//! Sources of values: memory or files.

use std::path::{Path, PathBuf};

use crate::Result;

/// A value in memory, or the file to read it from.
#[derive(Debug)]
pub(super) enum Source<T> {
    Memory(T),
    File(PathBuf),
}

impl<T> Source<T> {
    pub(super) fn load(self, read: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        match self {
            Self::Memory(value) => Ok(value),
            Self::File(path) => read(&path),
        }
    }
}
