//! What is given in memory or in a file.

use std::path::{Path, PathBuf};

use crate::Result;

/// What is in memory, or in a file that is read when its turn comes.
#[derive(Debug)]
pub(super) enum Given<T> {
    Memory(T),
    File(PathBuf),
}

impl<T> Given<T> {
    pub(super) fn get(self, read: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        match self {
            Self::Memory(value) => Ok(value),
            Self::File(path) => read(&path),
        }
    }
}
