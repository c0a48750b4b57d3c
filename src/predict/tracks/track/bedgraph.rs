//! A bedGraph file that grows.

use std::{fs::File, io::Write, path::PathBuf};

use crate::{
    Result,
    file::at,
    genome::Interval,
    predict::tracks::{
        track::places::{Places, follows, push_number},
        written::FileDigest,
    },
};

/// A bedGraph file that grows.
#[derive(Debug)]
pub(super) struct Bedgraph {
    path: PathBuf,
    file: File,
    digest: FileDigest,
    /// Text that is not written yet, with the last line at its end.
    text: Vec<u8>,
    line: Option<Line>,
}

/// The line that may still grow; its value is not among the text yet.
#[derive(Debug)]
struct Line {
    place: Interval,
    /// In units of the last decimal.
    value: i64,
    /// Where its text begins, and where its end does.
    text: [usize; 2],
}

impl Bedgraph {
    /// Begins a file.
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).map_err(at(&path))?;
        Ok(Self { path, file, digest: FileDigest::default(), text: Vec::new(), line: None })
    }

    /// Adds the values of some bins, in units of the last decimal.
    pub(super) fn push(&mut self, places: &Places, values: &[i64], decimals: u32) -> Result<()> {
        for run in places.runs(values) {
            match &mut self.line {
                Some(line) if line.value == run.value && follows(line.place, run.place) => {
                    line.place.end = run.place.end;
                    self.text.truncate(line.text[1]);
                }
                _ => {
                    self.end_line(decimals);
                    let start = self.text.len();
                    self.text.extend_from_slice(places.start_text(&run));
                    self.line = Some(Line { place: run.place, value: run.value, text: [start, self.text.len()] });
                }
            }
            self.text.extend_from_slice(places.end_text(&run));
        }
        self.flush()
    }

    /// Completes the file, and returns its digest.
    pub(super) fn end(mut self, decimals: u32) -> Result<FileDigest> {
        self.end_line(decimals);
        self.flush()?;
        Ok(self.digest)
    }

    fn end_line(&mut self, decimals: u32) {
        if let Some(line) = self.line.take() {
            push_decimal(&mut self.text, line.value, decimals);
            self.text.push(b'\n');
        }
    }

    /// Writes all lines but one that may still grow.
    fn flush(&mut self) -> Result<()> {
        let whole = self.line.as_ref().map_or(self.text.len(), |line| line.text[0]);
        self.file.write_all(&self.text[..whole]).map_err(at(&self.path))?;
        self.digest.extend(&self.text[..whole]);
        self.text.drain(..whole);
        if let Some(line) = &mut self.line {
            line.text = line.text.map(|place| place - whole);
        }
        Ok(())
    }
}

/// Writes a number given in units of the last decimal, without trailing zeros.
fn push_decimal(text: &mut Vec<u8>, rounded: i64, decimals: u32) {
    if rounded < 0 {
        text.push(b'-');
    }
    let unit = 10_u64.pow(decimals);
    let (whole, mut fraction) = (rounded.unsigned_abs() / unit, rounded.unsigned_abs() % unit);
    push_number(text, whole, 1);
    if fraction > 0 {
        text.push(b'.');
        let mut digits = decimals;
        while fraction.is_multiple_of(10) {
            (fraction, digits) = (fraction / 10, digits - 1);
        }
        push_number(text, fraction, digits as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_those_of_the_number() {
        for (rounded, expected) in [
            (0, "0"),
            (1, "0.000001"),
            (120_000, "0.12"),
            (1_000_000, "1"),
            (-2_500_000, "-2.5"),
            (10_000_001, "10.000001"),
            (i64::MAX, "9223372036854.775807"),
            (i64::MIN, "-9223372036854.775808"),
        ] {
            let mut text = Vec::new();
            push_decimal(&mut text, rounded, 6);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
