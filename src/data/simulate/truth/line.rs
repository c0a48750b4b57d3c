//! The lines of a table, field by field.

use std::{path::Path, str::FromStr};

use crate::{
    Error, Result,
    genome::text::{self, for_each_line},
};

/// The rest of a line.
pub(super) struct Line<'a> {
    path: &'a Path,
    number: u64,
    column: u64,
    fields: std::str::Split<'a, char>,
}

impl Line<'_> {
    /// Takes a field that `read` accepts.
    pub(super) fn field<T>(&mut self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        self.column += 1;
        let field = self.fields.next().unwrap_or_default();
        read(field).ok_or_else(|| Error::Parse {
            path: self.path.to_owned(),
            line: self.number,
            column: self.column,
            expected: expected.to_owned(),
            found: field.to_owned(),
        })
    }

    /// Takes a number.
    pub(super) fn number<T: FromStr>(&mut self) -> Result<T> {
        self.field("a number", |field| field.parse().ok())
    }
}

/// Calls `take` with each line of a table after its header.
pub(super) fn for_each_row(path: &Path, mut take: impl FnMut(&mut Line) -> Result<()>) -> Result<()> {
    for_each_line(path, |text::Line { number, text, .. }| match number {
        1 => Ok(()),
        _ => take(&mut Line { path, number, column: 0, fields: String::from_utf8_lossy(text).split('\t') }),
    })
}
