//! Telling the files of a run from other files.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    file::{at, file_checksum},
};

/// What happens to existing files with the names of a run's tracks that the run has not written: files of another run
/// or program, and its own files if they were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExistingFiles {
    /// They are an error, and stay.
    #[default]
    Refuse,
    /// They are replaced; beside a new file, one in the other format is removed unless it is of the run too.
    Replace,
}

/// Length and checksum of a file or of its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileDigest {
    pub(super) bytes: u64,
    /// CRC-32.
    pub(super) checksum: u32,
}

impl FileDigest {
    /// Reads a file.
    pub(super) fn from_file(path: &Path) -> Result<Self> {
        file_checksum(path).map(|(bytes, checksum)| Self { bytes, checksum })
    }

    /// Checks that a file is the one that was written.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        if !path.exists() {
            return Err(lost_file_error(path));
        }
        self.check_equal(path, Self::from_file(path)?)
    }

    /// Checks that a file begins as it was written.
    pub(super) fn check_beginning(self, file: &mut File, path: &Path) -> Result<()> {
        let (mut found, mut buffer) = (Self::default(), vec![0; 1 << 18]);
        let mut reader = file.take(self.bytes);
        loop {
            match reader.read(&mut buffer).map_err(at(path))? {
                0 => return self.check_equal(path, found),
                read => found.extend(&buffer[..read]),
            }
        }
    }

    /// Adds bytes to the end of the file.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.checksum);
        hasher.update(bytes);
        *self = Self { bytes: self.bytes + bytes.len() as u64, checksum: hasher.finalize() };
    }

    /// Checks that a digest that was found equals this one.
    pub(super) fn check_equal(self, path: &Path, found: Self) -> Result<()> {
        const ADVICE: &str = "put the file back, or scan again with `--force`";
        let detail = if self.bytes != found.bytes {
            format!("{} bytes, where {} were written: {ADVICE}", found.bytes, self.bytes)
        } else if self.checksum != found.checksum {
            format!("it was changed after it was written: {ADVICE}")
        } else {
            return Ok(());
        };
        Err(Error::corrupt(path, detail))
    }
}

/// Removes a file, if there is one.
pub(super) fn remove(path: &Path) -> Result<()> {
    if path.exists() { fs::remove_file(path).map_err(at(path)) } else { Ok(()) }
}

/// The error for a file of this run that is no longer there.
pub(super) fn lost_file_error(path: &Path) -> Error {
    let (expected, found) = ("the file of a finished run", "none: put it back, or scan again with `--force`");
    Error::mismatch(path.display().to_string(), expected, found)
}

/// The error for a file that this run has not written.
pub(super) fn existing_file_error(path: &Path) -> Error {
    let found = "another one: move it away, choose another folder, or replace it with `--force`";
    Error::mismatch(path.display().to_string(), "no file, or one that this run has written", found)
}
