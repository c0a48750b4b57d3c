//! What every comparison of trained models is asked for.

use std::path::PathBuf;

use clap::ValueEnum;
use multitf::data::Split;

/// Data, budget, device and output.
#[derive(Debug, clap::Args)]
pub struct Common {
    /// A data set: dataset.toml.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The factors of the data set to use, separated by commas [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub tasks: Option<Vec<String>>,
    /// The factors to train a neural network of their own for; shared models still learn all of --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub singles: Option<Vec<String>>,
    /// How many times each model is trained, from another start each time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Samples that each training may draw, repeats counted [default: the configuration's].
    #[arg(long, value_name = "SAMPLES")]
    pub budget: Option<usize>,
    /// A run's config.toml: architecture and training.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = Scored::Valid)]
    pub score: Scored,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// The folder for everything that is written [default: out/ and a name].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Common {
    /// The folder for everything that is written: as given, or below `out/`, named after the data set's folder.
    pub fn folder(&self, below: &str) -> PathBuf {
        let data = self.data.as_ref().and_then(|path| path.canonicalize().ok());
        let name = data.as_ref().and_then(|path| path.parent()).and_then(|folder| folder.file_name());
        let default = || PathBuf::from("out").join(below).join(name.unwrap_or("simulated".as_ref()));
        self.out.clone().unwrap_or_else(default)
    }
}

/// A split to score on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scored {
    /// The training split: how well a model remembers.
    Train,
    /// The validation split, which early stopping has seen.
    Valid,
    /// The test split.
    Test,
}

impl From<Scored> for Split {
    fn from(scored: Scored) -> Self {
        match scored {
            Scored::Train => Self::Train,
            Scored::Valid => Self::Valid,
            Scored::Test => Self::Test,
        }
    }
}
