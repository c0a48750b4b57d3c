//! Files that were written, told from others.

use std::{fs::File, io::Read, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    file::{at, checksum_of},
};

/// What becomes of files that a run finds under the names of its tracks, and has not written: those of another run, of another
/// program, and its own if they were changed since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Foreign {
    /// They are an error, and stay.
    #[default]
    Refuse,
    /// They are replaced; a bigWig file beside a bedGraph file that is new is removed.
    Replace,
}

/// A file, or its beginning, as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) bytes: u64,
    /// CRC-32.
    pub(super) checksum: u32,
}

impl Written {
    /// Takes down what a file is.
    pub(super) fn of(path: &Path) -> Result<Self> {
        checksum_of(path).map(|(bytes, checksum)| Self { bytes, checksum })
    }

    /// Refuses a file that is another one.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        if !path.exists() {
            let (what, expected) = (path.display().to_string(), "the file of a run that is done".into());
            let found = "none: put it back, or scan again with `--force`".into();
            return Err(Error::Mismatch { what, expected, found });
        }
        self.same(path, Self::of(path)?)
    }

    /// Refuses a file that does not begin so; what comes after may be anything.
    pub(super) fn check_beginning(self, file: &mut File, path: &Path) -> Result<()> {
        let mut hasher = crc32fast::Hasher::new();
        let (mut bytes, mut buffer) = (0, vec![0; 1 << 18]);
        let mut reader = file.take(self.bytes);
        loop {
            let read = reader.read(&mut buffer).map_err(at(path))?;
            if read == 0 {
                return self.same(path, Self { bytes, checksum: hasher.finalize() });
            }
            hasher.update(&buffer[..read]);
            bytes += read as u64;
        }
    }

    /// Refuses what is not the same.
    pub(super) fn same(self, path: &Path, found: Self) -> Result<()> {
        const ADVICE: &str = "put the file back, or scan again with `--force`";
        let detail = if self.bytes != found.bytes {
            format!("{} bytes, where {} were written: {ADVICE}", found.bytes, self.bytes)
        } else if self.checksum != found.checksum {
            format!("it was changed after it was written: {ADVICE}")
        } else {
            return Ok(());
        };
        Err(Error::Corrupt { path: path.to_owned(), detail })
    }
}

/// Says that a file is in the way.
pub(super) fn foreign(path: &Path) -> Error {
    let (what, expected) = (path.display().to_string(), "no file, or one that this run has written".into());
    let found = "another one: move it away, choose another folder, or have it replaced with `--force`".into();
    Error::Mismatch { what, expected, found }
}
