//! The crate's one error type.

mod difference;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use self::difference::Difference;
use crate::names::{listed, nearest, quoted};

/// How many names a message shows.
const SHOWN: usize = 5;

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
    #[error("{}:{line}:{column}: expected {expected}, found {}", path.display(), quoted(found))]
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
    /// A chromosome has another name in a file than in the genome.
    #[error(
        "{}{}: chromosome {found:?} is {expected:?} in the genome: give it one name in both",
        path.display(), line.map_or_else(String::new, |line| format!(":{line}"))
    )]
    ChromosomeName {
        /// The file.
        path: PathBuf,
        /// The line, in a text file.
        line: Option<u64>,
        /// The name in the file.
        found: String,
        /// The name in the genome.
        expected: String,
    },
    /// Not one of the chromosomes in a file is in the genome.
    #[error(
        "{}: no chromosome of the genome: found {}, the genome has {}; is this file for another assembly?",
        path.display(), listed(found, SHOWN), listed(expected, SHOWN)
    )]
    ChromosomeNames {
        /// The file.
        path: PathBuf,
        /// Some of the names in the file.
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
    /// A data set has no such factors.
    #[error("{}", unknown_factors(what.as_deref(), found, known))]
    UnknownFactors {
        /// The flag or the setting that asked for them, where it is known.
        what: Option<String>,
        /// The names that are none of its factors; empty where none was asked for at all.
        found: Vec<String>,
        /// The names of its factors.
        known: Vec<String>,
    },
    /// Tasks have no bound bin to learn from, or to tell the best weights by.
    #[error("no bound bin in the {split} split for {}: leave them out, or choose another split", listed(tasks, SHOWN))]
    NoPositives {
        /// The split's name.
        split: &'static str,
        /// The tasks' names.
        tasks: Vec<String>,
    },
    /// Tasks to train for are none, or one of them is not there or is there twice.
    #[error("tasks: expected {expected}, found {}", task.map_or_else(|| "none".into(), |task| task.to_string()))]
    Tasks {
        /// What would work.
        expected: String,
        /// The task that does not, as the data set counts them; none where there are no tasks.
        task: Option<usize>,
    },
    /// A training diverged: its loss or what it predicts is no finite number.
    #[error(
        "training diverged after {draws} samples: the loss is {loss} at a learning rate of {learning_rate:e}{}; \
         try a smaller training.learning_rate or training.bound_weight, or a longer training.warmup; \
         {}", of_factors(factors), kept(*best_draws)
    )]
    Diverged {
        /// Samples drawn before the step.
        draws: usize,
        /// The learning rate of the step.
        learning_rate: f64,
        /// The loss of the step.
        loss: f64,
        /// The tasks whose loss is not finite; none where that is not known.
        factors: Vec<String>,
        /// After how many samples the best weights so far were seen, which a run's folder keeps; none before the first
        /// validation, or without a folder.
        best_draws: Option<usize>,
    },
    /// A folder holds what was made with other settings or of other inputs.
    #[error(
        "{}: made with other settings or of other inputs: {}; choose another folder, or remove this one",
        path.display(), described(differences)
    )]
    OtherRun {
        /// The folder or the file.
        path: PathBuf,
        /// The settings and inputs: what is asked for is expected, what was made found.
        differences: Vec<Difference>,
    },
    /// Another call writes to the same folder.
    #[error(
        "{}: in use by {}; wait until it ends, or choose another folder", path.display(), user(*process)
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The other process, where it is known.
        process: Option<u32>,
    },
    /// A loss does not treat missing labels as missing, or observed ones as observed.
    #[error("mask audit of task {task}: {fault}")]
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
    #[error("score {index} is not a number, and has no rank: look for NaN in the model's weights and inputs")]
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
    /// A file of another kind.
    pub(crate) fn format(path: &Path, expected: &'static str, detail: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), expected, detail: detail.into() }
    }

    /// A damaged file.
    pub(crate) fn corrupt(path: &Path, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), detail: detail.into() }
    }

    /// Two things that must agree and do not.
    pub(crate) fn mismatch(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        Self::Mismatch { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }

    /// Refuses a setting that cannot work.
    pub(crate) fn unless(works: bool, key: String, expected: impl Into<String>, found: impl ToString) -> Result<()> {
        if works {
            return Ok(());
        }
        Err(Self::Config { key, expected: expected.into(), found: found.to_string() })
    }

    /// Refuses two things that differ.
    pub(crate) fn unless_equal<T: PartialEq + ToString>(what: impl Into<String>, expected: T, found: T) -> Result<()> {
        if expected == found { Ok(()) } else { Err(Self::mismatch(what, expected, found)) }
    }

    /// Says which flag or setting asked for factors that are unknown; another error stays as it is.
    ///
    /// ```
    /// use multitf::data::factors_named;
    ///
    /// let error = factors_named(&["Rebl"], &["Abf1", "Reb1"]).unwrap_err().asked_by("--singles");
    /// assert_eq!(error.to_string(), "--singles: no factor Rebl; most like it of the data set's 2: Reb1, Abf1");
    /// ```
    pub fn asked_by(self, flag: &str) -> Self {
        match self {
            Self::UnknownFactors { found, known, .. } => {
                Self::UnknownFactors { what: Some(flag.to_owned()), found, known }
            }
            other => other,
        }
    }

    /// Puts the table that a setting stands in before its key.
    pub(crate) fn below(self, table: &str) -> Self {
        match self {
            Self::Config { key, expected, found } => Self::Config { key: format!("{table}.{key}"), expected, found },
            other => other,
        }
    }
}

/// Who uses a folder.
fn user(process: Option<u32>) -> String {
    match process {
        Some(id) if id == std::process::id() => format!("another call of this process (pid {id})"),
        Some(id) => format!("another process (pid {id})"),
        None => "another process".into(),
    }
}

fn of_factors(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", and that of {} is not finite", listed(names, SHOWN)) }
}

fn kept(best_draws: Option<usize>) -> String {
    match best_draws {
        Some(draws) => format!("the best weights so far, after {draws} samples, stay in the run's folder"),
        None => "there is no validation before it whose weights a folder keeps".into(),
    }
}

fn described(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn unknown_factors(what: Option<&str>, found: &[String], known: &[String]) -> String {
    let what = what.map_or_else(String::new, |what| format!("{what}: "));
    let (of, known) = (format!("of the data set's {}", known.len()), || known.iter().map(String::as_str));
    match found {
        [] => format!("{what}no factor was asked for; some {of}: {}", listed(known(), SHOWN)),
        [first, ..] => {
            format!("{what}no factor {}; most like it {of}: {}", listed(found, SHOWN), nearest(first, known()))
        }
    }
}
