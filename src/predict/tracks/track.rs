//! A bedGraph file that grows.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
};

use super::{
    TrackValue,
    state::{Line, TrackState},
};
use crate::{
    Result,
    file::at,
    genome::{Genome, Interval},
};

/// A bedGraph file that grows.
#[derive(Debug)]
pub(super) struct Track {
    path: PathBuf,
    file: File,
    state: TrackState,
    /// Text that is not written yet.
    text: Vec<u8>,
}

impl Track {
    /// Opens the file, checks its saved part, and cuts off the rest.
    pub(super) fn open(path: PathBuf, state: TrackState) -> Result<Self> {
        let options = OpenOptions::new().create(true).read(true).write(true).truncate(false).clone();
        let mut file = options.open(&path).map_err(at(&path))?;
        state.file.check_beginning(&mut file, &path)?;
        file.set_len(state.file.bytes).map_err(at(&path))?;
        file.seek(SeekFrom::End(0)).map_err(at(&path))?;
        Ok(Self { path, file, state, text: Vec::new() })
    }

    /// Adds a value, in units of the last decimal.
    pub(super) fn push(&mut self, genome: &Genome, place: Interval, rounded: i64, value: TrackValue) {
        let Interval { chromosome, start, end } = place;
        match &mut self.state.line {
            Some(line) if (line.chromosome, line.end, line.value) == (chromosome, start, rounded) => line.end = end,
            _ => {
                self.end_line(genome, value);
                self.state.line = Some(Line { chromosome, start, end, value: rounded });
            }
        }
    }

    /// Writes the pending text.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.text).map_err(at(&self.path))?;
        self.state.file.extend(&self.text);
        self.text.clear();
        Ok(())
    }

    /// Writes the last line.
    pub(super) fn end(&mut self, genome: &Genome, value: TrackValue) -> Result<()> {
        self.end_line(genome, value);
        self.flush()
    }

    /// Puts the file on disk, and returns its state.
    pub(super) fn sync(&mut self) -> Result<TrackState> {
        self.flush()?;
        self.file.sync_data().map_err(at(&self.path))?;
        Ok(self.state)
    }

    fn end_line(&mut self, genome: &Genome, value: TrackValue) {
        let Some(Line { chromosome, start, end, value: rounded }) = self.state.line.take() else { return };
        self.text.extend_from_slice(genome.name(chromosome).as_bytes());
        self.text.push(b'\t');
        push_number(&mut self.text, start as u64, 1);
        self.text.push(b'\t');
        push_number(&mut self.text, end as u64, 1);
        self.text.push(b'\t');
        push_decimal(&mut self.text, rounded, value.decimals());
        self.text.push(b'\n');
    }
}

/// Writes a number with at least `digits` digits.
fn push_number(text: &mut Vec<u8>, mut number: u64, digits: u32) {
    let first = text.len();
    while number > 0 || text.len() - first < digits as usize {
        text.push(b'0' + (number % 10) as u8);
        number /= 10;
    }
    text[first..].reverse();
}

/// Writes a number given in units of the last decimal, without trailing zeros.
fn push_decimal(text: &mut Vec<u8>, rounded: i64, decimals: u32) {
    if rounded < 0 {
        text.push(b'-');
    }
    let unit = 10_u64.pow(decimals);
    push_number(text, rounded.unsigned_abs() / unit, 1);
    let fraction = rounded.unsigned_abs() % unit;
    if fraction > 0 {
        text.push(b'.');
        push_number(text, fraction, decimals);
        let zeros = text.iter().rev().take_while(|digit| **digit == b'0').count();
        text.truncate(text.len() - zeros);
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
        ] {
            let mut text = Vec::new();
            push_decimal(&mut text, rounded, 6);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
