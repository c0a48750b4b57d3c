//! Files that are written whole or not at all, and whose damage is found.

mod digest;
pub(crate) mod gzip;
mod lock;
pub(crate) mod numbers;
mod partial;
mod seal;
mod sealed;
pub(crate) mod text;
pub(crate) mod toml;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

pub use self::lock::FolderLock;
pub(crate) use self::{
    digest::{Digest, differences, text_words},
    partial::PartialFile,
    seal::{PLACEHOLDER, add_checksum, checksum, verify_checksum},
    sealed::{read_checked, read_with_checksum, write_with_checksum},
};
use crate::{Error, Result};

/// Attaches a path to an I/O error.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

/// Writes a file under a temporary name beside `path`, and renames it when it is whole and on disk.
pub(crate) fn write_atomic(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    replace_with(path, |partial| {
        let mut writer = BufWriter::new(File::create(partial).map_err(at(partial))?);
        write(&mut writer).and_then(|()| writer.flush()).map_err(at(path))?;
        writer.get_ref().sync_all().map_err(at(path))
    })
}

/// Lets `make` write a file under a temporary name beside `path`, and renames it on success.
pub(crate) fn replace_with(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let partial = partial_name(path);
    let outcome = make(&partial).and_then(|()| fs::rename(&partial, path).map_err(at(path)));
    if outcome.is_err() {
        // The first error is reported; a partial file that cannot be removed is harmless.
        let _ = fs::remove_file(&partial);
    }
    outcome
}

/// Makes a folder and its parents.
pub(crate) fn make_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(at(path))
}

/// Returns the length and the [`checksum`] of a file.
pub(crate) fn file_checksum(path: &Path) -> Result<(u64, u32)> {
    let mut file = BufReader::with_capacity(1 << 18, File::open(path).map_err(at(path))?);
    let (mut length, mut hasher) = (0, crc32fast::Hasher::new());
    loop {
        let chunk = file.fill_buf().map_err(at(path))?;
        if chunk.is_empty() {
            return Ok((length, hasher.finalize()));
        }
        hasher.update(chunk);
        let read = chunk.len();
        length += read as u64;
        file.consume(read);
    }
}

/// Puts files on disk. Many calls wait at a time, since a file system writes together what several wait for.
pub(crate) fn sync_files(paths: &[PathBuf]) -> Result<()> {
    const AT_A_TIME: usize = 16;
    let sync = |path: &Path| {
        let file = OpenOptions::new().read(true).write(true).open(path);
        file.and_then(|file| file.sync_all()).map_err(at(path))
    };
    thread::scope(|scope| {
        let parts = paths.chunks(paths.len().div_ceil(AT_A_TIME).max(1));
        let threads: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().try_for_each(|path| sync(path)))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

pub(crate) fn partial_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestFile, TestFolder};

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_partial_one() {
        let folder = TestFolder::new("file");
        let path = folder.path().join("scores.tsv");
        write_atomic(&path, |w| w.write_all(b"old")).unwrap();
        let error = write_atomic(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(error.unwrap_err().to_string().ends_with("scores.tsv: disk full"));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_checksum_is_that_of_gzip() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        let bytes = b"123456789".repeat(100_000);
        assert_eq!(file_checksum(&TestFile::new("checksum", &bytes)).unwrap(), (900_000, checksum(&bytes)));
    }

    #[test]
    fn a_file_that_is_not_put_on_disk_is_an_error_with_its_path() {
        let folder = TestFolder::new("sync");
        let paths: Vec<PathBuf> = (0..40).map(|file| folder.write(&file.to_string(), "text")).collect();
        sync_files(&paths).unwrap();
        sync_files(&[]).unwrap();
        fs::remove_file(&paths[33]).unwrap();
        let error = sync_files(&paths).unwrap_err();
        assert!(matches!(&error, Error::Io { path, .. } if *path == paths[33]), "{error}");
    }

    #[test]
    fn a_folder_below_a_file_is_an_error_with_its_path() {
        let file = TestFile::new("file", "");
        let error = make_dir(&file.join("out")).unwrap_err();
        assert!(error.to_string().contains("/out: "), "{error}");
    }
}
