//! What is kept of a call.

use std::{
    fs::OpenOptions,
    io::Write,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use multitf::{Error, Result};

/// The command, as the heading of the files of settings that it writes.
pub fn heading() -> String {
    format!("{} {}", crate::PROGRAM, arguments())
}

/// A test set that is looked at again and again is none: each look is on record.
pub fn log_opening(out: &Path) -> Result<()> {
    let path = out.join("test-openings.tsv");
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = format!("{seconds}\t{}\n", arguments());
    let file = OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(|source| Error::Io { path, source })
}

fn arguments() -> String {
    std::env::args().skip(1).collect::<Vec<_>>().join(" ")
}
