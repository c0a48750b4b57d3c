//! The header of a safetensors file.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    Error, Result,
    file::{BLANK, at, is_sealed, seal},
};

/// Bytes that say how long the header is.
const LENGTH: usize = 8;
/// How a header with a checksum of the file begins.
const SEALED: &str = r#"{"__metadata__":{"checksum":""#;

/// The metadata of a safetensors file: 8 bytes of length, and then JSON in which `__metadata__` maps names to texts.
#[derive(Debug)]
pub(in crate::nn) struct Header {
    path: PathBuf,
    metadata: BTreeMap<String, String>,
    is_sealed: bool,
}

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "__metadata__", default)]
    metadata: BTreeMap<String, String>,
}

impl Header {
    /// The greatest length of a header, as the format has it.
    const MOST: u64 = 100_000_000;

    /// Reads the header alone.
    pub(in crate::nn) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(at(path))?;
        let size = file.metadata().map_err(at(path))?.len();
        let mut start = Vec::new();
        (&file).take(9).read_to_end(&mut start).map_err(at(path))?;
        let length = start.first_chunk().map(|length| u64::from_le_bytes(*length));
        let length = length.filter(|length| *length <= Self::MOST && start.get(8).is_none_or(|&byte| byte == b'{'));
        let Some(length) = length else {
            let detail = "it does not begin with a header".into();
            return Err(Error::Format { path: path.to_owned(), expected: "a safetensors file", detail });
        };
        if size < 8 + length {
            let detail = format!("the header ends at byte {}, and the file at {size}", 8 + length);
            return Err(Error::Corrupt { path: path.to_owned(), detail });
        }
        let mut json = start.split_off(8);
        (&file).take(length.saturating_sub(1)).read_to_end(&mut json).map_err(at(path))?;
        let Json { metadata } = serde_json::from_slice(&json)
            .map_err(|error| Error::Corrupt { path: path.to_owned(), detail: format!("header: {error}") })?;
        Ok(Self { path: path.to_owned(), metadata, is_sealed: json.starts_with(SEALED.as_bytes()) })
    }

    /// Writes the bytes of a header, whose first entry in the metadata is a [`BLANK`] checksum, and of values, and the checksum
    /// of all of them.
    pub(super) fn sealed(json: &serde_json::Value, values: &[u8]) -> Vec<u8> {
        let mut header = json.to_string().into_bytes();
        header.resize(header.len().next_multiple_of(LENGTH), b' ');
        let mut bytes = [&(header.len() as u64).to_le_bytes(), header.as_slice(), values].concat();
        seal(&mut bytes, LENGTH + SEALED.len());
        bytes
    }

    /// The first entry of the metadata of [`Header::sealed`].
    pub(super) fn blank() -> (String, serde_json::Value) {
        ("checksum".into(), BLANK.into())
    }

    /// Checks the checksum of all bytes of the file, if the header has one.
    pub(in crate::nn) fn check_seal(&self, bytes: &[u8]) -> Result<()> {
        if !self.is_sealed || is_sealed(bytes, LENGTH + SEALED.len()) {
            return Ok(());
        }
        Err(self.corrupt("checksum", &"it is not that of the file's bytes: copy the file again, or make it anew"))
    }

    /// Returns whether there is a checksum where [`Header::sealed`] puts one.
    pub(in crate::nn) fn is_sealed(&self) -> bool {
        self.is_sealed
    }

    /// Returns the file.
    pub(in crate::nn) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns an entry of the metadata, if it is there.
    pub(in crate::nn) fn get(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// Returns what an entry of the metadata says in JSON.
    pub(super) fn json(&self, key: &str) -> Result<serde_json::Value> {
        let text = self.get(key).ok_or_else(|| self.corrupt(key, &"is missing"))?;
        serde_json::from_str(text).map_err(|error| self.corrupt(key, &error))
    }

    /// Says what is wrong with an entry of the metadata.
    pub(in crate::nn) fn corrupt(&self, key: &str, error: &dyn std::fmt::Display) -> Error {
        Error::Corrupt { path: self.path.clone(), detail: format!("{key}: {error}") }
    }
}
