//! A reader that refuses bytes that no text has.

use std::{
    io::{self, BufRead, Read},
    path::{Path, PathBuf},
};

use crate::Error;

/// A reader that refuses what no text has: NUL, and carriage returns without line feeds.
pub(super) struct CheckedReader<R> {
    path: PathBuf,
    inner: R,
    /// How many of the buffered bytes are checked.
    seen: usize,
    /// The number of bytes checked so far.
    before: u64,
    /// Whether the last checked byte is a carriage return.
    has_return: bool,
}

impl<R: BufRead> CheckedReader<R> {
    pub(super) fn new(path: &Path, inner: R) -> Self {
        Self { path: path.to_owned(), inner, seen: 0, before: 0, has_return: false }
    }
}

impl<R: BufRead> BufRead for CheckedReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.inner.fill_buf()?;
        if self.seen == 0 {
            check(&self.path, self.before, bytes, &mut self.has_return)?;
            self.before += bytes.len() as u64;
            self.seen = bytes.len();
        }
        Ok(bytes)
    }

    fn consume(&mut self, amount: usize) {
        self.seen -= amount.min(self.seen);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for CheckedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

/// Checks the bytes of a file from `start` on.
fn check(path: &Path, start: u64, bytes: &[u8], has_return: &mut bool) -> io::Result<()> {
    let refuse = |error: Error| Err(io::Error::new(io::ErrorKind::InvalidData, error));
    // `contains` looks at many bytes at once, `position` does not.
    if bytes.contains(&0) {
        let place = start + bytes.iter().take_while(|&&byte| byte != 0).count() as u64;
        let detail = format!("byte {place} is 0, which no text holds: was it cut off or padded when it was copied?");
        return refuse(Error::corrupt(path, detail));
    }
    if is_alone(bytes, has_return) {
        let detail = "carriage returns stand alone, as old Macs end lines: convert it with tr '\\r' '\\n'";
        return refuse(Error::format(path, "text whose lines end in line feeds", detail));
    }
    Ok(())
}

/// Whether a byte other than a line feed follows a carriage return.
fn is_alone(bytes: &[u8], has_return: &mut bool) -> bool {
    let Some((&first, &last)) = bytes.first().zip(bytes.last()) else { return false };
    if std::mem::replace(has_return, last == b'\r') && first != b'\n' {
        return true;
    }
    if !bytes.contains(&b'\r') {
        return false;
    }
    let mut rest = bytes;
    while let Some(index) = rest.iter().position(|&byte| byte == b'\r') {
        rest = &rest[index + 1..];
        if rest.first().is_some_and(|&byte| byte != b'\n') {
            return true;
        }
    }
    false
}
