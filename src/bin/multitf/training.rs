//! The arguments of the subcommands that train one model, or one kind of models.

use std::{
    fs,
    path::{Path, PathBuf},
};

use multitf::{
    Error, FolderLock, Result,
    data::{Dataset, SignalReference},
    train::RunConfig,
};

use crate::inputs::{open_config, open_dataset};

/// Data, configuration and output.
#[derive(Debug, clap::Args)]
pub struct TrainingArgs {
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

impl TrainingArgs {
    /// Reads the configuration: the file given, the fallback or the default.
    pub fn configuration(&self, fallback: Option<&Path>) -> Result<RunConfig> {
        open_config(self.config.as_deref().or(fallback), RunConfig::default(), self.budget)
    }

    /// Reads the data set, with accessibility normalised to a model's reference if there is one.
    pub fn dataset(&self, reference: Option<SignalReference>) -> Result<Dataset> {
        open_dataset(&self.data, self.tasks.as_deref(), reference)
    }

    /// Refuses to overwrite files, unless the first of them exists: an earlier call wrote it before the others. With
    /// --force, the files are removed, and the folders of earlier trainings too.
    ///
    /// Call it after all other checks, since it removes files.
    pub fn check_or_clear_outputs(&self, names: &[&str], trainings: &[&str]) -> Result<()> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.out.join(name)).collect();
        if !self.force {
            let is_own = paths.first().is_some_and(|first| first.exists());
            let foreign = paths.iter().find(|path| !is_own && path.exists());
            return foreign.map_or(Ok(()), |path| Err(refused(path)));
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

/// The error for a file of another program.
fn refused(path: &Path) -> Error {
    let (what, expected) = (path.display().to_string(), "no file, or one of an earlier call".into());
    let found = "another one: move it away, choose another folder, or have it replaced with --force".into();
    Error::Mismatch { what, expected, found }
}
