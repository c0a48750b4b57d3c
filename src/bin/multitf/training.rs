//! What a call that trains one kind of model is asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{
    Error, Result,
    data::{Dataset, DatasetOptions},
    train::RunConfig,
};

/// Data, configuration and output.
#[derive(Debug, clap::Args)]
pub struct Training {
    /// A data set: dataset.toml.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The factors of the data set to use, separated by commas [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    /// A run's config.toml: architecture and training.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Samples that a training may draw, repeats counted [default: the configuration's].
    #[arg(long, value_name = "SAMPLES")]
    budget: Option<usize>,
    /// Start anew, and replace files in the way: those of a call with other settings, and of other programs.
    #[arg(long)]
    force: bool,
    /// The folder for everything that is written.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

impl Training {
    /// Reads the configuration, which the budget given overrules.
    pub fn configuration(&self) -> Result<RunConfig> {
        let config = self.config.as_ref().map_or_else(|| Ok(RunConfig::default()), RunConfig::open)?;
        Ok(self.budget.into_iter().fold(config, RunConfig::with_budget))
    }

    /// Reads the data set.
    pub fn dataset(&self) -> Result<Dataset> {
        let options = DatasetOptions { factors: self.tasks.clone(), ..DatasetOptions::default() };
        Dataset::open_with(&self.data, &options).map_err(|error| error.asked_by("--tasks"))
    }

    /// Refuses files under the names that are to be written, unless the first is there: that of an earlier call, which went on
    /// to write the others. Where they are to be replaced, they are removed.
    pub fn claim(&self, names: &[&str]) -> Result<()> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.out.join(name)).collect();
        if !self.force && paths.first().is_some_and(|first| first.exists()) {
            return Ok(());
        }
        paths.iter().filter(|path| path.exists()).try_for_each(|path| self.clear(path))
    }

    fn clear(&self, path: &Path) -> Result<()> {
        if self.force {
            return fs::remove_file(path).map_err(|source| Error::Io { path: path.to_owned(), source });
        }
        let (what, expected) = (path.display().to_string(), "no file, or one of an earlier call".into());
        let found = "another one: move it away, choose another folder, or have it replaced with --force".into();
        Err(Error::Mismatch { what, expected, found })
    }
}
