//! What the user asks for.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use multitf::{
    Error, Result,
    predict::{Foreign, Shard},
};

/// Writes what a model says of every bin of a genome as tracks for a genome browser.
///
/// Neighbouring bins overlap: each value stands for the stride in the middle of its bin. What is done is not done again:
/// interrupt it and start it anew.
#[derive(Debug, clap::Args)]
#[command(after_long_help = SHARDS)]
pub struct Args {
    /// A model: model.safetensors, as a training leaves it in its folder.
    #[arg(long, value_name = "FILE", required_unless_present = "merge")]
    pub model: Option<PathBuf>,
    /// A data set: dataset.toml. Its genome, bins and accessibility are used, and its labels are not. What it does not say of
    /// bins and transform is as the model was trained with.
    #[arg(long, value_name = "FILE", required_unless_present = "merge")]
    pub data: Option<PathBuf>,
    /// The cell type whose accessibility the model sees [default: the only one].
    #[arg(long, value_name = "NAME")]
    pub cell: Option<String>,
    /// The model's tasks to write, separated by commas [default: all].
    #[arg(long, value_name = "TASK,TASK", value_delimiter = ',')]
    pub tasks: Option<Vec<String>>,
    /// The files to write for each task.
    #[arg(long, value_enum, default_value_t = Format::Bedgraph)]
    pub format: Format,
    /// What is written for each bin.
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
    /// Put the shards in DIR/shard-*, all of them done, together to the files of a scan without shards. Takes --format,
    /// and --data for bigWig files.
    #[arg(long, conflicts_with_all = ["model", "cell", "tasks", "value", "chromosomes", "device", "shard"])]
    pub merge: bool,
    /// Replace files in the way: those of another run or program under the names of tracks, and tracks that were changed.
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
    /// What becomes of files in the way.
    pub fn foreign(&self) -> Foreign {
        if self.force { Foreign::Replace } else { Foreign::Refuse }
    }
}

/// Returns what an option gives, or what is expected of it.
pub fn given<'a>(key: &str, expected: &str, option: Option<&'a Path>) -> Result<&'a Path> {
    let none = || Error::Config { key: key.into(), expected: expected.into(), found: "none".into() };
    option.ok_or_else(none)
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text: chromosome, start, end, value.
    Bedgraph,
    /// Compressed, with an index.
    Bigwig,
    /// Both.
    Both,
}

/// What is written for each bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Value {
    /// The probability of being bound; a model that was trained with label smoothing has none.
    Probability,
    /// The log-odds of being bound.
    LogOdds,
}
