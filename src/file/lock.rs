//! Locks of folders, so that one call at a time writes to them.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use super::{at, make_dir};
use crate::{Error, Result};

/// A lock of a folder: while it is held, a second call, of this process or another, is refused.
///
/// The lock is one of the operating system on a file `.lock` in the folder, so that it ends with its process, however
/// that ends; the file stays. If the file system has no locks, or the folder is read-only, no call is refused.
///
/// # Examples
///
/// ```
/// use multitf::{Error, FolderLock};
///
/// let folder = tempfile::tempdir().unwrap();
/// let lock = FolderLock::new(&folder)?;
/// assert!(matches!(FolderLock::new(&folder), Err(Error::InUse { .. })));
/// drop(lock);
/// assert!(FolderLock::new(&folder).is_ok());
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct FolderLock {
    /// Unlocked when it is closed.
    _file: Option<File>,
}

impl FolderLock {
    /// Makes the folder if it is missing, and locks it.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another call holds the lock, and [`Error::Io`] if the folder or the file cannot be made.
    pub fn new(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        make_dir(folder)?;
        let path = folder.join(".lock");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = match opened {
            // A call that may only read needs no lock.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                return Ok(Self { _file: None });
            }
            opened => opened.map_err(at(&path))?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(in_use(folder.to_owned(), file)),
            // The file system has no locks.
            Err(TryLockError::Error(_)) => {}
            // A refused call reports this number, if it could be written.
            Ok(()) => drop(file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()))),
        }
        Ok(Self { _file: Some(file) })
    }
}

fn in_use(path: PathBuf, mut file: File) -> Error {
    let mut text = String::new();
    // Some locks keep others from reading.
    let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    Error::InUse { path, process }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn a_second_lock_is_refused_with_folder_and_process_until_the_first_is_gone() {
        let folder = TestFolder::new("lock");
        let below = folder.path().join("a").join("b");
        let first = FolderLock::new(&below).unwrap();
        let error = FolderLock::new(&below).unwrap_err();
        let own = std::process::id();
        assert!(matches!(&error, Error::InUse { path, process: Some(id) } if *path == below && *id == own), "{error}");
        // Other folders are free.
        drop(FolderLock::new(folder.path()).unwrap());
        drop(first);
        drop(FolderLock::new(&below).unwrap());
    }

    #[test]
    fn a_lock_dies_with_its_process() {
        const CHILD: &str = "MULTITF_LOCKED_FOLDER";
        if let Some(folder) = std::env::var_os(CHILD) {
            let _lock = FolderLock::new(folder).unwrap();
            println!("locked");
            std::thread::sleep(std::time::Duration::from_mins(5));
        }
        let folder = TestFolder::new("lock-process");
        let mut other = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "file::lock::tests::a_lock_dies_with_its_process", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufReader::new(other.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("locked")));
        let error = FolderLock::new(folder.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("in use by another process (pid {})", other.id())), "{error}");
        other.kill().unwrap();
        other.wait().unwrap();
        drop(FolderLock::new(folder.path()).unwrap());
    }
}
