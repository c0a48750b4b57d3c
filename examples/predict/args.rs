//! What the user asks for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Writes what a model says of every bin of a genome as tracks for a genome browser.
///
/// Neighbouring bins overlap: each value stands for the stride in the middle of its bin. What is done is not done again:
/// interrupt it and start it anew.
#[derive(Debug, Parser)]
#[command(version, about, long_about)]
pub struct Args {
    /// A model: model.safetensors, as a training leaves it in its folder.
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,
    /// A data set: dataset.toml. Its genome, bins and accessibility are used, and its labels are not.
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
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
    /// The folder for the tracks.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
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
    /// The probability of being bound.
    Probability,
    /// The log-odds of being bound.
    LogOdds,
}
