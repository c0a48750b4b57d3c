//! TOML files whose errors say where.

use std::{fs, ops::Range, path::Path};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Result,
    file::{at, write_atomic},
};

/// Reads a TOML file.
///
/// # Errors
/// [`Error::ConfigFile`] with line and column if it does not parse, lacks a key, or has one that the type refuses.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    toml::from_str(&text).map_err(|error| {
        let (line, column) = position(&text, error.span());
        Error::ConfigFile { path: path.to_owned(), line, column, detail: error.message().to_owned() }
    })
}

/// Writes settings as TOML, below a heading in a comment.
pub(crate) fn write_toml(path: &Path, heading: &str, settings: &impl Serialize) -> Result<()> {
    let text = toml::to_string(settings).map_err(|error| Error::Format {
        path: path.to_owned(),
        expected: "settings that TOML can hold",
        detail: error.to_string(),
    })?;
    write_atomic(path, |out| write!(out, "# {heading}\n{text}"))
}

/// Line and column, both from 1, of the first character of a span; the first line where there is none.
fn position(text: &str, span: Option<Range<usize>>) -> (u64, u64) {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u64, column as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let text = "a = \"é\"\n\"é\" = 1\n";
        assert_eq!(position(text, Some(0..1)), (1, 1));
        let second = text.rfind(" = 1").unwrap();
        assert_eq!(position(text, Some(second..second + 1)), (2, 4));
        assert_eq!(position(text, None), (1, 1));
    }
}
