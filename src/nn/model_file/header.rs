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
    file::{PLACEHOLDER, add_checksum, at, verify_checksum},
};

/// Number of bytes that hold the length of the header.
const LENGTH: usize = 8;
/// The beginning of a header with a checksum.
const CHECKSUM_START: &str = r#"{"__metadata__":{"checksum":""#;

/// The metadata of a safetensors file: 8 bytes of length, then JSON in which `__metadata__` maps names to texts.
#[derive(Debug)]
pub(in crate::nn) struct Header {
    path: PathBuf,
    metadata: BTreeMap<String, String>,
    has_checksum: bool,
}

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "__metadata__", default)]
    metadata: BTreeMap<String, String>,
}

impl Header {
    /// The greatest length of a header in the format.
    const MAX_LENGTH: u64 = 100_000_000;

    /// Reads only the header.
    pub(in crate::nn) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(at(path))?;
        let size = file.metadata().map_err(at(path))?.len();
        let mut start = Vec::new();
        (&file).take(9).read_to_end(&mut start).map_err(at(path))?;
        let length = start.first_chunk().map(|length| u64::from_le_bytes(*length));
        let length =
            length.filter(|length| *length <= Self::MAX_LENGTH && start.get(8).is_none_or(|&byte| byte == b'{'));
        let Some(length) = length else {
            return Err(Error::format(path, "a safetensors file", "it does not begin with a header"));
        };
        if size < 8 + length {
            let detail = format!("the header ends at byte {}, and the file at {size}", 8 + length);
            return Err(Error::corrupt(path, detail));
        }
        let mut json = start.split_off(8);
        (&file).take(length.saturating_sub(1)).read_to_end(&mut json).map_err(at(path))?;
        let Json { metadata } =
            serde_json::from_slice(&json).map_err(|error| Error::corrupt(path, format!("header: {error}")))?;
        Ok(Self { path: path.to_owned(), metadata, has_checksum: json.starts_with(CHECKSUM_START.as_bytes()) })
    }

    /// Returns the bytes of a file: a header whose metadata begins with a [placeholder](Self::placeholder), which the
    /// checksum replaces, and values.
    pub(super) fn with_checksum(json: &serde_json::Value, values: &[u8]) -> Vec<u8> {
        let mut header = json.to_string().into_bytes();
        header.resize(header.len().next_multiple_of(LENGTH), b' ');
        let mut bytes = [&(header.len() as u64).to_le_bytes(), header.as_slice(), values].concat();
        add_checksum(&mut bytes, LENGTH + CHECKSUM_START.len());
        bytes
    }

    /// A placeholder for the checksum: the first entry of the metadata for [`Header::with_checksum`].
    pub(super) fn placeholder() -> (String, serde_json::Value) {
        ("checksum".into(), PLACEHOLDER.into())
    }

    /// Checks the file's bytes against the checksum, if the header has one.
    pub(in crate::nn) fn verify_checksum(&self, bytes: &[u8]) -> Result<()> {
        if !self.has_checksum || verify_checksum(bytes, LENGTH + CHECKSUM_START.len()) {
            return Ok(());
        }
        Err(self.corrupt("checksum", &"it is not that of the file's bytes: copy the file again, or recreate it"))
    }

    /// Returns whether there is a checksum in the place where [`Header::with_checksum`] puts it.
    pub(in crate::nn) fn has_checksum(&self) -> bool {
        self.has_checksum
    }

    /// Returns the path of the file.
    pub(in crate::nn) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns an entry of the metadata, if there is one.
    pub(in crate::nn) fn get(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// Returns the JSON value of an entry of the metadata.
    pub(super) fn json(&self, key: &str) -> Result<serde_json::Value> {
        let text = self.get(key).ok_or_else(|| self.corrupt(key, &"is missing"))?;
        serde_json::from_str(text).map_err(|error| self.corrupt(key, &error))
    }

    /// Makes the error of a damaged entry of the metadata.
    pub(in crate::nn) fn corrupt(&self, key: &str, error: &dyn std::fmt::Display) -> Error {
        Error::corrupt(&self.path, format!("{key}: {error}"))
    }
}
