//! Data sets from files.

use std::path::Path;

use super::{Inputs, label_source::find_sources, options::DatasetOptions};
use crate::{
    Result,
    data::{
        config::DatasetConfig,
        dataset::{Dataset, source::Source},
    },
};

impl Dataset {
    /// Reads a `dataset.toml` and all files that it names.
    ///
    /// # Errors
    /// See [`Dataset::open_with`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, &DatasetOptions::default())
    }

    /// Reads a `dataset.toml` and those of its files that the options ask for.
    ///
    /// # Errors
    /// [`Error::ConfigFile`](crate::Error::ConfigFile) and [`Error::Config`](crate::Error::Config) for settings that
    /// cannot work, [`Error::UnknownFactors`](crate::Error::UnknownFactors) for factors that the data set lacks,
    /// [`Error::EmptySplit`](crate::Error::EmptySplit) for a split without a labelled bin, and the errors of the files'
    /// readers.
    pub fn open_with(path: impl AsRef<Path>, options: &DatasetOptions) -> Result<Self> {
        let config = DatasetConfig::open(path)?;
        match &config.sequences {
            Some(sequences) => Self::open_sequences(&config, sequences, options),
            None => inputs_from_config(&config, options)?.assemble(Source::File(config.path(&config.genome))),
        }
    }
}

/// Lists the inputs that a configuration names.
fn inputs_from_config(config: &DatasetConfig, options: &DatasetOptions) -> Result<Inputs> {
    let accessibility = config.accessibility.as_ref();
    let files = accessibility.into_iter().flat_map(|all| &all.files);
    let mut inputs = Inputs {
        name: config.name.clone(),
        windows: config.windows.clone().or_else(|| options.windows.clone()),
        blacklist: config.blacklist.as_ref().map(|path| Source::File(config.path(path))),
        accessibility: files.map(|(cell, path)| (cell.clone(), Source::File(config.path(path)))).collect(),
        missing_chromosomes: accessibility.map_or_else(Default::default, |all| all.missing_chromosomes),
        transform: accessibility.and_then(|all| all.transform).or(options.transform).unwrap_or_default(),
        reference: options.reference.clone(),
        named_cell: config.peaks.as_ref().and_then(|peaks| peaks.cell.clone()),
        unit: config.tasks.per,
        without_labels: options.without_labels,
        ..Inputs::default()
    };
    if !options.without_labels {
        inputs.sources = find_sources(config, &mut inputs.notes)?;
        inputs.factors.clone_from(&options.factors);
        inputs.motifs = config.motifs.as_ref().map(|path| Source::File(config.path(path)));
        inputs.motif_names = config.motif_names.clone();
        inputs.split = config.split.clone();
    }
    Ok(inputs)
}
