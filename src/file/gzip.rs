//! Gzip files whose bytes depend only on their content.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use flate2::{Compression, GzBuilder};

use crate::{Result, file::write_atomic};

/// Writes a gzip file without a name or a time in its header.
pub(crate) fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_atomic(path, |out| {
        let mut encoder = BufWriter::new(GzBuilder::new().mtime(0).write(out, Compression::default()));
        write(&mut encoder)?;
        encoder.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
        Ok(())
    })
}
