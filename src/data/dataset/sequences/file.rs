//! Data sets of sequences in files.

use std::path::Path;

use super::table::SequenceTable;
use crate::{
    Error, Result,
    data::{
        Split,
        config::{DatasetConfig, SplitConfig},
        dataset::{
            Dataset,
            factor_motifs::{FactorMotifs, check_factors},
            inputs::options::DatasetOptions,
            named::find_factors,
            source::Source,
        },
    },
    error::names::nearest,
    genome::{Genome, Labels},
};

/// The labels of each factor, and the split of each sequence, if it has one.
type LabelsAndSplits = (Vec<(String, Labels)>, Vec<Option<Split>>);

impl Dataset {
    /// Reads sequences, and their labels unless the options leave them out.
    pub(crate) fn open_sequences(config: &DatasetConfig, path: &Path, options: &DatasetOptions) -> Result<Self> {
        let sequences = Genome::open(config.path(path))?;
        let (labels, splits) = if options.without_labels {
            (Vec::new(), vec![None; sequences.len()])
        } else {
            read_labels(config, &sequences, options)?
        };
        let mut dataset = Self::assemble_sequences(config.name.clone(), sequences, labels, &splits)?;
        if let Some(cell) = &config.cell {
            dataset.cells[0].name.clone_from(cell);
        }
        if options.without_labels {
            return Ok(dataset);
        }
        if let Some(path) = &config.motifs {
            let motifs = Source::File(config.path(path));
            dataset.motifs = Some(FactorMotifs::new(motifs, &config.motif_names, &dataset.tasks)?.into());
        }
        dataset.check_and_note()
    }
}

fn read_labels(config: &DatasetConfig, sequences: &Genome, options: &DatasetOptions) -> Result<LabelsAndSplits> {
    let no_labels = || Error::config("labels", "a table with a row for each sequence", "none");
    let path = config.labels.as_ref().ok_or_else(no_labels)?;
    let SequenceTable { mut labels, splits } = SequenceTable::open(&config.path(path), sequences)?;
    let known: Vec<String> = labels.iter().map(|(factor, _)| factor.clone()).collect();
    check_factors(&config.motif_names, &known.iter().map(String::as_str).collect())?;
    if let Some(factors) = &options.factors {
        let wanted = find_factors(factors, &known)?;
        labels.retain(|(factor, _)| wanted.contains(factor));
    }
    let has_both = splits.is_some() && config.split != SplitConfig::default();
    let expected = "either a column split in the labels, or names under [split]";
    Error::unless(!has_both, "split", expected, "both")?;
    let splits = splits.map_or_else(|| named_splits(&config.split, sequences), Ok)?;
    Ok((labels, splits))
}

/// Returns the split of each sequence that `[split]` names; the rest is for training, unless it names that as well.
fn named_splits(config: &SplitConfig, sequences: &Genome) -> Result<Vec<Option<Split>>> {
    let rest = config.train.is_none().then_some(Split::Train);
    let mut splits = vec![None; sequences.len()];
    let train = config.train.as_deref().unwrap_or_default();
    for (split, names) in Split::ALL.into_iter().zip([train, &config.valid, &config.test]) {
        for name in names {
            let sequence = sequences.index_of(name).ok_or_else(|| {
                let expected = format!("names of sequences, such as {}", nearest(name, sequences.names()));
                Error::config(format!("split.{split}"), expected, format!("{name:?}"))
            })?;
            if let Some(other) = splits[sequence].replace(split).filter(|other| *other != split) {
                let found = format!("{name} in {other} and {split}");
                return Err(Error::config("split", "each sequence in one part", found));
            }
        }
    }
    Ok(splits.into_iter().map(|split| split.or(rest)).collect())
}
