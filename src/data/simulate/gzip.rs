//! Compressed files whose bytes depend on nothing but their content.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::{Compression, GzBuilder};

use crate::{Result, file::write_atomic};

/// Writes a gzip file without name and time in its header.
pub(super) fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_atomic(path, |out| {
        let mut encoder = BufWriter::new(GzBuilder::new().mtime(0).write(out, Compression::default()));
        write(&mut encoder)?;
        encoder.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
        Ok(())
    })
}
