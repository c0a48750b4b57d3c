//! Files that may be compressed, read as text.

mod checked;
mod kind;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use self::{checked::Checked, kind::other_kind};
use crate::{Error, Result, file::at};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const BUFFER_BYTES: usize = 1 << 18;

/// The empty block that ends every whole bgzip file.
const BGZIP_END: [u8; 28] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// The bytes of a bgzip block up to its size, and that.
const BGZIP_HEADER: usize = 18;

/// Opens a text file, and inflates it if it is gzip or bgzip.
///
/// A mark of UTF-8 at the start is skipped. A file that is no text is an error that says what it is, here or where it is
/// read.
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
        checked(path, BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(raw)))
    } else {
        checked(path, raw)
    }
}

/// Looks at how the text starts, and lets it be read if that is text.
fn checked(path: &Path, mut reader: impl BufRead + 'static) -> Result<Box<dyn BufRead>> {
    let first = reader.fill_buf().map_err(read_error(path))?;
    if let Some(kind) = other_kind(first) {
        return Err(Error::Format { path: path.to_owned(), expected: "a text file", detail: kind.to_owned() });
    }
    if first.starts_with(BYTE_ORDER_MARK) {
        reader.consume(BYTE_ORDER_MARK.len());
    }
    Ok(Box::new(Checked::new(path, reader)))
}

/// Tells a damaged file from one that the system refuses to read.
pub(crate) fn read_error(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| {
        let corrupt = |detail: String| Error::Corrupt { path: path.clone(), detail };
        match source.downcast::<Error>() {
            Ok(error) => error,
            Err(source) => match source.kind() {
                io::ErrorKind::UnexpectedEof => corrupt("it ends too early, as a truncated file does".to_owned()),
                io::ErrorKind::InvalidInput if source.to_string() == "invalid gzip header" => corrupt(
                    "after its gzip data come other bytes, as padding with zeros does: gunzip it and compress it anew"
                        .to_owned(),
                ),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => corrupt(source.to_string()),
                _ => Error::Io { path: path.clone(), source },
            },
        }
    }
}

/// A line of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u64,
    /// Without its end.
    pub(crate) text: &'a [u8],
    /// Whether the file ends before the line does.
    pub(crate) is_cut: bool,
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

/// A line without its line feed, nor the carriage return before it.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_bgzip(first: &[u8]) -> bool {
    first.len() == BGZIP_HEADER && first.starts_with(&BGZIP_END[..4]) && first[12..16] == BGZIP_END[12..16]
}

/// A bgzip file that was cut between two blocks still inflates: only its last block tells.
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
    let detail = "it lacks the block that ends a bgzip file, as a truncated file does".to_owned();
    Err(Error::Corrupt { path: path.to_owned(), detail })
}

/// Whether a file is whole bgzip blocks up to its end. Where it is not, inflating it tells what is wrong, if anything is.
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

#[cfg(test)]
mod tests;
