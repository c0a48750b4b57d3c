//! Joining the files of a track.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    file::at,
    predict::tracks::{
        state::{Position, TrackState, WrittenSpan},
        written::FileDigest,
    },
};

/// The file of a shard's track.
#[derive(Debug)]
pub(super) struct TrackPart<'a> {
    pub(super) path: PathBuf,
    pub(super) digest: FileDigest,
    pub(super) span: &'a WrittenSpan,
}

/// Joins files in their order, and returns the state of the joined track.
pub(super) fn join(parts: &[TrackPart<'_>], to: &Path) -> Result<TrackState> {
    let file = BufWriter::new(File::create(to).map_err(at(to))?);
    let mut joined = Joined { path: to, file, line: Vec::new(), digest: FileDigest::default() };
    parts.iter().try_for_each(|part| joined.append(part))?;
    Ok(TrackState { file: joined.end()? })
}

/// A file that other files are appended to.
struct Joined<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    /// The last line, which the next file may continue.
    line: Vec<u8>,
    digest: FileDigest,
}

impl Joined<'_> {
    fn append(&mut self, part: &TrackPart<'_>) -> Result<()> {
        let mut reader = part.open()?;
        let (mut line, mut is_first, mut digest) = (Vec::new(), true, FileDigest::default());
        while reader.read_until(b'\n', &mut line).map_err(at(&part.path))? > 0 {
            digest.extend(&line);
            if std::mem::take(&mut is_first) {
                let first = part.parsed(&line)?;
                part.check("starts", &part.span.start, first.start())?;
                if let Some(grown) = Line::parse(&self.line).and_then(|last| last.grown(&first)) {
                    line = grown;
                    self.line.clear();
                }
            }
            self.write_line()?;
            std::mem::swap(&mut self.line, &mut line);
            line.clear();
        }
        part.digest.check_equal(&part.path, digest)?;
        part.check("ends", &part.span.end, part.parsed(&self.line)?.end())
    }

    fn write_line(&mut self) -> Result<()> {
        self.digest.extend(&self.line);
        self.file.write_all(&self.line).map_err(at(self.path))
    }

    /// Completes the file, which is not on disk yet, and returns its digest.
    fn end(mut self) -> Result<FileDigest> {
        self.write_line()?;
        self.file.flush().map_err(at(self.path))?;
        Ok(self.digest)
    }
}

impl TrackPart<'_> {
    fn open(&self) -> Result<BufReader<File>> {
        let path = &self.path;
        let file = File::open(path).map_err(at(path))?;
        let bytes = file.metadata().map_err(at(path))?.len();
        self.digest.check_equal(path, FileDigest { bytes, ..self.digest })?;
        Ok(BufReader::new(file))
    }

    fn parsed<'a>(&self, line: &'a [u8]) -> Result<Line<'a>> {
        let text = String::from_utf8_lossy(line);
        let detail = || format!("{:?} is no line of a bedGraph file", text.trim_end());
        Line::parse(line).ok_or_else(|| Error::corrupt(&self.path, detail()))
    }

    fn check(&self, what: &str, expected: &Position, found: Position) -> Result<()> {
        if *expected == found {
            return Ok(());
        }
        Err(Error::corrupt(&self.path, format!("it {what} at {found}, where {expected} was written")))
    }
}

/// A line of a bedGraph file.
struct Line<'a> {
    chromosome: &'a str,
    start: usize,
    end: usize,
    /// With the end of the line; equal values have equal texts.
    value: &'a str,
}

impl<'a> Line<'a> {
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(line).ok()?.splitn(4, '\t');
        let (chromosome, start, end) = (fields.next()?, fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Self { chromosome, start, end, value: fields.next()? })
    }

    /// Joins the line with the next one, if that is its neighbour and has its value.
    fn grown(&self, next: &Self) -> Option<Vec<u8>> {
        let is_one = (self.chromosome, self.end, self.value) == (next.chromosome, next.start, next.value);
        is_one.then(|| format!("{}\t{}\t{}\t{}", self.chromosome, self.start, next.end, self.value).into_bytes())
    }

    fn start(&self) -> Position {
        Position { chromosome: self.chromosome.to_owned(), position: self.start }
    }

    fn end(&self) -> Position {
        Position { chromosome: self.chromosome.to_owned(), position: self.end }
    }
}
