//! Telling runs apart.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Result, data::Dataset, file::at, random::mixed};

/// What predictions come from: two runs of the same identity write the same files.
///
/// # Examples
///
/// ```
/// use multitf::predict::RunIdentity;
///
/// assert_ne!(RunIdentity::new("model a", &["chr1"]), RunIdentity::new("model a", &["chr1", "chr2"]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity {
    /// Model, data and device, in words.
    pub source: String,
    /// The chromosomes that are scanned.
    pub chromosomes: Vec<String>,
}

impl RunIdentity {
    /// Makes an identity of words that tell model, data and device apart from others.
    pub fn new(source: impl Into<String>, chromosomes: &[&str]) -> Self {
        Self { source: source.into(), chromosomes: chromosomes.iter().map(|&name| name.to_owned()).collect() }
    }

    /// Makes the identity of a model in a file on a cell type of a data set: the file's bytes and all of the data set count.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the model cannot be read.
    pub fn of_files(
        model: impl AsRef<Path>,
        dataset: &Dataset,
        cell: &str,
        device: &str,
        chromosomes: &[&str],
    ) -> Result<Self> {
        let path = model.as_ref();
        let bytes = std::fs::read(path).map_err(at(path))?;
        let words = bytes.chunks(8).map(|word| word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        let model = words.fold(bytes.len() as u64, |state, word| mixed(&[state, word]));
        let (name, data) = (dataset.name(), dataset.fingerprint());
        Ok(Self::new(
            format!("model {model:016x}, data {name} {data:016x}, cell type {cell}, device {device}"),
            chromosomes,
        ))
    }
}
