//! The lines of a table, field by field.

use std::{path::Path, str::FromStr};

use crate::{
    Result,
    file::text::{Row, for_each_line},
};

/// A line, whose fields are taken one by one.
pub(super) struct Line<'a> {
    row: Row<'a>,
    /// The next field, counted from 0.
    next: usize,
}

impl Line<'_> {
    /// Takes a field that `read` accepts.
    pub(super) fn field<T>(&mut self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        self.next += 1;
        read(&self.row.text(self.next - 1)).ok_or_else(|| self.row.error(self.next - 1, expected))
    }

    /// Takes a number.
    pub(super) fn number<T: FromStr>(&mut self) -> Result<T> {
        self.field("a number", |field| field.parse().ok())
    }
}

/// Calls `take` with each line of a table after its header.
pub(super) fn for_each_row(path: &Path, mut take: impl FnMut(&mut Line) -> Result<()>) -> Result<()> {
    for_each_line(path, |line| match line.number {
        1 => Ok(()),
        _ => take(&mut Line { row: Row::new(path, line), next: 0 }),
    })
}
