//! The crate's one error type.

use std::{io, path::PathBuf};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong with a file, a configuration or data.
///
/// Variants carry parts, so that a program can act on them; `Display` makes the sentence. Lines and columns count
/// from 1; a column is a field of a table, or a character where a file has no fields.
///
/// ```
/// use multitf::{Error, genome::Genome};
///
/// let error = Genome::open("no/such/genome.fa").unwrap_err();
/// assert!(matches!(error, Error::Io { .. }));
/// assert!(error.to_string().starts_with("no/such/genome.fa: "));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is of another kind.
    #[error("{}: not {expected}: {detail}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The kind that was expected, with its article: "a bigWig file".
        expected: &'static str,
        /// What gave it away.
        detail: String,
    },
    /// The file is of the right kind, and damaged.
    #[error("{}: damaged file: {detail}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A line does not parse.
    #[error("{}:{line}:{column}: expected {expected}, found {found:?}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: u64,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// An interval reaches past the end of its chromosome.
    #[error(
        "{}:{line}: {chromosome} ends at {length}, but the interval ends at {end}: \
         is this file for another assembly?",
        path.display()
    )]
    PastEnd {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The chromosome's name.
        chromosome: String,
        /// The end of the interval.
        end: usize,
        /// The length of the chromosome.
        length: usize,
    },
    /// The names of chromosomes in a file are not those of the genome.
    #[error(
        "{}: chromosome names do not match the genome's: found {}, the genome has {}; \
         rename one of them",
        path.display(), listed(found), listed(expected)
    )]
    ChromosomeNames {
        /// The file.
        path: PathBuf,
        /// Names in the file that the genome lacks.
        found: Vec<String>,
        /// Names in the genome.
        expected: Vec<String>,
    },
    /// A signal has no values for a chromosome of the genome.
    #[error(
        "{}: no chromosome {chromosome}; set missing_chromosomes = \"zero\" if that means no signal",
        path.display()
    )]
    MissingChromosome {
        /// The file.
        path: PathBuf,
        /// The chromosome's name.
        chromosome: String,
    },
    /// A signal holds a value that is no finite number.
    #[error("{}: {chromosome}:{position}: the signal is {value}, not a finite number", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The chromosome's name.
        chromosome: String,
        /// The position, 0-based.
        position: usize,
        /// The value.
        value: f32,
    },
    /// A setting has a value that cannot work.
    #[error("{key}: expected {expected}, found {found}")]
    Config {
        /// The setting, with its table: `windows.bin_bp`.
        key: String,
        /// What would work.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A device was compiled in, and this machine does not have it.
    #[error(
        "device {name}: {detail}; adapters found: {}; devices compiled in: {}",
        if adapters.is_empty() { "none".into() } else { adapters.join(", ") }, compiled.join(", ")
    )]
    Device {
        /// The device's name.
        name: String,
        /// What the driver said.
        detail: String,
        /// The adapters that the devices compiled in find on this machine: "wgpu DiscreteGpu(0)".
        adapters: Vec<String>,
        /// The names of the devices compiled in.
        compiled: Vec<String>,
    },
    /// A TOML or JSON file does not parse, or has an unknown key.
    #[error("{}:{line}:{column}: {detail}", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// The column.
        column: u64,
        /// What the parser said.
        detail: String,
    },
    /// A split holds no bin.
    #[error("the {split} split is empty: {detail}")]
    EmptySplit {
        /// The split's name.
        split: &'static str,
        /// Why it is empty, as far as known.
        detail: String,
    },
    /// Tasks have no bound bin to learn from.
    #[error("no bound bin in the training split for {}: leave them out", listed(tasks))]
    NoPositives {
        /// The tasks' names.
        tasks: Vec<String>,
    },
    /// A loss does not treat missing labels as missing, or observed ones as observed.
    #[error("mask audit of task {task}: {fault}; the model would learn from what is not known")]
    MaskAudit {
        /// The task, as the model counts its outputs.
        task: usize,
        /// What is wrong.
        fault: crate::nn::MaskFault,
    },
    /// Predictions do not fit the data that they are to be scored on.
    #[error("predictions: {fault}")]
    Predictions {
        /// What is wrong.
        fault: crate::predict::PredictionFault,
    },
    /// A model has been scored on a track before, with the same seed.
    #[error("{model}, seed {seed}, was scored on {tf} ({cell}) before: enter each track of a model and seed once")]
    EnteredTwice {
        /// The model's name.
        model: String,
        /// The seed.
        seed: u64,
        /// The factor.
        tf: String,
        /// The cell type.
        cell: String,
    },
    /// Two models that are to be compared were not scored on the same tracks with the same seeds.
    #[error(
        "{model} was not scored on {tf} ({cell}) with seed {seed}, as {other} was: enter it, or compare other models"
    )]
    NotEntered {
        /// The model's name.
        model: String,
        /// The seed that is missing.
        seed: u64,
        /// The factor.
        tf: String,
        /// The cell type.
        cell: String,
        /// The model that was scored with this seed.
        other: String,
    },
    /// A score is not a number, so it has no rank.
    #[error("score {index} is not a number")]
    ScoreNan {
        /// The position of the score.
        index: usize,
    },
    /// Two things that must agree do not.
    #[error("{what}: expected {expected}, found {found}")]
    Mismatch {
        /// What was compared.
        what: String,
        /// What it should have been.
        expected: String,
        /// What it was.
        found: String,
    },
}

impl Error {
    /// Refuses a setting that cannot work.
    pub(crate) fn unless(works: bool, key: String, expected: impl Into<String>, found: impl ToString) -> Result<()> {
        if works {
            return Ok(());
        }
        Err(Self::Config { key, expected: expected.into(), found: found.to_string() })
    }
}

/// The first few names, and how many more there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
