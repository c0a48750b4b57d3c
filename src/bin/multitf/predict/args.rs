//! The arguments.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use multitf::{
    Error, Result,
    predict::{ExistingFiles, Shard, TrackFormat, TrackValue},
};

/// Writes the predictions of a model for every bin of a genome as tracks for a genome browser.
///
/// Neighbouring bins overlap: each value is written for the stride in the middle of its bin. Call it again to
/// resume an interrupted run.
#[derive(Debug, clap::Args)]
#[command(after_long_help = SHARDS)]
pub struct Args {
    /// A model: model.safetensors, as a training writes it to its folder.
    #[arg(long, value_name = "FILE", required_unless_present = "merge")]
    pub model: Option<PathBuf>,
    /// A data set: dataset.toml. Its genome, bins and accessibility are used, its labels are not. Bins and transform
    /// are as in training where it does not set them.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["merge", "fasta"])]
    pub data: Option<PathBuf>,
    /// Score the records of a FASTA file, in place of a genome's bins, to DIR/scores.tsv; for models that read no
    /// accessibility.
    #[arg(
        long, value_name = "FASTA",
        conflicts_with_all = ["data", "regions", "cell", "format", "chromosomes", "shard", "merge"]
    )]
    pub fasta: Option<PathBuf>,
    /// Score the context around the middle of each interval of a BED file, in place of bins, to DIR/scores.tsv.
    #[arg(long, value_name = "BED", conflicts_with_all = ["format", "chromosomes", "shard", "merge"])]
    pub regions: Option<PathBuf>,
    /// Average the predictions for both strands of a sequence or an interval.
    #[arg(long)]
    pub both_strands: bool,
    /// The cell type whose accessibility the model sees [default: the only one].
    #[arg(long, value_name = "NAME")]
    pub cell: Option<String>,
    /// The model's tasks to write, separated by commas [default: all].
    #[arg(long, value_name = "TASK,TASK", value_delimiter = ',')]
    pub tasks: Option<Vec<String>>,
    /// The files to write for each task.
    #[arg(long, value_enum, default_value_t = Format::Bedgraph)]
    pub format: Format,
    /// The value to write for each bin.
    #[arg(long, value_enum, default_value_t = Value::Probability)]
    pub value: Value,
    /// The chromosomes to scan, separated by commas [default: all].
    #[arg(long, value_name = "CHR,CHR", value_delimiter = ',')]
    pub chromosomes: Option<Vec<String>>,
    /// The device to predict on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Scan the K-th of N shards of the bins only, to bedGraph files in DIR/shard-K-of-N.
    #[arg(long, value_name = "K/N", conflicts_with = "format")]
    pub shard: Option<Shard>,
    /// Merge the finished shards in DIR/shard-* into the files of a scan without shards. Takes --format, and --data for
    /// bigWig files.
    #[arg(long, conflicts_with_all = ["model", "cell", "tasks", "value", "chromosomes", "device", "shard"])]
    pub merge: bool,
    /// Replace existing files: tracks that were changed, and files of other runs or programs under the names of tracks.
    #[arg(long)]
    pub force: bool,
    /// The folder for the tracks.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

const SHARDS: &str = "\
Several processes, on one machine or many, scan a genome together. Each of these may be interrupted and started anew:

  multitf predict --model model.safetensors --data dataset.toml --out tracks --shard 1/2
  multitf predict --model model.safetensors --data dataset.toml --out tracks --shard 2/2

When both are done and tracks/shard-1-of-2 and tracks/shard-2-of-2 lie on one machine:

  multitf predict --merge --out tracks";

impl Args {
    /// What to do with existing files of others.
    pub fn existing_files(&self) -> ExistingFiles {
        if self.force { ExistingFiles::Replace } else { ExistingFiles::Refuse }
    }
}

/// Returns the path of an option, or the error that it is missing.
pub fn given<'a>(key: &str, expected: &str, option: Option<&'a Path>) -> Result<&'a Path> {
    let none = || Error::Config { key: key.into(), expected: expected.into(), found: "none".into() };
    option.ok_or_else(none)
}

/// The format of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text: chromosome, start, end, value.
    Bedgraph,
    /// Compressed, with an index.
    Bigwig,
    /// Both.
    Both,
}

impl From<Format> for TrackFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Bedgraph => Self::Bedgraph,
            Format::Bigwig => Self::Bigwig,
            Format::Both => Self::Both,
        }
    }
}

/// The value that is written for each bin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Value {
    /// The probability of being bound; not for a model that was trained with label smoothing.
    Probability,
    /// The log-odds of being bound.
    LogOdds,
}

impl From<Value> for TrackValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Probability => Self::Probability,
            Value::LogOdds => Self::LogOdds,
        }
    }
}
