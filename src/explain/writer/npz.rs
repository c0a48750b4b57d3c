//! Arrays in NumPy's files.

use std::{
    io::{Error as IoError, Write},
    path::PathBuf,
};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    Result,
    file::{PartialFile, at, numbers::to_bytes},
};

/// Writes an array of 32-bit floats, `arr_0` in a `.npz` file, a part at a time. It has its name when it is finished.
///
/// The format is that of NumPy 1.0 and later, without compression.
pub(super) struct NpzWriter {
    path: PathBuf,
    zip: ZipWriter<PartialFile>,
    left: usize,
}

impl NpzWriter {
    /// Starts an array of a shape.
    pub(super) fn create(path: PathBuf, shape: [usize; 3]) -> Result<Self> {
        let mut zip = ZipWriter::new(PartialFile::create(&path)?);
        // Its size is not known to the zip file beforehand, and may be beyond 32 bits.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        let begin = |zip: &mut ZipWriter<PartialFile>| -> std::io::Result<()> {
            zip.start_file("arr_0.npy", options).map_err(IoError::other)?;
            zip.write_all(&header(shape))
        };
        begin(&mut zip).map_err(at(&path))?;
        Ok(Self { path, zip, left: shape.iter().product() })
    }

    /// Appends values, the last axis first.
    ///
    /// # Panics
    ///
    /// Panics if they are more than the shape has room for.
    pub(super) fn write(&mut self, values: &[f32]) -> Result<()> {
        self.left = self.left.checked_sub(values.len()).expect("the shape says how many values there are");
        self.zip.write_all(&to_bytes(values)).map_err(at(&self.path))
    }

    /// Ends the file.
    ///
    /// # Panics
    ///
    /// Panics if values are missing.
    pub(super) fn finish(self) -> Result<()> {
        assert_eq!(self.left, 0, "values that are missing in {}", self.path.display());
        self.zip.finish().map_err(IoError::other).map_err(at(&self.path))?.finish()
    }
}

/// The header of a `.npy` file.
fn header(shape: [usize; 3]) -> Vec<u8> {
    const ALIGNMENT: usize = 64;
    let [a, b, c] = shape;
    let mut text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({a}, {b}, {c}), }}");
    let start = b"\x93NUMPY\x01\x00";
    let used = start.len() + size_of::<u16>() + text.len() + 1;
    text.push_str(&" ".repeat(used.next_multiple_of(ALIGNMENT) - used));
    text.push('\n');
    let length = u16::try_from(text.len()).expect("three numbers are short");
    [start, &length.to_le_bytes()[..], text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn an_array_is_a_header_and_its_numbers() {
        let folder = TestFolder::new("npz");
        let path = folder.path().join("array.npz");
        let mut writer = NpzWriter::create(path.clone(), [2, 4, 1]).unwrap();
        writer.write(&[0.0, 1.0, 2.0, 3.0]).unwrap();
        assert!(!path.exists());
        writer.write(&[4.0, 5.0, 6.0, 7.0]).unwrap();
        writer.finish().unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut zip.by_name("arr_0.npy").unwrap(), &mut bytes).unwrap();
        // As numpy.save writes it: the header ends at a multiple of 64 bytes.
        let header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4, 1), }";
        assert!(bytes.starts_with(header) && bytes[127] == b'\n' && bytes.len() == 128 + 8 * 4);
        assert_eq!(crate::file::numbers::from_bytes(&bytes[128..]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }
}
