//! The error type of the crate.

mod difference;
mod mask_fault;
mod message;
pub(crate) mod names;
mod prediction_fault;

use std::{
    fmt::Display,
    io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

pub use self::{difference::Difference, mask_fault::MaskFault, prediction_fault::PredictionFault};
use self::{
    message::{SHOWN, and_losses, described, kept, unknown_factors, user},
    names::{listed, quoted},
};

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong with a file, a configuration or data.
///
/// Variants carry parts, so that a program can act on them; `Display` makes the sentence. Lines and columns count
/// from 1; a column is a field of a table, or a character in files without fields.
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
    /// The operating system could not read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is of another format.
    #[error("{}: not {expected}: {detail}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The expected format, with its article: "a bigWig file".
        expected: &'static str,
        /// How it is known.
        detail: String,
    },
    /// The file is of the right format, but damaged.
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
        /// What was expected.
        expected: String,
        /// What was found.
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
    /// The genome has none of the chromosomes of a file.
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
    /// A signal has a value that is not finite.
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
    /// A setting has a value that does not work.
    #[error("{key}: expected {expected}, found {found}")]
    Config {
        /// The setting, with its table: `windows.bin_bp`.
        key: String,
        /// What would work.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A device was compiled in, but this machine does not have it.
    #[error(
        "device {name}: {detail}; adapters found: {}; devices compiled in: {}",
        if adapters.is_empty() { "none".into() } else { adapters.join(", ") }, compiled.join(", ")
    )]
    Device {
        /// The device's name.
        name: String,
        /// What the driver said.
        detail: String,
        /// The adapters of this machine, as the devices compiled in find them: "wgpu DiscreteGpu(0)".
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
        /// Why it is empty, if known.
        detail: String,
    },
    /// A data set has no such factors.
    #[error("{}", unknown_factors(what.as_deref(), found, known))]
    UnknownFactors {
        /// The flag or the setting that asked for them, if known.
        what: Option<String>,
        /// The unknown names; empty if no factor was asked for.
        found: Vec<String>,
        /// The names of its factors.
        known: Vec<String>,
    },
    /// Tasks have no bound bin to learn from, or to select the best weights by.
    #[error("no bound bin in the {split} split for {}: leave them out, or choose another split", listed(tasks, SHOWN))]
    NoPositives {
        /// The split's name.
        split: &'static str,
        /// The tasks' names.
        tasks: Vec<String>,
    },
    /// There are no tasks to train for, or one of them is unknown or repeated.
    #[error("tasks: expected {expected}, found {}", task.map_or_else(|| "none".into(), |task| task.to_string()))]
    Tasks {
        /// What would work.
        expected: String,
        /// The index of the wrong task in [`Dataset::tasks`](crate::data::Dataset::tasks); none if there are no tasks.
        task: Option<usize>,
    },
    /// Training diverged: its loss or a prediction is not finite.
    #[error(
        "training diverged after {draws} samples: the loss is {loss} at a learning rate of {learning_rate:e}{}; \
         try a smaller training.learning_rate or training.bound_weight, or a longer training.warmup; \
         {}", and_losses(factors), kept(*best_draws)
    )]
    Diverged {
        /// Samples drawn before the step.
        draws: usize,
        /// The learning rate of the step.
        learning_rate: f64,
        /// The loss of the step.
        loss: f64,
        /// The tasks whose loss is not finite; none if that is not known.
        factors: Vec<String>,
        /// The number of samples before the best weights so far, which the run's folder keeps; none before the first
        /// validation, or without a folder.
        best_draws: Option<usize>,
    },
    /// A folder holds results of other settings or inputs.
    #[error(
        "{}: made with other settings or of other inputs: {}; choose another folder, or remove this one",
        path.display(), described(differences)
    )]
    OtherRun {
        /// The folder or the file.
        path: PathBuf,
        /// The settings and inputs that differ: as asked for now, and as they were.
        differences: Vec<Difference>,
    },
    /// Another call writes to the same folder.
    #[error(
        "{}: in use by {}; wait until it ends, or choose another folder", path.display(), user(*process)
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The other process, if known.
        process: Option<u32>,
    },
    /// A loss does not treat missing labels as missing, or observed ones as observed.
    #[error("mask audit of task {task}: {fault}")]
    MaskAudit {
        /// The task, as the model counts its outputs.
        task: usize,
        /// What is wrong.
        fault: MaskFault,
    },
    /// Predictions do not fit the data that they are to be scored on.
    #[error("predictions: {fault}")]
    Predictions {
        /// What is wrong.
        fault: PredictionFault,
    },
    /// A model has been scored on a track before, with the same seed.
    #[error("{model}, seed {seed}, was scored on {tf} ({cell}) before: score each track of a model and seed once")]
    ScoredTwice {
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
        "{model} was not scored on {tf} ({cell}) with seed {seed}, as {other} was: score it, or compare other models"
    )]
    NotScored {
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
    /// A text that does not parse; line and column count from 1.
    pub(crate) fn parse(
        path: &Path,
        (line, column): (u64, u64),
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Parse { path: path.to_owned(), line, column, expected: expected.into(), found: found.into() }
    }

    /// A file of another kind.
    pub(crate) fn format(path: &Path, expected: &'static str, detail: impl Into<String>) -> Self {
        Self::Format { path: path.to_owned(), expected, detail: detail.into() }
    }

    /// A damaged file.
    pub(crate) fn corrupt(path: &Path, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), detail: detail.into() }
    }

    /// Two things that must agree, but do not.
    pub(crate) fn mismatch(what: impl Into<String>, expected: impl ToString, found: impl ToString) -> Self {
        Self::Mismatch { what: what.into(), expected: expected.to_string(), found: found.to_string() }
    }

    /// A setting that does not work.
    pub(crate) fn config(key: impl Into<String>, expected: impl Into<String>, found: impl ToString) -> Self {
        Self::Config { key: key.into(), expected: expected.into(), found: found.to_string() }
    }

    /// Refuses a setting, unless it works.
    pub(crate) fn unless(
        works: bool,
        key: impl Into<String>,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Result<()> {
        if works { Ok(()) } else { Err(Self::config(key, expected, found)) }
    }

    /// Refuses a size out of its bounds.
    pub(crate) fn unless_within<T: PartialOrd + Display>(
        bounds: RangeInclusive<T>,
        key: impl Into<String>,
        found: T,
    ) -> Result<()> {
        if bounds.contains(&found) {
            return Ok(());
        }
        let (least, most) = bounds.into_inner();
        let expected = if found < least { format!("at least {least}") } else { format!("at most {most}") };
        Err(Self::config(key, expected, found))
    }

    /// Refuses a value, unless it fits.
    pub(crate) fn unless_fits(
        fits: bool,
        what: impl Into<String>,
        expected: impl ToString,
        found: impl ToString,
    ) -> Result<()> {
        if fits { Ok(()) } else { Err(Self::mismatch(what, expected, found)) }
    }

    /// Refuses two things that differ.
    pub(crate) fn unless_equal<T: PartialEq + ToString>(what: impl Into<String>, expected: T, found: T) -> Result<()> {
        if expected == found { Ok(()) } else { Err(Self::mismatch(what, expected, found)) }
    }

    /// Adds the flag or setting that asked for unknown factors; other errors stay as they are.
    ///
    /// ```
    /// use multitf::data::find_factors;
    ///
    /// let error = find_factors(&["Rebl"], &["Abf1", "Reb1"]).unwrap_err().asked_by("--singles");
    /// assert_eq!(error.to_string(), "--singles: no factor Rebl; most similar of the data set's 2: Reb1, Abf1");
    /// ```
    pub fn asked_by(self, flag: &str) -> Self {
        match self {
            Self::UnknownFactors { found, known, .. } => {
                Self::UnknownFactors { what: Some(flag.to_owned()), found, known }
            }
            other => other,
        }
    }

    /// Puts the table of a setting before its key.
    pub(crate) fn in_table(self, table: &str) -> Self {
        match self {
            Self::Config { key, expected, found } => Self::Config { key: format!("{table}.{key}"), expected, found },
            other => other,
        }
    }
}
