//! What was found in each region, on disk until the files of each task are written.

use std::{
    fs::{self, File},
    io::{BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{
    Result,
    file::{
        at,
        numbers::{from_bytes, to_bytes},
        partial_name,
    },
};

/// Rows of numbers in a temporary file, written in order and read in any. So there is one open file, however many tasks
/// there are. It is removed in the end.
pub(super) struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
    row: usize,
}

impl Spool {
    /// Starts a file beside a path, for rows of so many numbers.
    pub(super) fn create(path: &Path, row: usize) -> Result<Self> {
        let path = partial_name(path);
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path).map_err(at(&path))?;
        Ok(Self { path, file: BufWriter::new(file), row })
    }

    /// Appends a row.
    pub(super) fn write(&mut self, row: &[f32]) -> Result<()> {
        debug_assert_eq!(row.len(), self.row);
        self.file.write_all(&to_bytes(row)).map_err(at(&self.path))
    }

    /// Reads a row.
    pub(super) fn read(&mut self, index: usize) -> Result<Vec<f32>> {
        let size = self.row * size_of::<f32>();
        let mut bytes = vec![0; size];
        let place = SeekFrom::Start((index * size) as u64);
        let read = self.file.seek(place).and_then(|_| self.file.get_mut().read_exact(&mut bytes));
        read.map_err(at(&self.path))?;
        Ok(from_bytes(&bytes))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What cannot be removed is a partial file of a name of its own.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn rows_come_back_in_any_order_and_nothing_is_left() {
        let folder = TestFolder::new("spool");
        let mut spool = Spool::create(&folder.path().join("rows"), 3).unwrap();
        (0..1_000_u16).for_each(|row| spool.write(&[f32::from(row), 0.5, -f32::from(row)]).unwrap());
        assert_eq!(spool.read(999).unwrap(), [999.0, 0.5, -999.0]);
        assert_eq!(spool.read(2).unwrap(), [2.0, 0.5, -2.0]);
        assert!(spool.read(1_000).is_err());
        drop(spool);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
