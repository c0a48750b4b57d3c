//! The balancer in a `config.toml`.

use std::{fmt, iter::once};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        Error as _, IgnoredAny, MapAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
};

use super::{
    AlignedMtl, CaGrad, DynamicAverage, EntropyWeighting, Equal, Famo, PcGrad, SmoothTchebycheff, TaskBalancer,
    UncertaintyWeighting,
};
use crate::{Error, Result};

/// The balancer in a `config.toml`: its name, or its name with settings.
///
/// A setting that is left out has its default; an unknown one is an error.
///
/// # Examples
///
/// ```
/// use multitf::train::balance::{Balance, CaGradConfig};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     balance: Balance,
/// }
/// let config: Config = toml::from_str(r#"balance = "cagrad""#)?;
/// assert_eq!(config.balance, Balance::Cagrad(CaGradConfig { radius: 0.5 }));
/// let config: Config = toml::from_str("balance = { cagrad = { radius = 0.2 } }")?;
/// assert_eq!(config.balance, Balance::Cagrad(CaGradConfig { radius: 0.2 }));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", remote = "Self")]
pub enum Balance {
    /// All tasks alike.
    #[default]
    Equal,
    /// See [`EntropyWeighting`].
    Entropy(#[serde(deserialize_with = "settings")] EntropyConfig),
    /// See [`UncertaintyWeighting`].
    Uncertainty(#[serde(deserialize_with = "settings")] UncertaintyConfig),
    /// See [`DynamicAverage`].
    DynamicAverage(#[serde(deserialize_with = "settings")] DynamicAverageConfig),
    /// See [`Famo`].
    Famo(#[serde(deserialize_with = "settings")] FamoConfig),
    /// See [`SmoothTchebycheff`].
    Tchebycheff(#[serde(deserialize_with = "settings")] TchebycheffConfig),
    /// See [`PcGrad`].
    Pcgrad,
    /// See [`CaGrad`].
    Cagrad(#[serde(deserialize_with = "settings")] CaGradConfig),
    /// See [`AlignedMtl`].
    Aligned,
}

/// Settings of [`EntropyWeighting`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { power = 0.5 }")]
pub struct EntropyConfig {
    /// How much of the differences between initial losses is undone, 0 (nothing) to 1 (all of them). The default is
    /// 0.5.
    pub power: f64,
}

impl Default for EntropyConfig {
    fn default() -> Self {
        Self { power: 0.5 }
    }
}

/// Settings of [`UncertaintyWeighting`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { learning_rate = 0.001 }")]
pub struct UncertaintyConfig {
    /// Adam's learning rate for the log-variances, above 0 (default 0.001).
    pub learning_rate: f64,
}

impl Default for UncertaintyConfig {
    fn default() -> Self {
        Self { learning_rate: 1e-3 }
    }
}

/// Settings of [`DynamicAverage`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { period = 100 }")]
pub struct DynamicAverageConfig {
    /// The temperature of the softmax, above 0: the lower, the more weights differ. The default is 2, the paper's.
    pub temperature: f64,
    /// Steps in a period, at least 1 (default 100). The paper's periods are epochs.
    pub period: usize,
}

impl Default for DynamicAverageConfig {
    fn default() -> Self {
        Self { temperature: 2.0, period: 100 }
    }
}

/// Settings of [`Famo`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { decay = 0.01 }")]
pub struct FamoConfig {
    /// Adam's learning rate for the logits, above 0 (default 0.025, that of the authors' code).
    pub learning_rate: f64,
    /// The weight decay of the logits, from 0 on (default 0.01). The more, the nearer all shares stay.
    pub decay: f64,
}

impl Default for FamoConfig {
    fn default() -> Self {
        Self { learning_rate: 0.025, decay: 0.01 }
    }
}

/// Settings of [`SmoothTchebycheff`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { smoothing = 0.1 }")]
pub struct TchebycheffConfig {
    /// The paper's `mu`, above 0: the smaller, the more the worst task counts. The default is 0.1.
    pub smoothing: f64,
    /// Steps at first whose mean losses others are relative to, at least 1 (default 100).
    pub first_steps: usize,
}

impl Default for TchebycheffConfig {
    fn default() -> Self {
        Self { smoothing: 0.1, first_steps: 100 }
    }
}

/// Settings of [`CaGrad`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { radius = 0.5 }")]
pub struct CaGradConfig {
    /// The paper's `c`: how far from the mean gradient the step may be, relative to the mean's length. 0 is the mean
    /// itself; from 1 on nothing is proven to converge, and 1 is excluded. The default is 0.5, as in LibMTL.
    pub radius: f64,
}

impl Default for CaGradConfig {
    fn default() -> Self {
        Self { radius: 0.5 }
    }
}

impl Balance {
    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting out of range.
    pub fn validate(self) -> Result<()> {
        let check = |works, key: &str, expected: &str, found: f64| {
            Error::unless(works, format!("training.balance.{key}"), expected, found)
        };
        let above_0 = |key, value: f64| check(value.is_finite() && value > 0.0, key, "a number above 0", value);
        let steps = |key, value| Error::unless_within(1..=usize::MAX, format!("training.balance.{key}"), value);
        match self {
            Self::Equal | Self::Pcgrad | Self::Aligned => Ok(()),
            Self::Entropy(EntropyConfig { power }) => {
                check((0.0..=1.0).contains(&power), "entropy.power", "0 to 1", power)
            }
            Self::Uncertainty(config) => above_0("uncertainty.learning_rate", config.learning_rate),
            Self::DynamicAverage(config) => {
                above_0("dynamic-average.temperature", config.temperature)?;
                steps("dynamic-average.period", config.period)
            }
            Self::Famo(FamoConfig { learning_rate, decay }) => {
                above_0("famo.learning_rate", learning_rate)?;
                check(decay.is_finite() && decay >= 0.0, "famo.decay", "a number from 0 on", decay)
            }
            Self::Tchebycheff(config) => {
                above_0("tchebycheff.smoothing", config.smoothing)?;
                steps("tchebycheff.first_steps", config.first_steps)
            }
            Self::Cagrad(CaGradConfig { radius }) => {
                check((0.0..1.0).contains(&radius), "cagrad.radius", "0 to 1, 1 excluded", radius)
            }
        }
    }

    /// Creates the balancer, for tasks with these shares of bound labels.
    pub fn init(self, priors: &[f64], seed: u64) -> Box<dyn TaskBalancer> {
        let tasks = priors.len();
        match self {
            Self::Equal => Box::new(Equal),
            Self::Entropy(config) => Box::new(EntropyWeighting::new(priors, config.power)),
            Self::Uncertainty(config) => Box::new(UncertaintyWeighting::new(tasks, config.learning_rate)),
            Self::DynamicAverage(config) => Box::new(DynamicAverage::new(tasks, config.temperature, config.period)),
            Self::Famo(config) => Box::new(Famo::new(tasks, config.learning_rate, config.decay)),
            Self::Tchebycheff(config) => Box::new(SmoothTchebycheff::new(tasks, config.smoothing, config.first_steps)),
            Self::Pcgrad => Box::new(PcGrad::new(seed)),
            Self::Cagrad(config) => Box::new(CaGrad::new(config.radius)),
            Self::Aligned => Box::new(AlignedMtl),
        }
    }
}

/// Reads settings, or takes the defaults where there is only a name.
fn settings<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Serialize for Balance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrTable)
    }
}

struct NameOrTable;

impl<'de> Visitor<'de> for NameOrTable {
    type Value = Balance;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a balancer, or { name = { its settings } }")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Balance, E> {
        self.visit_map(MapDeserializer::new(once((name, ()))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Balance, A::Error> {
        let balance = Balance::deserialize(MapAccessDeserializer::new(&mut map))?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(balance),
            Some(_) => Err(A::Error::custom("expected one balancer, found several")),
        }
    }
}
