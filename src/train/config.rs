//! A run's `config.toml`.

pub(super) mod fine_tuning;
pub(super) mod grouping;
pub(super) mod recipe;
pub(super) mod single;
mod training;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use self::training::TrainingConfig;
use super::{FineTuning, Grouping, Recipe, Single};
use crate::{
    Error, Result,
    file::toml::{check_toml, read_toml, save_or_check_toml, write_toml},
    nn::Architecture,
};

/// A run's `config.toml`: the architecture and how it is trained.
///
/// A key that is left out has its default; an unknown key is an error.
///
/// # Examples
///
/// ```
/// use multitf::train::RunConfig;
///
/// let config: RunConfig = toml::from_str("[training]\nbudget = 50000\n")?;
/// assert_eq!(config.training.budget, 50_000);
/// assert_eq!(config.architecture.motifs, RunConfig::default().architecture.motifs);
/// assert!(toml::from_str::<RunConfig>("[training]\nbugdet = 50000\n").is_err());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The model.
    pub architecture: Architecture,
    /// How it is trained.
    pub training: TrainingConfig,
    /// What the recipe changes, so that factors do not lose by sharing a model.
    pub recipe: Recipe,
    /// What models of one factor change, so that each is as good as it gets.
    pub single: Single,
    /// How copies of the shared model are fine-tuned for single factors.
    pub fine_tuning: FineTuning,
    /// How factors are divided among several models.
    pub grouping: Grouping,
}

impl RunConfig {
    /// Reads a `config.toml`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], or [`Error::ConfigFile`] with the place of the problem.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        read_toml(path.as_ref())
    }

    /// Writes a `config.toml` with a comment as its heading.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        write_toml(path.as_ref(), heading, self).map(drop)
    }

    /// Writes a `config.toml` unless there is one. An existing file of the same settings gets the heading, unless it
    /// has comments of its own; then it stays as it is. What the recipe leaves out is not compared.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] for a file of other settings, those of [`open`](Self::open), and [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{Error, train::RunConfig};
    ///
    /// let path = std::env::temp_dir().join(format!("multitf-doc-keep-{}.toml", std::process::id()));
    /// let mut config = RunConfig::default();
    /// config.save_or_check(&path, "first")?;
    /// config.training.budget = 1000;
    /// let error = config.save_or_check(&path, "second").unwrap_err();
    /// assert!(error.to_string().contains("training.budget: expected 1000, found 800000"));
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save_or_check(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        save_or_check_toml(path.as_ref(), heading, &self.normalised(), |path| self.open_saved(path))
    }

    /// Checks that a `config.toml`, if it exists, holds these settings. What the recipe leaves out depends on the data
    /// set, and is not compared.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] if it holds others, and those of [`open`](Self::open).
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<()> {
        check_toml(path.as_ref(), &self.normalised(), |path| self.open_saved(path))
    }

    /// Reads a file written by [`save_or_check`](Self::save_or_check), to be compared with these settings. One that has
    /// `pool` but not `last_pool` predates `last_pool`.
    fn open_saved(&self, path: &Path) -> Result<Self> {
        let saved = Self::open(path)?;
        let saved = Self { recipe: saved.recipe.where_set_in(&self.recipe), ..saved };
        let file: toml::Table = read_toml(path)?;
        let keys = file.get("architecture").and_then(toml::Value::as_table);
        if keys.is_some_and(|keys| keys.contains_key("pool") && !keys.contains_key("last_pool")) {
            return Ok(Self { architecture: saved.architecture.before_last_pool(), ..saved });
        }
        Ok(saved.normalised())
    }

    fn normalised(&self) -> Self {
        Self { architecture: self.architecture.normalised(), ..self.clone() }
    }

    /// Limits every training to a budget: sets that of shared models, and reduces those of single models and
    /// fine-tuning.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::RunConfig;
    ///
    /// let config = RunConfig::default().with_budget(20_000);
    /// assert_eq!(config.training.budget, 20_000);
    /// assert_eq!((config.fine_tuning.budget, config.fine_tuning.validate_every), (20_000, 2_000));
    /// ```
    #[must_use]
    pub fn with_budget(mut self, budget: usize) -> Self {
        self.training.budget = budget;
        self.fine_tuning = self.fine_tuning.with_budget_at_most(budget);
        self
    }

    /// Returns the configuration of a recipe model: more epochs, members and discovered motifs, and less dropout. What
    /// [`Recipe`] leaves out has the defaults for data without held-out cell types; a
    /// [`Setup`](crate::strategy::Setup) knows its data, and its configuration leaves nothing out.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::RunConfig;
    ///
    /// let shared = RunConfig::default();
    /// let recipe = shared.for_recipe();
    /// assert!(recipe.architecture.members > shared.architecture.members);
    /// assert!(recipe.training.min_epochs > shared.training.min_epochs);
    /// assert!(recipe.architecture.hidden_dropout < shared.architecture.hidden_dropout);
    /// ```
    #[must_use]
    pub fn for_recipe(&self) -> Self {
        let mut config = self.clone();
        self.recipe.apply(&mut config.architecture, &mut config.training);
        config
    }

    /// Returns the configuration of a model of one factor: fewer draws, more members, no weights.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::RunConfig;
    ///
    /// let shared = RunConfig::default();
    /// let single = shared.for_single();
    /// assert!(single.training.budget < shared.training.budget);
    /// assert!(single.architecture.members > shared.architecture.members);
    /// ```
    #[must_use]
    pub fn for_single(&self) -> Self {
        let mut config = self.clone();
        self.single.apply(&mut config.architecture, &mut config.training);
        config
    }

    /// Returns the configuration for fine-tuning a copy of the shared model.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::train::RunConfig;
    ///
    /// let shared = RunConfig::default();
    /// assert!(shared.for_fine_tuning().training.learning_rate < shared.training.learning_rate);
    /// ```
    #[must_use]
    pub fn for_fine_tuning(&self) -> Self {
        let mut config = self.clone();
        self.fine_tuning.apply(&mut config.training);
        config
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for the first one that cannot work.
    pub fn validate(&self) -> Result<()> {
        self.architecture.validate()?;
        self.training.validate()?;
        self.recipe.validate()?;
        self.single.validate()?;
        self.fine_tuning.validate()?;
        let groups = self.grouping.groups;
        Error::unless(groups > 0, "grouping.groups", "at least 1", groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFolder;

    #[test]
    fn a_config_survives_a_file() {
        let mut config = RunConfig::default();
        config.training.budget = 7;
        config.architecture.context_bp = 600;
        let folder = TestFolder::new("run-config");
        let path = folder.path().join("config.toml");
        config.save(&path, "multi").unwrap();
        assert_eq!(RunConfig::open(&path).unwrap(), config);
    }

    #[test]
    fn sizes_that_fit_no_memory_are_refused_with_the_bound() {
        let message = |change: fn(&mut RunConfig)| {
            let mut config = RunConfig::default();
            change(&mut config);
            config.validate().unwrap_err().to_string()
        };
        let most = |key: &str, most: usize| format!("{key}: expected at most {most}, found {}", usize::MAX);
        let draws = 1_000_000_000_000;
        assert_eq!(message(|config| config.training.budget = usize::MAX), most("training.budget", draws));
        assert_eq!(message(|config| config.training.batch_size = usize::MAX), most("training.batch_size", 1_000_000));
        let found = message(|config| config.training.validate_every = usize::MAX);
        assert_eq!(found, most("training.validate_every", draws));
        assert_eq!(message(|config| config.fine_tuning.budget = usize::MAX), most("fine_tuning.budget", draws));
        let found = message(|config| config.fine_tuning.validate_every = usize::MAX);
        assert_eq!(found, most("fine_tuning.validate_every", draws));
        assert_eq!(message(|config| config.recipe.members = Some(usize::MAX)), most("recipe.members", 1000));
        let found = message(|config| config.training.sampler.unbound_per_bound = Some(1e300));
        assert!(found.starts_with("training.sampler.unbound_per_bound: expected a number above 0, at most 100000"));
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let mut config = RunConfig::default();
        config.training.warmup = 1.0;
        assert_eq!(config.validate().unwrap_err().to_string(), "training.warmup: expected between 0 and 1, found 1");
        let mut config = RunConfig::default();
        config.recipe.members = Some(0);
        assert_eq!(config.validate().unwrap_err().to_string(), "recipe.members: expected at least 1, found 0");
    }
}
