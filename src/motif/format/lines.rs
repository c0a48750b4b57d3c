//! Lines of a motif file that know where they are, so that errors can say it.

use std::{iter::Peekable, path::Path, str::Lines as TextLines};

use crate::{
    Error, Result,
    motif::{
        Motif,
        matrix::{
            probability::{self, normalized},
            rows::Row,
        },
    },
};

/// A motif of a file, with the line that it begins at.
pub(crate) type Entry<'a> = (Line<'a>, Motif);

/// A line that is neither blank nor a comment, without white space around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    number: u64,
    path: &'a Path,
}

impl Line<'_> {
    /// Returns an error at this line; columns are fields, counted from 1.
    pub(crate) fn error(&self, column: u64, expected: impl Into<String>, found: &str) -> Error {
        Error::parse(self.path, (self.number, column), expected, found)
    }

    /// Parses a field as a finite number of at least 0.
    pub(crate) fn amount(&self, column: u64, field: &str) -> Result<f64> {
        let number = field.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.ok_or_else(|| self.error(column, "a number of at least 0", field))
    }

    /// Parses the fields from a column on as four probabilities.
    pub(crate) fn probabilities(&self, column: u64, fields: &str) -> Result<Row> {
        let amounts = fields.split_whitespace().zip(column..).map(|(field, column)| self.amount(column, field));
        let row = Row::try_from(amounts.collect::<Result<Vec<f64>>>()?);
        let row = row.map_err(|_| self.error(column, "four probabilities", fields))?;
        normalized(&row).ok_or_else(|| self.error(column, probability::EXPECTED, fields))
    }
}

/// The lines of a file that are neither blank nor comments (`#`).
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    path: &'a Path,
    rest: Peekable<std::iter::Enumerate<TextLines<'a>>>,
    end: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(path: &'a Path, content: &'a str) -> Self {
        let end = content.lines().count().max(1) as u64;
        Self { path, rest: content.lines().enumerate().peekable(), end }
    }

    /// Returns the next line and keeps it.
    pub(crate) fn peek(&mut self) -> Option<Line<'a>> {
        let is_comment = |text: &str| text.is_empty() || text.starts_with('#');
        while self.rest.next_if(|(_, text)| is_comment(text.trim())).is_some() {}
        self.rest.peek().map(|&(index, text)| Line { text: text.trim(), number: index as u64 + 1, path: self.path })
    }

    /// Takes the next line.
    pub(crate) fn next(&mut self) -> Option<Line<'a>> {
        self.next_if(|_| true)
    }

    /// Takes the next line if it fits.
    pub(crate) fn next_if(&mut self, fits: impl FnOnce(&str) -> bool) -> Option<Line<'a>> {
        let line = self.peek().filter(|line| fits(line.text))?;
        self.rest.next();
        Some(line)
    }

    /// Returns the name of the file without its extensions.
    pub(crate) fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
    }

    /// Returns an error at the next line, or at the end of the file.
    pub(crate) fn error(&mut self, expected: impl Into<String>) -> Error {
        match self.peek() {
            Some(line) => line.error(1, expected, line.text),
            None => Line { text: "", number: self.end, path: self.path }.error(1, expected, "the end of the file"),
        }
    }
}
