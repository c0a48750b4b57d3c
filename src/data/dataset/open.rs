//! From a `dataset.toml` to a data set.

use std::path::Path;

use super::{Dataset, DatasetOptions, given::Given, parts::Parts, sequence_file, sources::find_sources};
use crate::{
    Result,
    data::config::{DatasetConfig, SplitConfig},
};

pub(super) fn open(path: &Path, options: &DatasetOptions) -> Result<Dataset> {
    let config = DatasetConfig::open(path)?;
    match &config.sequences {
        Some(sequences) => sequence_file::open(&config, sequences, options),
        None => parts(config, options)?.assemble(),
    }
}

/// What a genome and its files give.
fn parts(config: DatasetConfig, options: &DatasetOptions) -> Result<Parts> {
    let has_labels = !options.without_labels;
    let (sources, notes) = if has_labels { find_sources(&config)? } else { Default::default() };
    let accessibility = config.accessibility.as_ref();
    let tracks = accessibility.into_iter().flat_map(|all| &all.tracks);
    Ok(Parts {
        genome: Given::File(config.path(&config.genome)),
        blacklist: config.blacklist.as_ref().map(|path| Given::File(config.path(path))),
        motifs: config.motifs.as_ref().filter(|_| has_labels).map(|path| Given::File(config.path(path))),
        accessibility: tracks.map(|(cell, path)| (cell.clone(), Given::File(config.path(path)))).collect(),
        missing_chromosomes: accessibility.map_or_else(Default::default, |all| all.missing_chromosomes),
        transform: accessibility.and_then(|all| all.transform).or(options.transform).unwrap_or_default(),
        sources,
        factors: options.factors.clone().filter(|_| has_labels),
        named_cell: config.peaks.as_ref().and_then(|peaks| peaks.cell.clone()),
        unit: config.tasks.per,
        split: if has_labels { config.split.clone() } else { SplitConfig::default() },
        notes,
        has_labels,
        windows: config.windows.clone().or_else(|| options.windows.clone()),
        motif_names: config.motif_names,
        name: config.name,
    })
}
