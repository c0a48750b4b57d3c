//! Folders that one call at a time may write to.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use super::{at, make_dir};
use crate::{Error, Result};

/// Keeps a folder for the one who holds it: a second call, of this process or another, is refused.
///
/// The lock is the operating system's, on a file `.lock` in the folder, so that it ends with its process, however that
/// ends; the file stays. Where the file system knows no locks, or the folder cannot be written to, nobody is refused.
///
/// # Examples
///
/// ```
/// use multitf::{Error, FolderLock};
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-lock-{}", std::process::id()));
/// let lock = FolderLock::new(&folder)?;
/// assert!(matches!(FolderLock::new(&folder), Err(Error::InUse { .. })));
/// drop(lock);
/// assert!(FolderLock::new(&folder).is_ok());
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct FolderLock {
    /// Closing it unlocks it.
    _file: Option<File>,
}

impl FolderLock {
    /// Makes the folder, if it is not there, and locks it.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] while another holds the lock, and [`Error::Io`] where the folder or the file cannot be made.
    pub fn new(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        make_dir(folder)?;
        let path = folder.join(".lock");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = match opened {
            // Who may only read disturbs nobody.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                return Ok(Self { _file: None });
            }
            opened => opened.map_err(at(&path))?,
        };
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(in_use(folder.to_owned(), file)),
            // The file system knows no locks.
            Err(TryLockError::Error(_)) => {}
            // Who is refused is told the number; without it the refusal is as good.
            Ok(()) => drop(file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()))),
        }
        Ok(Self { _file: Some(file) })
    }
}

fn in_use(path: PathBuf, mut file: File) -> Error {
    let mut text = String::new();
    // A lock may keep others from reading, too.
    let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    Error::InUse { path, process }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    #[test]
    fn a_second_lock_is_refused_with_folder_and_process_until_the_first_is_gone() {
        let folder = std::env::temp_dir().join(format!("multitf-lock-{}", std::process::id()));
        let below = folder.join("a").join("b");
        let first = FolderLock::new(&below).unwrap();
        let error = FolderLock::new(&below).unwrap_err();
        let own = std::process::id();
        assert!(matches!(&error, Error::InUse { path, process: Some(id) } if *path == below && *id == own), "{error}");
        // Other folders are others'.
        drop(FolderLock::new(&folder).unwrap());
        drop(first);
        drop(FolderLock::new(&below).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_lock_dies_with_its_process() {
        const CHILD: &str = "MULTITF_LOCKED_FOLDER";
        if let Some(folder) = std::env::var_os(CHILD) {
            let _lock = FolderLock::new(folder).unwrap();
            println!("locked");
            std::thread::sleep(std::time::Duration::from_mins(5));
        }
        let folder = std::env::temp_dir().join(format!("multitf-lock-process-{}", std::process::id()));
        let mut other = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "file::lock::tests::a_lock_dies_with_its_process", "--nocapture"])
            .env(CHILD, &folder)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = std::io::BufReader::new(other.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().ends_with("locked")));
        let error = FolderLock::new(&folder).unwrap_err().to_string();
        assert!(error.contains(&format!("in use by another process (pid {})", other.id())), "{error}");
        other.kill().unwrap();
        other.wait().unwrap();
        drop(FolderLock::new(&folder).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
