//! A thread that saves the values of a scan while the scan goes on.

use std::{
    io,
    panic::resume_unwind,
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use super::{
    state::RunState,
    values::{Block, ValuesFile},
};
use crate::{Error, Result, file::at};

/// Number of blocks that wait to be written.
const AHEAD: usize = 1;

/// A block, and the state of the run to save after it, if it is time to.
type Task = (Block, Option<RunState>);

/// Appends blocks to the file of values, and saves the state of the run, on another thread.
#[derive(Debug)]
pub(super) struct Saver {
    sender: Option<SyncSender<Task>>,
    thread: Option<JoinHandle<Result<ValuesFile>>>,
}

impl Saver {
    /// Starts the thread.
    pub(super) fn new(folder: &Path, values: ValuesFile) -> Result<Self> {
        let (sender, receiver) = sync_channel(AHEAD);
        let place = folder.to_owned();
        let thread = thread::Builder::new().name("tracks".into()).spawn(move || save_all(&place, values, receiver));
        Ok(Self { sender: Some(sender), thread: Some(thread.map_err(at(folder))?) })
    }

    /// Adds a block, and saves the state after it. An error may be that of an earlier block.
    pub(super) fn send(&mut self, task: Task) -> Result<()> {
        match &self.sender {
            Some(sender) if sender.send(task).is_ok() => Ok(()),
            _ => self.end().map(|_| ()),
        }
    }

    /// Waits until all is written, and returns the file.
    pub(super) fn end(&mut self) -> Result<ValuesFile> {
        self.sender = None;
        let thread = self.thread.take();
        let outcome = thread.map_or_else(|| Ok(Err(failed_before())), JoinHandle::join);
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl Drop for Saver {
    /// Waits for the thread, so that nothing is written once the folder's lock is gone.
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A writer that is dropped before its end has nobody to tell.
            let _ = thread.join();
        }
    }
}

fn failed_before() -> Error {
    Error::Io { path: "tracks.values".into(), source: io::Error::other("an earlier write has failed") }
}

fn save_all(folder: &Path, mut values: ValuesFile, tasks: Receiver<Task>) -> Result<ValuesFile> {
    for (block, state) in tasks {
        values.append(&block)?;
        if let Some(state) = state {
            RunState { values: Some(values.sync()?), ..state }.save(folder)?;
        }
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn an_error_of_the_thread_is_that_of_a_later_call() {
        use super::*;
        use crate::testing::TestFolder;

        let folder = TestFolder::new("saver-full");
        let mut saver = Saver::new(folder.path(), ValuesFile::full()).unwrap();
        let mut send = || saver.send((Block { bins: 0..1, log_odds: vec![0.5] }, None));
        let error = (0..).find_map(|_| send().err()).unwrap();
        assert!(matches!(&error, Error::Io { path, .. } if path == Path::new("/dev/full")), "{error}");
        assert_eq!(send().unwrap_err().to_string(), "tracks.values: an earlier write has failed");
        assert!(saver.end().is_err());
    }
}
