//! Strategies to model many factors, and their comparison.
//!
//! A [`Strategy`] is a way to model factors: one network for all, one for each, or something between. All trainings
//! share a [`Setup`]. [`Strategy::train`] trains one model. A [`Comparison`] trains several strategies on the same
//! split, and says which is better for which factor, and what each cost.
//!
//! # Examples
//!
//! A simulated world, shared against single models:
//!
//! ```
//! use multitf::{
//!     data::Dataset, simulate::{SimulationConfig, simulate},
//!     strategy::{Comparison, Setup, Strategy},
//!     train::RunConfig,
//! };
//!
//! let folder = std::env::temp_dir().join(format!("multitf-doc-strategy-{}", std::process::id()));
//! simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.join("world"))?;
//! let dataset = Dataset::open(folder.join("world/dataset.toml"))?;
//! let setup = Setup::new(&dataset, RunConfig::default().with_budget(500))?.with_singles(&["CTCF"])?;
//! let outcome = Comparison::new(&setup, &[Strategy::Multi, Strategy::Single]).with_folder(folder.join("out")).run()?;
//! print!("{}", outcome.summary());
//! outcome.write(folder.join("out"))?;
//! assert!(folder.join("out/report.html").exists());
//! assert_eq!(outcome.models.len(), 2);
//! # std::fs::remove_dir_all(folder).unwrap();
//! # Ok::<(), multitf::Error>(())
//! ```

mod arm;
mod baselines;
mod borrowed;
mod comparison;
mod event;
mod extension;
mod joined;
mod outcome;
mod run;
mod setup;
#[cfg(test)]
mod tests;
mod trained;
mod trainer;

use std::{fmt, str::FromStr};

pub use self::{
    arm::Arm,
    comparison::Comparison,
    event::Event,
    extension::{Extension, SharedPart},
    outcome::Outcome,
    setup::Setup,
    trained::{DivergedRun, TrainedModel},
};
use crate::{
    Error, Result,
    baseline::{BaselineMethod, Lookup},
    error::names::nearest,
    nn::HeadKind,
    train::RunConfig,
};

/// A way to model many factors.
///
/// # Examples
///
/// ```
/// use multitf::strategy::Strategy;
///
/// assert_eq!("recipe".parse::<Strategy>()?, Strategy::Recipe);
/// assert_eq!(Strategy::Single.to_string(), "single");
/// let error = "recipes".parse::<Strategy>().unwrap_err();
/// assert!(error.to_string().starts_with("strategy: expected one of recipe"), "{error}");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// One model for all factors.
    Multi,
    /// One model for each factor, with the settings at which it is strongest (see [`Single`](crate::train::Single)).
    Single,
    /// One model for all factors, with settings against negative transfer (see [`Recipe`](crate::train::Recipe)).
    Recipe,
    /// One model for each group of factors that learn alike, by the shared model's
    /// [`ConflictMap`](crate::train::ConflictMap).
    Grouped,
    /// A copy of the shared model, fine-tuned for each factor (see [`FineTuning`](crate::train::FineTuning)). Its draws
    /// come on top of the shared model's.
    Finetuned,
    /// The recipe, except for factors with a grouped, fine-tuned or single model that is significantly better on the
    /// validation split. It trains all of these first, and joins them to one model.
    Rescue,
    /// A baseline for each factor that is not a neural network.
    Baseline(BaselineMethod),
    /// A baseline for each factor that learns nothing.
    Lookup(Lookup),
}

impl Strategy {
    /// The strategies of neural networks.
    pub const NETWORKS: [Self; 6] =
        [Self::Multi, Self::Single, Self::Recipe, Self::Grouped, Self::Finetuned, Self::Rescue];

    /// Returns all strategies, those of neural networks first.
    pub fn all() -> impl Iterator<Item = Self> {
        let baselines = BaselineMethod::ALL.iter().copied().map(Self::Baseline);
        Self::NETWORKS.into_iter().chain(baselines).chain(Lookup::ALL.map(Self::Lookup))
    }

    /// Returns the name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multi => "multi",
            Self::Single => "single",
            Self::Recipe => "recipe",
            Self::Grouped => "grouped",
            Self::Finetuned => "finetuned",
            Self::Rescue => "rescue",
            Self::Baseline(kind) => kind.name(),
            Self::Lookup(lookup) => lookup.name(),
        }
    }

    /// Returns a description of one sentence.
    pub fn description(self) -> &'static str {
        match self {
            Self::Multi => "One model for all factors.",
            Self::Single => "One model for each factor.",
            Self::Recipe => "One model for all factors, with settings against negative transfer.",
            Self::Grouped => {
                "One model for each group of factors that learn alike, by the shared model's conflict map."
            }
            Self::Finetuned => "A copy of the shared model, fine-tuned for each factor.",
            Self::Rescue => {
                "The recipe, except for factors with a grouped, fine-tuned or single model that is significantly \
                 better on the validation split. It trains all of these first."
            }
            Self::Baseline(kind) => kind.description(),
            Self::Lookup(lookup) => lookup.description(),
        }
    }

    /// Returns whether one model predicts all factors.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Multi | Self::Recipe | Self::Grouped | Self::Rescue)
    }

    /// The settings that its own trainings have.
    fn settings(self, config: &RunConfig) -> RunConfig {
        match self {
            Self::Recipe => config.for_recipe(),
            Self::Single => config.for_single(),
            Self::Finetuned => config.for_fine_tuning(),
            Self::Multi | Self::Grouped | Self::Rescue | Self::Baseline(_) | Self::Lookup(_) => config.clone(),
        }
    }

    /// Returns whether it trains neural networks.
    pub fn is_network(self) -> bool {
        Self::NETWORKS.contains(&self)
    }

    /// Returns what it looks up, if it is a baseline that learns nothing.
    pub fn lookup(self) -> Option<Lookup> {
        if let Self::Lookup(lookup) = self { Some(lookup) } else { None }
    }

    /// Returns the kind of baseline, if it is one that learns.
    pub fn baseline(self) -> Option<BaselineMethod> {
        if let Self::Baseline(kind) = self { Some(kind) } else { None }
    }

    /// Refuses a setup that the strategy cannot be trained with.
    fn check(self, setup: &Setup<'_>) -> Result<()> {
        if matches!(self, Self::Finetuned | Self::Grouped | Self::Rescue) {
            self.check_head(setup)?;
        }
        let works = !matches!(self, Self::Grouped | Self::Rescue) || setup.tasks().len() > 1;
        Error::unless(works, "tasks", format!("at least 2, for {self}"), setup.tasks().len())
    }

    /// Refuses a head whose tasks cannot be separated and joined.
    fn check_head(self, setup: &Setup<'_>) -> Result<()> {
        let head = &setup.config().architecture.head;
        let found = format!("{head:?}").to_lowercase();
        let expected = format!("sigmoid, for {self}");
        Error::unless(*head == HeadKind::Sigmoid, "architecture.head", expected, found)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Strategy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let expected = || format!("one of {}", nearest(name, Self::all().map(Self::name)));
        let found = Self::all().find(|strategy| strategy.name() == name);
        found.ok_or_else(|| Error::config("strategy", expected(), name))
    }
}
