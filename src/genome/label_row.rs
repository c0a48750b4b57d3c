//! Rows of label tables.

use std::path::Path;

use super::{Label, label_table::BOUNDS, text::trimmed};
use crate::{Error, Result};

/// Where a row's bin lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'b> {
    pub(super) name: &'b [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Parses rows one after the other, and knows where it is.
pub(super) struct RowParser<'a> {
    path: &'a Path,
    /// The number of the last line.
    line: u64,
    labels: Vec<Label>,
}

impl<'a> RowParser<'a> {
    /// Starts after the header of a table with so many cell types.
    pub(super) fn new(path: &'a Path, cells: usize) -> Self {
        Self { path, line: 1, labels: vec![Label::Missing; cells] }
    }

    pub(super) fn path(&self) -> &Path {
        self.path
    }

    /// Returns the number of the line that was parsed last.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Returns the labels of the row that was parsed last.
    pub(super) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Parses the first line of `lines`, and cuts it off; an empty one gives nothing.
    #[inline]
    pub(super) fn next<'b>(&mut self, lines: &mut &'b [u8]) -> Result<Option<Row<'b>>> {
        self.line += 1;
        if let Some((row, length)) = self.row(lines) {
            *lines = &lines[length..];
            return Ok(Some(row));
        }
        let length = lines.iter().position(|&byte| byte == b'\n').map_or(lines.len(), |end| end + 1);
        let (line, rest) = lines.split_at(length);
        *lines = rest;
        if trimmed(line).is_empty() { Ok(None) } else { Err(self.diagnosis(trimmed(line), !line.ends_with(b"\n"))) }
    }

    /// Parses a line as it should be; gives its length too.
    #[inline]
    fn row<'b>(&mut self, lines: &'b [u8]) -> Option<(Row<'b>, usize)> {
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
        (lines[tab] == b'\t').then_some((Row { name: &lines[..tab], start, end }, at))
    }

    /// Finds out what is wrong with a line, in which the file may end.
    fn diagnosis(&self, line: &[u8], is_last: bool) -> Error {
        let fields: Vec<_> = line.split(|&byte| byte == b'\t').collect();
        let width = BOUNDS + self.labels.len();
        if is_last && (fields.len() < width || fields.len() == width && fields[width - 1].is_empty()) {
            let expected = format!("{width} columns: the file ends within this row, as a truncated file does");
            return self.error(
                fields.len() - 1,
                expected,
                String::from_utf8_lossy(fields[fields.len() - 1]).into_owned(),
            );
        }
        let is_number =
            |field: &[u8]| number_and_tab(&[field, b"\t"].concat(), 0).is_some_and(|(_, end)| end > field.len());
        let wrong = (0..width).find(|&i| match (i, fields.get(i)) {
            (_, None) => true,
            (0, _) => false,
            (1 | 2, Some(field)) => !is_number(field),
            (_, Some(field)) => field.len() != 1 || Label::from_letter(field[0]).is_none(),
        });
        let column = wrong.unwrap_or(width);
        let expected = match column {
            1 => "the start, a whole number",
            2 => "the end, a whole number",
            _ if column == width => "no further column",
            _ => "U, A or B",
        };
        let found = fields.get(column).map_or(String::new(), |field| String::from_utf8_lossy(field).into_owned());
        self.error(column, expected.to_owned(), found)
    }

    /// An error in a column of the last line, counted from 0.
    pub(super) fn error(&self, column: usize, expected: String, found: String) -> Error {
        Error::Parse { path: self.path.to_owned(), line: self.line, column: column as u64 + 1, expected, found }
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
