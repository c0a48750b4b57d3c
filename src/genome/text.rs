//! Files that may be compressed, read as bytes.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use flate2::bufread::MultiGzDecoder;

use crate::{Error, Result, file::at};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BUFFER_BYTES: usize = 1 << 18;

/// The empty block that ends every whole bgzip file.
const BGZIP_END: [u8; 28] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Opens a file, inflates it if it is gzip or bgzip, and gives its first four bytes as they are on disk too.
pub(crate) fn open(path: &Path) -> Result<(Box<dyn BufRead>, Vec<u8>)> {
    let mut file = File::open(path).map_err(at(path))?;
    let mut first = Vec::with_capacity(18);
    file.by_ref().take(18).read_to_end(&mut first).map_err(at(path))?;
    if is_bgzip(&first) {
        check_bgzip_end(path, &mut file)?;
    }
    file.rewind().map_err(at(path))?;
    let raw = BufReader::with_capacity(BUFFER_BYTES, file);
    let is_gzip = first.starts_with(&GZIP_MAGIC);
    first.truncate(4);
    if is_gzip {
        let inflated = BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(raw));
        Ok((Box::new(inflated), first))
    } else {
        Ok((Box::new(raw), first))
    }
}

/// Tells a damaged file from one that the system refuses to read.
pub(crate) fn read_error(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::UnexpectedEof => {
            Error::Corrupt { path: path.clone(), detail: "it ends too early, as a truncated file does".to_owned() }
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Error::Corrupt { path: path.clone(), detail: source.to_string() }
        }
        _ => Error::Io { path: path.clone(), source },
    }
}

/// Calls `each` with the number (from 1) and the bytes of every line, without its end.
pub(crate) fn for_each_line(path: &Path, mut each: impl FnMut(u64, &[u8]) -> Result<()>) -> Result<()> {
    let (mut reader, _) = open(path)?;
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(read_error(path))? == 0 {
            return Ok(());
        }
        number += 1;
        each(number, trimmed(&line))?;
    }
}

/// A line without its line feed, nor the carriage return before it.
pub(crate) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn is_bgzip(first: &[u8]) -> bool {
    first.len() == 18 && first.starts_with(&BGZIP_END[..4]) && first[12..16] == BGZIP_END[12..16]
}

/// A bgzip file that was cut between two blocks still inflates: only its last block tells.
fn check_bgzip_end(path: &Path, file: &mut File) -> Result<()> {
    let mut last = [0; BGZIP_END.len()];
    let length = file.metadata().map_err(at(path))?.len();
    if length >= last.len() as u64 {
        file.seek(SeekFrom::End(-(last.len() as i64))).map_err(at(path))?;
        file.read_exact(&mut last).map_err(read_error(path))?;
    }
    if last == BGZIP_END {
        Ok(())
    } else {
        let detail = "it lacks the block that ends a bgzip file, as a truncated file does".to_owned();
        Err(Error::Corrupt { path: path.to_owned(), detail })
    }
}
