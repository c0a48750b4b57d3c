//! Lines of a text file that know where they stand.

use std::{iter::Peekable, path::Path, str::Lines as TextLines};

use super::Motif;
use crate::{Error, Result};

/// A line that says something, without white space around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    number: u64,
    path: &'a Path,
}

impl Line<'_> {
    /// The error of this line; columns are fields, counted from 1.
    pub(super) fn wrong(&self, column: u64, expected: impl Into<String>, found: &str) -> Error {
        Error::parse(self.path, (self.number, column), expected, found)
    }

    /// Parses a field as a finite number of at least 0.
    pub(super) fn amount(&self, column: u64, field: &str) -> Result<f64> {
        let number = field.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| self.wrong(column, "a number of at least 0", field))
    }
}

/// A motif as it is read, with the line that it began at.
pub(super) type Found<'a> = (Line<'a>, Motif);

/// The lines of a file that are neither blank nor comments (`#`).
#[derive(Debug)]
pub(super) struct Lines<'a> {
    path: &'a Path,
    rest: Peekable<std::iter::Enumerate<TextLines<'a>>>,
    end: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(path: &'a Path, content: &'a str) -> Self {
        let end = content.lines().count().max(1) as u64;
        Self { path, rest: content.lines().enumerate().peekable(), end }
    }

    /// The next line, which stays.
    pub(super) fn peek(&mut self) -> Option<Line<'a>> {
        let is_comment = |text: &str| text.is_empty() || text.starts_with('#');
        while self.rest.next_if(|(_, text)| is_comment(text.trim())).is_some() {}
        self.rest.peek().map(|&(index, text)| Line { text: text.trim(), number: index as u64 + 1, path: self.path })
    }

    /// The next line if it fits, which is then gone.
    pub(super) fn next_if(&mut self, fits: impl FnOnce(&str) -> bool) -> Option<Line<'a>> {
        let line = self.peek().filter(|line| fits(line.text))?;
        self.rest.next();
        Some(line)
    }

    /// The name of the file without its endings.
    pub(super) fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
    }

    /// The error of the next line, or of the end of the file.
    pub(super) fn wrong_next(&mut self, expected: impl Into<String>) -> Error {
        match self.peek() {
            Some(line) => line.wrong(1, expected, line.text),
            None => Line { text: "", number: self.end, path: self.path }.wrong(1, expected, "the end of the file"),
        }
    }
}
