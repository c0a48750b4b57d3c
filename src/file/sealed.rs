//! JSON files with a checksum.

use std::{fs, io, path::Path};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{at, checksum, write_atomic};
use crate::{Error, Result};

const VERSION: &str = env!("CARGO_PKG_VERSION");
const START: &str = "{\"checksum\": \"";

/// Writes JSON with the version of the crate, below a line with the checksum of all that follows. It refuses what would
/// not be read back unchanged, such as a number that is not finite.
pub(crate) fn write_with_checksum<T: Serialize + DeserializeOwned + PartialEq>(path: &Path, content: &T) -> Result<()> {
    let refused = |detail: &str| Error::Io { path: path.to_owned(), source: io::Error::other(detail) };
    let json = serde_json::to_string_pretty(content).map_err(|error| refused(&error.to_string()))?;
    if !serde_json::from_str::<T>(&json).is_ok_and(|read| read == *content) {
        return Err(refused("it would not be read back as it is: a number is not finite, which JSON cannot express"));
    }
    let body = format!("\"version\": \"{VERSION}\",\n\"content\": {json}}}\n");
    let first = first_line(&body);
    write_atomic(path, |out| write!(out, "{first}\n{body}"))
}

/// Reads what [`write_with_checksum`] wrote, or nothing if there is no file. `advice` says what to do about a damaged
/// one.
pub(crate) fn read_with_checksum<T: DeserializeOwned>(path: &Path, advice: &str) -> Result<Option<T>> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(at(path))?,
    };
    let damaged = |detail: &str| Error::corrupt(path, format!("{detail}; {advice}"));
    let text = String::from_utf8(bytes).map_err(|_| damaged("it is not text"))?;
    let (first, body) = text.split_once('\n').unwrap_or((&text, ""));
    if !first.starts_with(START) {
        return Err(damaged("it has no checksum, or is of an earlier version of the crate"));
    }
    if first != first_line(body) {
        return Err(damaged("its checksum is wrong"));
    }
    let mut file: Value = serde_json::from_str(&text).map_err(|error| damaged(&error.to_string()))?;
    let content = file["content"].take();
    serde_json::from_value(content).map(Some).map_err(|error| {
        let (what, expected) =
            (format!("{}: what is saved", path.display()), format!("as version {VERSION} of the crate has it"));
        let version = file["version"].as_str().unwrap_or("unknown");
        Error::mismatch(what, expected, format!("as version {version} has it ({error}); {advice}"))
    })
}

/// Reads a file with a known checksum. `advice` says what to do about a damaged one.
pub(crate) fn read_checked(path: &Path, expected: u32, advice: &str) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(at(path))?;
    if checksum(&bytes) == expected {
        return Ok(bytes);
    }
    Err(Error::corrupt(path, format!("its checksum is wrong; {advice}")))
}

fn first_line(body: &str) -> String {
    format!("{START}{:08x}\",", checksum(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::testing::TestFolder;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Saved {
        name: String,
        score: f64,
        best: Option<f64>,
    }

    fn saved() -> Saved {
        Saved { name: "\"é\n".into(), score: 0.1 + 0.2, best: None }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let folder = TestFolder::new("sealed");
        let path = folder.path().join("state.json");
        assert_eq!(read_with_checksum::<Saved>(&path, "remove it").unwrap(), None);
        write_with_checksum(&path, &saved()).unwrap();
        assert_eq!(read_with_checksum::<Saved>(&path, "remove it").unwrap(), Some(saved()));
        let whole = fs::read(&path).unwrap();
        assert!(serde_json::from_slice::<Value>(&whole).is_ok());
        let is_found = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let error = read_with_checksum::<Saved>(&path, "remove it").unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().ends_with("; remove it"), "{error}");
        };
        for bit in 0..8 * whole.len() {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            is_found(&damaged);
        }
        (0..whole.len()).for_each(|length| is_found(&whole[..length]));
        is_found(b"{\"name\": \"a\", \"score\": 1.0}");
    }

    #[test]
    fn a_number_that_is_not_finite_is_not_written() {
        let folder = TestFolder::new("sealed-nan");
        let path = folder.path().join("state.json");
        for wrong in [
            Saved { score: f64::NAN, ..saved() },
            Saved { score: f64::INFINITY, ..saved() },
            Saved { best: Some(f64::NAN), ..saved() },
        ] {
            let error = write_with_checksum(&path, &wrong).unwrap_err().to_string();
            assert!(
                error.contains("state.json: it would not be read back as it is: a number is not finite"),
                "{error}"
            );
            assert!(!path.exists());
        }
    }

    #[test]
    fn what_another_version_saved_is_told_from_a_damaged_file() {
        let folder = TestFolder::new("sealed-version");
        let path = folder.path().join("state.json");
        write_with_checksum(&path, &7_u32).unwrap();
        let error = read_with_checksum::<Saved>(&path, "remove its folder").unwrap_err().to_string();
        assert!(error.contains("what is saved: expected as version 0."), "{error}");
        assert!(error.ends_with("; remove its folder"), "{error}");
    }

    #[test]
    fn a_file_of_another_checksum_is_damaged() {
        let folder = TestFolder::new("checked");
        let path = folder.write("weights", b"123456789");
        assert_eq!(read_checked(&path, 0xcbf4_3926, "").unwrap(), b"123456789");
        fs::write(&path, b"123456788").unwrap();
        let error = read_checked(&path, 0xcbf4_3926, "remove its folder").unwrap_err().to_string();
        assert!(error.ends_with("weights: damaged file: its checksum is wrong; remove its folder"), "{error}");
    }
}
