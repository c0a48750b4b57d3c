//! What a call that trains one kind of model is asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{
    Error, Result,
    data::{Dataset, DatasetOptions, Split},
    train::RunConfig,
};

/// Data, configuration, seed and output.
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
    /// The seed of draws and starting weights.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
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
        let config = self.budget.into_iter().fold(config, RunConfig::with_budget);
        config.validate().map(|()| config)
    }

    /// Reads the data set, and says what it found.
    pub fn dataset(&self) -> Result<Dataset> {
        let options = DatasetOptions { factors: self.tasks.clone(), ..DatasetOptions::default() };
        let dataset = Dataset::open_with(&self.data, &options)?;
        eprintln!("{}: {} tasks, {} cell types", dataset.name(), dataset.tasks().len(), dataset.cells().len());
        dataset.notes().iter().for_each(|note| eprintln!("note: {note}"));
        Ok(dataset)
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

/// The tasks with a bound bin to learn from; others are left out, which is said.
pub fn learnable(dataset: &Dataset, context_bp: usize) -> Vec<usize> {
    let unlearnable = dataset.tasks_without_positives(Split::Train, context_bp);
    if !unlearnable.is_empty() {
        let names: Vec<&str> = unlearnable.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect();
        eprintln!("note: Left out, without a bound bin in the training split: {}.", names.join(", "));
    }
    (0..dataset.tasks().len()).filter(|task| !unlearnable.contains(task)).collect()
}
