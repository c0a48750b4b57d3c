//! What a call that trains one kind of model is asked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{
    Error, FolderLock, Result,
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
        self.configuration_or(None)
    }

    /// As [`configuration`](Self::configuration), from another file where none is given.
    pub fn configuration_or(&self, other: Option<PathBuf>) -> Result<RunConfig> {
        let path = self.config.clone().or(other);
        let config = path.map_or_else(|| Ok(RunConfig::default()), RunConfig::open)?;
        Ok(self.budget.into_iter().fold(config, RunConfig::with_budget))
    }

    /// Reads the data set.
    pub fn dataset(&self) -> Result<Dataset> {
        let options = DatasetOptions { factors: self.tasks.clone(), ..DatasetOptions::default() };
        Dataset::open_with(&self.data, &options).map_err(|error| error.asked_by("--tasks"))
    }

    /// Refuses files under the names that are to be written, unless the first is there: that of an earlier call, which went on
    /// to write the others. Where they are to be replaced, they are removed, and with them the folders of earlier trainings.
    ///
    /// Call it when all else is checked: what it removes is gone.
    pub fn claim(&self, names: &[&str], trainings: &[&str]) -> Result<()> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.out.join(name)).collect();
        if !self.force {
            let is_own = paths.first().is_some_and(|first| first.exists());
            let mut in_the_way = paths.iter().filter(|path| !is_own && path.exists());
            return in_the_way.next().map_or(Ok(()), |path| Err(foreign(path)));
        }
        let _lock = FolderLock::new(&self.out)?;
        for path in paths.iter().filter(|path| path.exists()) {
            fs::remove_file(path).map_err(|source| Error::Io { path: path.clone(), source })?;
        }
        for path in trainings.iter().map(|name| self.out.join(name)).filter(|path| path.exists()) {
            fs::remove_dir_all(&path).map_err(|source| Error::Io { path, source })?;
        }
        Ok(())
    }
}

/// The error for a file in the way.
fn foreign(path: &Path) -> Error {
    let (what, expected) = (path.display().to_string(), "no file, or one of an earlier call".into());
    let found = "another one: move it away, choose another folder, or have it replaced with --force".into();
    Error::Mismatch { what, expected, found }
}
