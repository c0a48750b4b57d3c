//! Text files, which may be compressed.

mod checked_reader;
mod non_text;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use self::{checked_reader::CheckedReader, non_text::non_text_kind};
use super::at;
use crate::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const BUFFER_BYTES: usize = 1 << 18;

/// The empty block at the end of every bgzip file.
const BGZIP_END: [u8; 28] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// The bytes of a bgzip block up to and with its size.
const BGZIP_HEADER: usize = 18;

/// Opens a text file, and inflates it if it is gzip or bgzip.
///
/// A byte order mark of UTF-8 is skipped. A file that is no text gives an error that says what it is, here or while it
/// is read.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let mut file = File::open(path).map_err(at(path))?;
    let mut first = Vec::with_capacity(BGZIP_HEADER);
    file.by_ref().take(BGZIP_HEADER as u64).read_to_end(&mut first).map_err(at(path))?;
    if is_bgzip(&first) {
        check_bgzip_end(path, &mut file)?;
    }
    file.rewind().map_err(at(path))?;
    let raw = BufReader::with_capacity(BUFFER_BYTES, file);
    if first.starts_with(&GZIP_MAGIC) {
        check_start(path, BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(raw)))
    } else {
        check_start(path, raw)
    }
}

/// Checks that a file starts as text does.
fn check_start(path: &Path, mut reader: impl BufRead + 'static) -> Result<Box<dyn BufRead>> {
    let first = reader.fill_buf().map_err(read_error(path))?;
    if let Some(kind) = non_text_kind(first) {
        return Err(Error::format(path, "a text file", kind));
    }
    if first.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    Ok(Box::new(CheckedReader::new(path, reader)))
}

/// Tells a damaged file from one that the operating system cannot read.
pub(crate) fn read_error(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| match source.downcast::<Error>() {
        Ok(error) => error,
        Err(source) => match source.kind() {
            io::ErrorKind::UnexpectedEof => Error::corrupt(&path, "it ends too early, as a truncated file does"),
            io::ErrorKind::InvalidInput if source.to_string() == "invalid gzip header" => Error::corrupt(
                &path,
                "after its gzip data come other bytes, as padding with zeros does: gunzip it and compress it anew",
            ),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Error::corrupt(&path, source.to_string()),
            _ => Error::Io { path: path.clone(), source },
        },
    }
}

/// A line of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Counted from 1.
    pub(crate) number: u64,
    /// Without its end.
    pub(crate) text: &'a [u8],
    /// Whether the file ends before the line does.
    pub(crate) is_cut: bool,
}

/// A line cut into fields.
pub(crate) struct Row<'a> {
    pub(crate) path: &'a Path,
    pub(crate) line: Line<'a>,
    pub(crate) fields: Vec<&'a [u8]>,
}

impl<'a> Row<'a> {
    /// Cuts a line at its tabs.
    pub(crate) fn new(path: &'a Path, line: Line<'a>) -> Self {
        Self { path, line, fields: line.text.split(|&byte| byte == b'\t').collect() }
    }

    /// Returns a field, counted from 0; a missing one is empty.
    pub(crate) fn text(&self, field: usize) -> Cow<'a, str> {
        String::from_utf8_lossy(self.fields.get(field).copied().unwrap_or_default())
    }

    /// The error of a field, counted from 0.
    pub(crate) fn error(&self, field: usize, expected: impl Into<String>) -> Error {
        Error::parse(self.path, (self.line.number, field as u64 + 1), expected, self.text(field))
    }

    /// Parses a field as a whole number.
    pub(crate) fn number(&self, field: usize, expected: &str) -> Result<usize> {
        // `parse` takes a plus sign, which no coordinate has.
        let digits = Some(self.text(field)).filter(|digits| !digits.starts_with('+'));
        digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| self.error(field, expected))
    }

    /// Parses the second and the third field, the start and the end of an interval.
    pub(crate) fn bounds(&self) -> Result<(usize, usize)> {
        Ok((self.number(1, "the start, a whole number")?, self.number(2, "the end, a whole number")?))
    }

    /// Refuses a line that the end of the file cuts before so many columns.
    pub(crate) fn check_whole(&self, columns: usize) -> Result<()> {
        if !self.line.is_cut || self.fields.len() >= columns {
            return Ok(());
        }
        let expected = format!("{columns} columns: the file ends within this line, as a truncated file does");
        Err(self.error(self.fields.len(), expected))
    }
}

/// Calls `each` with every line.
pub(crate) fn for_each_line(path: &Path, mut each: impl FnMut(Line<'_>) -> Result<()>) -> Result<()> {
    let mut reader = open(path)?;
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(read_error(path))? == 0 {
            return Ok(());
        }
        number += 1;
        each(Line { number, text: trimmed(&line), is_cut: !line.ends_with(b"\n") })?;
    }
}

/// Cuts the line feed off a line, and a carriage return before it.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_bgzip(first: &[u8]) -> bool {
    first.len() == BGZIP_HEADER && first.starts_with(&BGZIP_END[..4]) && first[12..16] == BGZIP_END[12..16]
}

/// Refuses a bgzip file that was cut between two blocks. It still inflates, so only the missing last block shows it.
fn check_bgzip_end(path: &Path, file: &mut File) -> Result<()> {
    let mut last = [0; BGZIP_END.len()];
    let length = file.metadata().map_err(at(path))?.len();
    if length >= last.len() as u64 {
        file.seek(SeekFrom::End(-(last.len() as i64))).map_err(at(path))?;
        file.read_exact(&mut last).map_err(read_error(path))?;
    }
    if last == BGZIP_END || !is_bgzip_throughout(file).map_err(at(path))? {
        return Ok(());
    }
    Err(Error::corrupt(path, "it lacks the block that ends a bgzip file, as a truncated file does"))
}

/// Whether a file is whole bgzip blocks up to its end. If it is not, inflating it shows what is wrong.
fn is_bgzip_throughout(file: &mut File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut start = 0;
    while start < length {
        file.seek(SeekFrom::Start(start))?;
        let mut header = Vec::with_capacity(BGZIP_HEADER);
        file.by_ref().take(BGZIP_HEADER as u64).read_to_end(&mut header)?;
        if !is_bgzip(&header) {
            return Ok(false);
        }
        start += u64::from(u16::from_le_bytes([header[16], header[17]])) + 1;
    }
    Ok(start == length)
}
