//! `[accessibility]`: a bigWig for each cell type.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use crate::{data::SignalTransform, genome::MissingChromosomes};

/// `[accessibility]`: a bigWig for each cell type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct AccessibilityConfig {
    /// The transform of the signal; if left out `log1p`, or that of the model in predictions.
    pub transform: Option<SignalTransform>,
    /// What to do about chromosomes of the genome that a file lacks.
    pub missing_chromosomes: MissingChromosomes,
    /// The accessibility file of each cell type: every other key.
    pub files: BTreeMap<String, PathBuf>,
}

impl TryFrom<BTreeMap<String, String>> for AccessibilityConfig {
    type Error = String;

    fn try_from(mut keys: BTreeMap<String, String>) -> Result<Self, String> {
        let transform = keys.remove("transform").map(|word| word.parse()).transpose()?;
        let missing_chromosomes = match keys.remove("missing_chromosomes").as_deref() {
            None | Some("error") => MissingChromosomes::Error,
            Some("zero") => MissingChromosomes::Zero,
            Some(word) => {
                return Err(format!("missing_chromosomes: expected \"error\" or \"zero\", found {word:?}"));
            }
        };
        let files = keys.into_iter().map(|(cell, path)| (cell, path.into())).collect();
        Ok(Self { transform, missing_chromosomes, files })
    }
}
