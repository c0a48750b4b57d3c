//! The balancer in a `config.toml`.

use serde::{Deserialize, Serialize};

use super::{
    AlignedMtl, CaGrad, DynamicAverage, EntropyWeighting, Equal, Famo, PcGrad, SmoothTchebycheff, TaskBalancer,
    UncertaintyWeighting,
};
use crate::{Error, Result};

/// The balancer in a `config.toml`.
///
/// # Examples
///
/// ```
/// use multitf::train::balance::Balance;
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     balance: Balance,
/// }
/// let config: Config = toml::from_str(r#"balance = "famo""#)?;
/// assert_eq!(config.balance, Balance::Famo);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// All tasks alike.
    #[default]
    Equal,
    /// See [`EntropyWeighting`], with its power.
    Entropy(f64),
    /// See [`UncertaintyWeighting`].
    Uncertainty,
    /// See [`DynamicAverage`].
    DynamicAverage,
    /// See [`Famo`].
    Famo,
    /// See [`SmoothTchebycheff`].
    Tchebycheff,
    /// See [`PcGrad`].
    Pcgrad,
    /// See [`CaGrad`].
    Cagrad,
    /// See [`AlignedMtl`].
    Aligned,
}

impl Balance {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a power out of range.
    pub fn validate(self) -> Result<()> {
        let Self::Entropy(power) = self else { return Ok(()) };
        Error::unless((0.0..=1.0).contains(&power), "training.balance.entropy", "0 to 1", power)
    }

    /// Creates the balancer with its authors' settings, for tasks with these shares of bound labels.
    pub fn init(self, priors: &[f64], seed: u64) -> Box<dyn TaskBalancer> {
        let tasks = priors.len();
        match self {
            Self::Equal => Box::new(Equal),
            Self::Entropy(power) => Box::new(EntropyWeighting::new(priors, power)),
            Self::Uncertainty => Box::new(UncertaintyWeighting::new(tasks, 1e-3)),
            Self::DynamicAverage => Box::new(DynamicAverage::new(tasks, 2.0, 100)),
            Self::Famo => Box::new(Famo::new(tasks, 0.025, 0.01)),
            Self::Tchebycheff => Box::new(SmoothTchebycheff::new(tasks, 0.1, 100)),
            Self::Pcgrad => Box::new(PcGrad::new(seed)),
            Self::Cagrad => Box::new(CaGrad::new(0.5)),
            Self::Aligned => Box::new(AlignedMtl),
        }
    }
}
