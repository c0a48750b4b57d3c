//! A text file that may be compressed.

use std::{
    io::{self, Write},
    path::Path,
};

use noodles_bgzf::{VirtualPosition, io::Writer};

use crate::{
    Result,
    file::{PartialFile, at},
};

/// A text file under a temporary name, compressed as bgzip if its name ends in `.gz`.
pub(super) enum Output {
    Plain(PartialFile),
    Bgzip(Writer<PartialFile>),
}

impl Output {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = PartialFile::create(path)?;
        Ok(if is_compressed(path) { Self::Bgzip(Writer::new(file)) } else { Self::Plain(file) })
    }

    /// Where the next byte comes in a compressed file.
    pub(super) fn virtual_position(&self) -> Option<VirtualPosition> {
        match self {
            Self::Plain(_) => None,
            Self::Bgzip(writer) => Some(writer.virtual_position()),
        }
    }

    /// Gives the file its name.
    pub(super) fn finish(self, path: &Path) -> Result<()> {
        match self {
            Self::Plain(file) => file.finish(),
            Self::Bgzip(writer) => writer.finish().map_err(at(path))?.finish(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Bgzip(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Bgzip(writer) => writer.flush(),
        }
    }
}

/// Whether a file of this name is compressed.
pub(super) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}
