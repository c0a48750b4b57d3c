//! A file that is written part by part under a temporary name.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{at, partial_name};
use crate::Result;

/// A file under a temporary name beside its own, which it gets when it is finished. Without that it is removed.
#[derive(Debug)]
pub(crate) struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
}

impl PartialFile {
    /// Creates a file.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let partial = partial_name(path);
        let writer = BufWriter::new(File::create(&partial).map_err(at(&partial))?);
        Ok(Self { path: path.to_owned(), partial, writer })
    }

    /// Puts the file on disk under its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.writer.flush().map_err(at(&self.path))?;
        self.writer.get_ref().sync_all().map_err(at(&self.path))?;
        fs::rename(&self.partial, &self.path).map_err(at(&self.path))
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for PartialFile {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.writer.seek(position)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Nothing is left of a finished file; a partial one that cannot be removed is harmless.
        let _ = fs::remove_file(&self.partial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn a_file_has_its_name_when_it_is_finished_and_is_gone_if_it_never_is() {
        let folder = TestFolder::new("partial");
        let path = folder.path().join("table.tsv");
        fs::write(&path, "old").unwrap();
        let mut file = PartialFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let mut file = PartialFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
