//! The arms of a comparison.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::{Spanned, de};

use super::Strategy;
use crate::{
    Error, Result,
    file::toml::{position, read_toml_text, write_toml},
    train::RunConfig,
};

/// A side of a comparison: a strategy, under a name, with settings of its own if it has any.
///
/// # Examples
///
/// Single models with more members, beside the usual ones:
///
/// ```
/// use multitf::{strategy::{Arm, Strategy}, train::RunConfig};
///
/// let mut config = RunConfig::default();
/// config.single.members = 8;
/// let arms = [Arm::from(Strategy::Single), Arm::new("single-of-8", Strategy::Single, config)];
/// assert_eq!(arms.map(|arm| arm.name().to_owned()), ["single", "single-of-8"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    pub(super) name: String,
    pub(super) strategy: Strategy,
    pub(super) config: Option<RunConfig>,
}

impl From<Strategy> for Arm {
    /// A strategy under its own name, with the settings of the comparison.
    fn from(strategy: Strategy) -> Self {
        Self { name: strategy.name().to_owned(), strategy, config: None }
    }
}

impl Arm {
    /// A strategy under another name, with settings of its own. Its models are trained in a folder of this name.
    pub fn new(name: impl Into<String>, strategy: Strategy, config: RunConfig) -> Self {
        Self { name: name.into(), strategy, config: Some(config) }
    }

    /// Returns the name in tables.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the strategy.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Reads arms from a TOML file: tables `[[arm]]` with a `name`, a `strategy`, and the keys of a run's `config.toml`
    /// that differ from `config`.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::ConfigFile`] with the place of the problem, and [`Error::Config`] for a setting that is
    /// unknown or cannot work.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{strategy::{Arm, Strategy}, train::RunConfig};
    ///
    /// let path = std::env::temp_dir().join(format!("multitf-doc-arms-{}.toml", std::process::id()));
    /// std::fs::write(&path, r#"
    ///     [[arm]]
    ///     name = "multi-wide"
    ///     strategy = "multi"
    ///     architecture.hidden = 512
    /// "#)?;
    /// let arms = Arm::open_all(&path, &RunConfig::default())?;
    /// assert_eq!((arms[0].name(), arms[0].strategy()), ("multi-wide", Strategy::Multi));
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_all(path: impl AsRef<Path>, config: &RunConfig) -> Result<Vec<Self>> {
        let path = path.as_ref();
        let (text, file) = read_toml_text::<File>(path)?;
        Error::unless(!file.arm.is_empty(), path.display().to_string(), "at least one [[arm]]", "none")?;
        file.arm.into_iter().map(|arm| Self::read(path, &text, config, arm)).collect()
    }

    fn read(path: &Path, text: &str, config: &RunConfig, table: Spanned<Table>) -> Result<Self> {
        let (line, column) = position(text, Some(table.span()));
        let Table { name, strategy, settings } = table.into_inner();
        let failed = |detail: String| {
            let detail = format!("arm {name}: {detail}");
            Error::ConfigFile { path: path.to_owned(), line, column, detail }
        };
        let strategy: Strategy = strategy.parse().map_err(|error: Error| failed(error.to_string()))?;
        let mut merged = toml::Table::try_from(config).map_err(|error| failed(error.to_string()))?;
        merge(&mut merged, settings);
        let config: RunConfig = merged.try_into().map_err(|error: de::Error| failed(error.message().to_owned()))?;
        config.validate().map_err(|error| failed(error.to_string()))?;
        Ok(Self::new(name, strategy, config))
    }

    /// Writes arms with all of their settings, and returns the text.
    pub(super) fn save_all(arms: &[Self], path: impl AsRef<Path>, heading: &str) -> Result<String> {
        let arm = arms.iter().filter_map(|arm| {
            Some(SavedArm { name: &arm.name, strategy: arm.strategy.name(), settings: arm.config.as_ref()? })
        });
        write_toml(path.as_ref(), heading, &SavedArms { arm: arm.collect() })
    }

    /// Refuses a name that is no folder of its own, and a baseline with settings.
    pub(super) fn check(&self) -> Result<()> {
        if self.config.is_none() {
            return Ok(());
        }
        let key = || format!("the arm {:?}", self.name);
        let is_known = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let is_plain = self.name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let works = is_plain && self.name.chars().all(is_known);
        Error::unless(works, key(), "a name of letters, digits, \"-\", \"_\" and \".\"", &self.name)?;
        let is_taken = Strategy::all().any(|strategy| strategy.name() == self.name);
        Error::unless(!is_taken, key(), "another name than a strategy's", &self.name)?;
        let expected = "a strategy that trains neural networks, where an arm has settings of its own";
        Error::unless(self.strategy.is_network(), key(), expected, self.strategy)
    }
}

/// A file of arms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    arm: Vec<Spanned<Table>>,
}

/// An arm in a file.
#[derive(Deserialize)]
struct Table {
    name: String,
    strategy: String,
    #[serde(flatten)]
    settings: toml::Table,
}

/// The arms of a file to write.
#[derive(Serialize)]
struct SavedArms<'a> {
    arm: Vec<SavedArm<'a>>,
}

#[derive(Serialize)]
struct SavedArm<'a> {
    name: &'a str,
    strategy: &'a str,
    #[serde(flatten)]
    settings: &'a RunConfig,
}

/// Puts the keys of other settings over those of a table, and likewise in the tables of both. A table of one key may be
/// a choice with its settings, such as `{ means = 6 }`, which another choice replaces.
fn merge(settings: &mut toml::Table, others: toml::Table) {
    for (key, other) in others {
        match (settings.get_mut(&key), other) {
            (Some(toml::Value::Table(known)), toml::Value::Table(other)) if known.len() > 1 => merge(known, other),
            (_, other) => {
                settings.insert(key, other);
            }
        }
    }
}
