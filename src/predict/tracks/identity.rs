//! The identity of a run.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Result, data::Dataset, file::at, random::mix};

/// Model, data and device of a run: two runs of the same identity write the same files.
///
/// # Examples
///
/// ```
/// use multitf::predict::RunIdentity;
///
/// assert_ne!(RunIdentity::new("model a", &["chr1"]), RunIdentity::new("model a", &["chr1", "chr2"]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunIdentity {
    /// A description of model, data and device.
    pub source: String,
    /// The scanned chromosomes.
    pub chromosomes: Vec<String>,
}

impl RunIdentity {
    /// Makes an identity from a description that is unique to model, data and device.
    pub fn new(source: impl Into<String>, chromosomes: &[&str]) -> Self {
        Self { source: source.into(), chromosomes: chromosomes.iter().map(|&name| name.to_owned()).collect() }
    }

    /// Makes the identity of a model file on a cell type of a data set, from the bytes of the file and the data set.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the model cannot be read.
    pub fn from_files(
        model: impl AsRef<Path>,
        dataset: &Dataset,
        cell: &str,
        device: &str,
        chromosomes: &[&str],
    ) -> Result<Self> {
        let path = model.as_ref();
        let bytes = std::fs::read(path).map_err(at(path))?;
        let words = bytes.chunks(8).map(|word| word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
        let model = words.fold(bytes.len() as u64, |state, word| mix(&[state, word]));
        let (name, data) = (dataset.name(), dataset.fingerprint_number());
        Ok(Self::new(
            format!("model {model:016x}, data {name} {data:016x}, cell type {cell}, device {device}"),
            chromosomes,
        ))
    }
}
