//! What the user asks for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use multitf::data::Split;

/// Trains shared and per-factor models on the same split at equal budget, and says which is better for which factor.
///
/// Without --data it simulates a small world first. What is done is not done again: interrupt it and start it anew.
#[derive(Debug, Parser)]
#[command(version, about, long_about)]
pub struct Args {
    /// A data set: dataset.toml.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The factors of the data set to use, separated by commas [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub tasks: Option<Vec<String>>,
    /// The factors to train single models for; shared models still learn all of --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub singles: Option<Vec<String>>,
    /// The models to compare.
    #[arg(long, value_name = "MODEL,MODEL", value_delimiter = ',', default_value = "multi,single")]
    pub models: Vec<ModelKind>,
    /// How many times each model is trained, from another start each time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Samples that each training may draw, repeats counted [default: the configuration's].
    #[arg(long, value_name = "SAMPLES")]
    pub budget: Option<usize>,
    /// A run's config.toml: architecture and training.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Draw a single model's unbound bins evenly from the genome, not from the shared model's pool.
    #[arg(long)]
    pub own_pool: bool,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = Scored::Valid)]
    pub score: Scored,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// The folder for everything that is written [default: out/ and the name of the data set's folder].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Args {
    /// The folder for everything that is written.
    pub fn folder(&self) -> PathBuf {
        let data = self.data.as_ref().and_then(|path| path.canonicalize().ok());
        let name = data.as_ref().and_then(|path| path.parent()).and_then(|folder| folder.file_name());
        self.out.clone().unwrap_or_else(|| PathBuf::from("out").join(name.unwrap_or("simulated".as_ref())))
    }
}

/// A model that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModelKind {
    /// One model for all factors.
    Multi,
    /// One model for each factor.
    Single,
}

impl ModelKind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multi => "multi",
            Self::Single => "single",
        }
    }
}

/// A split to score on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scored {
    /// The validation split, which early stopping has seen.
    Valid,
    /// The test split.
    Test,
}

impl From<Scored> for Split {
    fn from(scored: Scored) -> Self {
        match scored {
            Scored::Valid => Self::Valid,
            Scored::Test => Self::Test,
        }
    }
}
