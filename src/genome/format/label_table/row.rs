//! Rows of label tables.

use std::path::Path;

use crate::{
    Error, Result,
    file::text::{Line, Row, trimmed},
    genome::Label,
};

/// The number of columns before the first cell type: chromosome, start and end.
pub(crate) const COORDINATES: usize = 3;

/// The bin of a row.
pub(crate) struct Bin<'b> {
    pub(crate) chromosome: &'b [u8],
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Parses rows one after the other, and counts lines.
pub(crate) struct RowParser<'a> {
    path: &'a Path,
    /// The number of the last line.
    pub(crate) line: u64,
    /// The labels of the last row.
    pub(crate) labels: Vec<Label>,
}

impl<'a> RowParser<'a> {
    /// Starts after the header of a table with so many cell types.
    pub(crate) fn new(path: &'a Path, cells: usize) -> Self {
        Self { path, line: 1, labels: vec![Label::Missing; cells] }
    }

    /// Parses the first of some lines, and cuts it off; an empty line gives nothing.
    #[inline]
    pub(crate) fn next<'b>(&mut self, lines: &mut &'b [u8]) -> Result<Option<Bin<'b>>> {
        self.line += 1;
        if let Some((bin, length)) = self.row(lines) {
            *lines = &lines[length..];
            return Ok(Some(bin));
        }
        let length = lines.iter().position(|&byte| byte == b'\n').map_or(lines.len(), |end| end + 1);
        let (line, rest) = lines.split_at(length);
        *lines = rest;
        let line = Line { number: self.line, text: trimmed(line), is_cut: !line.ends_with(b"\n") };
        if line.text.is_empty() { Ok(None) } else { Err(self.line_error(line)) }
    }

    /// Parses a correct line; gives its length too.
    #[inline]
    fn row<'b>(&mut self, lines: &'b [u8]) -> Option<(Bin<'b>, usize)> {
        let tab = lines.iter().position(|&byte| byte == b'\t' || byte == b'\n')?;
        let (start, at) = number_and_tab(lines, tab + 1)?;
        let (end, mut at) = number_and_tab(lines, at)?;
        let last = self.labels.len() - 1;
        for (cell, label) in self.labels.iter_mut().enumerate() {
            *label = Label::from_letter(*lines.get(at)?)?;
            at += 1;
            if cell < last {
                (*lines.get(at)? == b'\t').then_some(())?;
                at += 1;
            }
        }
        at += match &lines[at..] {
            [b'\n', ..] | [b'\r'] => 1,
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => return None,
        };
        (lines[tab] == b'\t').then_some((Bin { chromosome: &lines[..tab], start, end }, at))
    }

    /// Finds the error of a wrong line.
    fn line_error(&self, line: Line) -> Error {
        let row = Row::new(self.path, line);
        let (fields, width) = (&row.fields, COORDINATES + self.labels.len());
        if line.is_cut && (fields.len() < width || fields.len() == width && fields[width - 1].is_empty()) {
            let expected = format!("{width} columns: the file ends within this line, as a truncated file does");
            return row.error(fields.len() - 1, expected);
        }
        if let Err(error) = row.bounds() {
            return error;
        }
        let is_label = |field: &&[u8]| matches!(field, [letter] if Label::from_letter(*letter).is_some());
        match (COORDINATES..width).find(|&column| !fields.get(column).is_some_and(is_label)) {
            Some(column) => row.error(column, "U, A or B"),
            None => row.error(width, "no further column"),
        }
    }

    /// The error of a column of the last line, counted from 0.
    pub(crate) fn error(&self, column: usize, expected: String, found: usize) -> Error {
        Error::parse(self.path, (self.line, column as u64 + 1), expected, found.to_string())
    }
}

/// Parses digits up to a tab; gives the position after it too.
#[inline]
fn number_and_tab(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut number = 0_usize;
    for (i, &byte) in bytes[start..].iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(usize::from(byte - b'0'))?,
            b'\t' if i > 0 => return Some((number, start + i + 1)),
            _ => return None,
        }
    }
    None
}
