//! Folders that tests write to.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder of its own for a test, removed with all that it holds.
pub(crate) struct TestFolder(PathBuf);

impl TestFolder {
    /// Makes the folder; `name` must differ between tests.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("multitf-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // A folder that cannot be removed does no harm in the system's temporary one.
        let _ = fs::remove_dir_all(&self.0);
    }
}
