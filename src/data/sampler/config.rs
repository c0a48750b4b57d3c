//! The settings of a sampler.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The settings of a [`Sampler`](super::Sampler).
///
/// In a file, `unbound_per_bound = "all"` draws every bin in every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplerConfig {
    /// Unbound samples drawn for each bound one; `None` draws every sample once an epoch (default 4).
    #[serde(with = "number_or_all")]
    pub unbound_per_bound: Option<f64>,
    /// How much more often samples of rare tasks are drawn: at 0 all bound samples equally often, at 1 all tasks. A
    /// sample that is bound in several tasks counts as one of the rarest. The default is 0.
    pub rarity: f64,
    /// The most times that a bound sample is drawn in an epoch, however rare its tasks are: a model overfits a few
    /// labels that are repeated too often, wrong ones included. The default is 20.
    pub max_repeats: f64,
    /// The unbound samples of a model of some of the tasks (default [`UnboundPool::Shared`]).
    pub pool: UnboundPool,
    /// The correction for the drawn share of bound samples (default [`PriorCorrection::Weight`]).
    pub correction: PriorCorrection,
}

/// The unbound samples that a model of some of the tasks draws from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnboundPool {
    /// Those of a model of all tasks, with the same share of bins bound by other factors.
    #[default]
    Shared,
    /// All samples that are not bound in its own tasks, evenly.
    Own,
}

/// The correction for the drawn share of bound samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PriorCorrection {
    /// A weight of 1 / rate for each sample in the loss.
    #[default]
    Weight,
    /// None; the user of the model adds [`Sampler::logit_shift`](super::Sampler::logit_shift) to its logits.
    None,
}

impl Default for SamplerConfig {
    fn default() -> Self {
        Self {
            unbound_per_bound: Some(4.0),
            rarity: 0.0,
            max_repeats: 20.0,
            pool: UnboundPool::Shared,
            correction: PriorCorrection::Weight,
        }
    }
}

impl SamplerConfig {
    /// The most unbound draws for each bound sample; more would not fit into memory.
    const MAX_RATIO: f64 = 1e5;

    pub(crate) fn check(&self) -> Result<()> {
        Error::unless((0.0..=1.0).contains(&self.rarity), "sampler.rarity", "0 to 1", self.rarity)?;
        let repeats = self.max_repeats;
        let works = repeats.is_finite() && repeats >= 1.0;
        Error::unless(works, "sampler.max_repeats", "a number from 1 on", repeats)?;
        let is_drawn = self.unbound_per_bound.is_some() || self.rarity == 0.0;
        Error::unless(is_drawn, "sampler.rarity", "0, where all samples are drawn once an epoch", self.rarity)?;
        let ratio = self.unbound_per_bound.unwrap_or(1.0);
        let works = ratio > 0.0 && ratio <= Self::MAX_RATIO;
        Error::unless(works, "sampler.unbound_per_bound", "a number above 0, at most 100000, or \"all\"", ratio)
    }
}

/// An optional number whose absence is the word "all": TOML has no null.
mod number_or_all {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged, expecting = "expected a number or \"all\"")]
    enum NumberOrAll {
        Number(f64),
        Word(All),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum All {
        All,
    }

    // Serde calls it with a reference to the field.
    #[allow(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map_or(NumberOrAll::Word(All::All), NumberOrAll::Number).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        Ok(match NumberOrAll::deserialize(deserializer)? {
            NumberOrAll::Number(number) => Some(number),
            NumberOrAll::Word(All::All) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_survives_a_file() {
        for unbound_per_bound in [Some(2.5), Some(3.0), None] {
            let (rarity, max_repeats) = (0.5, 7.5);
            let (pool, correction) = (UnboundPool::Own, PriorCorrection::None);
            let config = SamplerConfig { unbound_per_bound, rarity, max_repeats, pool, correction };
            let text = toml::to_string(&config).unwrap();
            assert_eq!(toml::from_str::<SamplerConfig>(&text).unwrap(), config, "{text}");
        }
        assert_eq!(toml::from_str::<SamplerConfig>("").unwrap(), SamplerConfig::default());
        assert_eq!(toml::from_str::<SamplerConfig>("unbound_per_bound = 3").unwrap().unbound_per_bound, Some(3.0));
    }

    #[test]
    fn other_words_and_keys_are_errors() {
        let message = |text| toml::from_str::<SamplerConfig>(text).unwrap_err().message().to_owned();
        assert_eq!(message("unbound_per_bound = 'every'"), "expected a number or \"all\"");
        assert!(message("pol = 'own'").starts_with("unknown field `pol`"));
    }

    #[test]
    fn a_ratio_that_cannot_work_is_an_error_with_the_key() {
        for ratio in [0.0, -1.0, 1e6, f64::NAN, f64::INFINITY] {
            let config = SamplerConfig { unbound_per_bound: Some(ratio), ..SamplerConfig::default() };
            let message = config.check().unwrap_err().to_string();
            assert!(message.starts_with("sampler.unbound_per_bound: expected a number above 0, at most 100000, or"));
        }
    }
}
