//! Data sets of sequences in files.

use std::{collections::BTreeSet, path::Path};

use super::{
    Dataset, DatasetOptions,
    named::factors_named,
    profiles::{Profiles, check_factors},
    sequence_table::SequenceTable,
    sequences::SequenceParts,
};
use crate::{
    Error, Result,
    data::{
        Split,
        config::{DatasetConfig, SplitConfig},
    },
    error::names::nearest,
    genome::{Genome, Labels},
    motif::MotifSet,
};

/// Reads sequences, and their labels unless nobody wants them.
pub(super) fn open(config: &DatasetConfig, sequences: &Path, options: &DatasetOptions) -> Result<Dataset> {
    let sequences = Genome::open(config.path(sequences))?;
    let (name, cell) = (config.name.clone(), config.cell.clone());
    if options.without_labels {
        let parts = vec![None; sequences.len()];
        return SequenceParts { name, sequences, cell, labels: Vec::new(), parts, motifs: None }.assemble();
    }
    let labels = config.labels.as_ref().ok_or_else(|| Error::Config {
        key: "labels".to_owned(),
        expected: "a table with a row for each sequence".to_owned(),
        found: "none".to_owned(),
    })?;
    let SequenceTable { labels, parts } = SequenceTable::open(&config.path(labels), &sequences)?;
    let known: Vec<&str> = labels.iter().map(|(factor, _)| factor.as_str()).collect();
    check_factors(&config.motif_names, &known)?;
    let wanted = options.factors.as_ref().map(|factors| factors_named(factors, &known)).transpose()?;
    let is_wanted = |(factor, _): &(String, Labels)| wanted.as_ref().is_none_or(|wanted| wanted.contains(factor));
    let labels: Vec<_> = labels.into_iter().filter(is_wanted).collect();
    let parts = match (parts, config.split == SplitConfig::default()) {
        (Some(parts), true) => parts,
        (None, _) => named(&config.split, &sequences)?,
        (Some(_), false) => {
            let expected = "either a column split in the labels, or names under [split]";
            return Err(error("split", expected.to_owned(), "both".to_owned()));
        }
    };
    let motifs = config.motifs.as_ref().map(|path| profiles(config, path, &labels)).transpose()?;
    SequenceParts { name, sequences, cell, labels, parts, motifs }.assemble()?.checked()
}

fn profiles(config: &DatasetConfig, path: &Path, labels: &[(String, Labels)]) -> Result<(MotifSet, Profiles)> {
    let path = config.path(path);
    let motifs = MotifSet::open(&path)?;
    let factors: BTreeSet<&str> = labels.iter().map(|(factor, _)| factor.as_str()).collect();
    let profiles = Profiles::new(&path.display().to_string(), &motifs, &config.motif_names, factors)?;
    Ok((motifs, profiles))
}

/// The part of each sequence as `[split]` names them; what it does not name is trained on, unless it says what is.
fn named(split: &SplitConfig, sequences: &Genome) -> Result<Vec<Option<Split>>> {
    let rest = split.train.is_none().then_some(Split::Train);
    let mut parts = vec![None; sequences.len()];
    let train = split.train.as_deref().unwrap_or_default();
    for (part, names) in Split::ALL.into_iter().zip([train, &split.valid, &split.test]) {
        for name in names {
            let sequence = sequences.index_of(name).ok_or_else(|| {
                let expected = format!("names of sequences, such as {}", nearest(name, sequences.names()));
                error(&format!("split.{part}"), expected, format!("{name:?}"))
            })?;
            if let Some(other) = parts[sequence].replace(part).filter(|other| *other != part) {
                let found = format!("{name} in {other} and {part}");
                return Err(error("split", "each sequence in one part".to_owned(), found));
            }
        }
    }
    Ok(parts.into_iter().map(|part| part.or(rest)).collect())
}

fn error(key: &str, expected: String, found: String) -> Error {
    Error::Config { key: key.to_owned(), expected, found }
}
