//! The balancer in a `config.toml`.

use std::{fmt, iter::once};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        Error as _, IgnoredAny, MapAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
};

use super::{CaGrad, EntropyWeighting, Equal, TaskBalancer};
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
    /// See [`CaGrad`].
    Cagrad(#[serde(deserialize_with = "settings")] CaGradConfig),
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

/// Settings of [`CaGrad`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "settings, as { radius = 0.5 }")]
pub struct CaGradConfig {
    /// The paper's `c`: how far from the mean gradient the step may be, relative to the mean's length. 0 is the mean
    /// itself; from 1 on nothing is proven to converge, and 1 is excluded. The default is 0.5, as in `LibMTL`.
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
        match self {
            Self::Equal => Ok(()),
            Self::Entropy(EntropyConfig { power }) => {
                Error::unless((0.0..=1.0).contains(&power), "training.balance.entropy.power", "0 to 1", power)
            }
            Self::Cagrad(CaGradConfig { radius }) => {
                let works = (0.0..1.0).contains(&radius);
                Error::unless(works, "training.balance.cagrad.radius", "0 to 1, 1 excluded", radius)
            }
        }
    }

    /// Creates the balancer, for tasks with these shares of bound labels.
    pub fn init(self, priors: &[f64]) -> Box<dyn TaskBalancer> {
        match self {
            Self::Equal => Box::new(Equal),
            Self::Entropy(config) => Box::new(EntropyWeighting::new(priors, config.power)),
            Self::Cagrad(config) => Box::new(CaGrad::new(config.radius)),
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
