//! TOML files; errors have line and column.

use std::{fs, io::ErrorKind, ops::Range, path::Path};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Error, Result,
    file::{at, differences, write_atomic},
};

/// Reads a TOML file.
///
/// # Errors
/// [`Error::ConfigFile`] with line and column if it does not parse, lacks a key, or has one that the type refuses.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T> {
    Ok(read_toml_text(path)?.1)
}

/// The same as [`read_toml`], with the text.
pub(crate) fn read_toml_text<T: DeserializeOwned>(path: &Path) -> Result<(String, T)> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let read = toml::from_str(&text).map_err(|error| {
        let (line, column) = position(&text, error.span());
        Error::ConfigFile { path: path.to_owned(), line, column, detail: error.message().to_owned() }
    })?;
    Ok((text, read))
}

/// Writes settings as TOML, below a heading as a comment, and returns the text.
pub(crate) fn write_toml(path: &Path, heading: &str, settings: &impl Serialize) -> Result<String> {
    let text = toml_text(path, heading, settings)?;
    write_atomic(path, |out| out.write_all(text.as_bytes()))?;
    Ok(text)
}

/// The same as [`write_toml`], but keeps a file of the same settings with its comments, and refuses one of other
/// settings, as `open` reads them.
pub(crate) fn save_or_check_toml<T: PartialEq + Serialize>(
    path: &Path,
    heading: &str,
    settings: &T,
    open: impl FnOnce(&Path) -> Result<T>,
) -> Result<()> {
    check_toml(path, settings, open)?;
    let text = toml_text(path, heading, settings)?;
    let below = |text: &str| text.split_once('\n').map(|(_, settings)| settings.to_owned());
    match read(path)? {
        Some(other) if below(&other) != below(&text) => Ok(()),
        _ => write_atomic(path, |out| out.write_all(text.as_bytes())),
    }
}

/// Refuses a file of other settings, as `open` reads them.
pub(crate) fn check_toml<T: PartialEq + Serialize>(
    path: &Path,
    settings: &T,
    open: impl FnOnce(&Path) -> Result<T>,
) -> Result<()> {
    if read(path)?.is_none() {
        return Ok(());
    }
    let found = open(path)?;
    if found == *settings {
        return Ok(());
    }
    Err(Error::OtherRun { path: path.to_owned(), differences: differences(settings, &found) })
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(at(path)),
    }
}

fn toml_text(path: &Path, heading: &str, settings: &impl Serialize) -> Result<String> {
    let settings = toml::to_string(settings)
        .map_err(|error| Error::format(path, "settings that TOML can hold", error.to_string()))?;
    Ok(format!("# {}\n{settings}", heading.replace(['\n', '\r'], " ")))
}

/// Returns line and column, both from 1, of the start of a span; the start of the text without one.
pub(crate) fn position(text: &str, span: Option<Range<usize>>) -> (u64, u64) {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line as u64, column as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn a_position_counts_characters_not_bytes() {
        let text = "a = \"é\"\n\"é\" = 1\n";
        assert_eq!(position(text, Some(0..1)), (1, 1));
        let second = text.rfind(" = 1").unwrap();
        assert_eq!(position(text, Some(second..second + 1)), (2, 4));
        assert_eq!(position(text, None), (1, 1));
    }

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Settings {
        budget: usize,
    }

    #[test]
    fn a_file_of_other_settings_is_refused_and_words_of_its_own_stay() {
        let folder = TestFolder::new("keep-toml");
        let path = folder.path().join("config.toml");
        let text = || fs::read_to_string(&path).unwrap();
        let settings = Settings { budget: 7 };
        check_toml(&path, &settings, read_toml).unwrap();
        save_or_check_toml(&path, "first\nbudget = 9", &settings, read_toml).unwrap();
        assert_eq!(text(), "# first budget = 9\nbudget = 7\n");
        save_or_check_toml(&path, "second", &settings, read_toml).unwrap();
        assert_eq!(text(), "# second\nbudget = 7\n");
        folder.write("config.toml", "# mine\n\nbudget = 7 # enough\n");
        save_or_check_toml(&path, "third", &settings, read_toml).unwrap();
        assert_eq!(text(), "# mine\n\nbudget = 7 # enough\n");
        let other = Settings { budget: 8 };
        for refused in [check_toml(&path, &other, read_toml), save_or_check_toml(&path, "x", &other, read_toml)] {
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("budget: expected 8, found 7; choose another folder"), "{error}");
        }
        assert_eq!(text(), "# mine\n\nbudget = 7 # enough\n");
        folder.write("config.toml", "budgte = 7\n");
        assert!(matches!(check_toml(&path, &settings, read_toml), Err(Error::ConfigFile { line: 1, .. })));
    }
}
