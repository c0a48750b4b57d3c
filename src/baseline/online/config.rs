//! The settings of the online model.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The settings of an [`OnlineModel`](super::OnlineModel), with the defaults of Vowpal Wabbit.
///
/// # Examples
///
/// ```
/// use multitf::{Error, baseline::online::{OnlineConfig, OnlineModel}};
///
/// let config = OnlineConfig { bits: 20, quadratic: vec!["ms".into()], ..OnlineConfig::default() };
/// assert_eq!(OnlineModel::new(&config)?.config(), &config);
///
/// let config = OnlineConfig { bits: 0, ..config };
/// assert!(matches!(OnlineModel::new(&config), Err(Error::Config { .. })));
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnlineConfig {
    /// The binary logarithm of the number of weights, 1 to 30 (`-b`); a weight takes 16 bytes (default 18).
    pub bits: u32,
    /// The size of the steps, above 0 and at most 1e9 (`--learning_rate`; default 0.5).
    pub learning_rate: f32,
    /// The decay of the steps, 0 to 1 (`--power_t`; default 0.5); other values need a power function and are slow.
    pub power_t: f32,
    /// The strength of the L1 penalty (`--l1`; default 0).
    pub l1: f32,
    /// The strength of the L2 penalty (`--l2`; default 0). A step so long that it would flip the signs of all weights
    /// sets them to 0 here; Vowpal Wabbit flips them.
    pub l2: f32,
    /// Pairs of namespaces whose features are multiplied with each other, such as `ab` or `aa` (`-q`; default none).
    pub quadratic: Vec<String>,
    /// Whether there is a feature that is always 1 (not `--noconstant`; default true).
    pub constant: bool,
}

impl Default for OnlineConfig {
    fn default() -> Self {
        Self { bits: 18, learning_rate: 0.5, power_t: 0.5, l1: 0.0, l2: 0.0, quadratic: Vec::new(), constant: true }
    }
}

impl OnlineConfig {
    /// Checks the settings, and returns the pairs of namespaces.
    pub(in crate::baseline) fn check(&self) -> Result<Vec<[u8; 2]>> {
        Error::unless((1..=30).contains(&self.bits), key("bits"), "a number from 1 to 30", self.bits)?;
        let rate = self.learning_rate;
        Error::unless(rate > 0.0 && rate <= 1e9, key("learning_rate"), "a number above 0, at most 1e9", rate)?;
        Error::unless((0.0..=1.0).contains(&self.power_t), key("power_t"), "a number from 0 to 1", self.power_t)?;
        for (name, strength) in [("l1", self.l1), ("l2", self.l2)] {
            Error::unless(strength >= 0.0 && strength.is_finite(), key(name), "a number of at least 0", strength)?;
        }
        self.pairs()
    }

    fn pairs(&self) -> Result<Vec<[u8; 2]>> {
        let mut pairs = Vec::new();
        for text in &self.quadratic {
            let pair =
                text.as_bytes().try_into().ok().filter(|pair: &[u8; 2]| pair.iter().all(|&byte| is_namespace(byte)));
            let pair = pair.filter(|&[a, b]| !pairs.contains(&[a, b]) && !pairs.contains(&[b, a]));
            let expected = "two characters that begin namespaces, no pair twice in any order";
            Error::unless(pair.is_some(), key("quadratic"), expected, format!("{text:?}"))?;
            pairs.extend(pair);
        }
        Ok(pairs)
    }
}

/// In Vowpal Wabbit, a colon stands for all namespaces, and a bar ends the name of one.
fn is_namespace(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_control() && !b":|".contains(&byte)
}

fn key(name: &str) -> String {
    format!("online.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_survives_a_file() {
        let config = OnlineConfig { l1: 1e-7, quadratic: vec!["ab".into(), "aa".into()], ..OnlineConfig::default() };
        assert_eq!(toml::from_str::<OnlineConfig>(&toml::to_string(&config).unwrap()).unwrap(), config);
        assert_eq!(toml::from_str::<OnlineConfig>("").unwrap(), OnlineConfig::default());
        assert!(toml::from_str::<OnlineConfig>("bit = 3").is_err());
    }

    #[test]
    fn settings_that_cannot_work_are_errors_with_the_key() {
        let default = OnlineConfig::default;
        let quadratic = |pairs: &[&str]| pairs.iter().map(|&pair| pair.to_owned()).collect();
        for (key, config) in [
            ("bits", OnlineConfig { bits: 0, ..default() }),
            ("bits", OnlineConfig { bits: 31, ..default() }),
            ("learning_rate", OnlineConfig { learning_rate: 0.0, ..default() }),
            ("learning_rate", OnlineConfig { learning_rate: f32::NAN, ..default() }),
            ("power_t", OnlineConfig { power_t: 1.5, ..default() }),
            ("l1", OnlineConfig { l1: -1.0, ..default() }),
            ("l2", OnlineConfig { l2: f32::INFINITY, ..default() }),
            ("quadratic", OnlineConfig { quadratic: quadratic(&["abc"]), ..default() }),
            ("quadratic", OnlineConfig { quadratic: quadratic(&["é"]), ..default() }),
            ("quadratic", OnlineConfig { quadratic: quadratic(&["::"]), ..default() }),
            ("quadratic", OnlineConfig { quadratic: quadratic(&["ab", "ba"]), ..default() }),
        ] {
            let message = config.check().unwrap_err().to_string();
            assert!(message.starts_with(&format!("online.{key}: expected ")), "{message}");
        }
    }

    #[test]
    fn a_space_names_the_default_namespace() {
        let config = OnlineConfig { quadratic: vec![" a".into(), "aa".into()], ..OnlineConfig::default() };
        assert_eq!(config.check().unwrap(), [*b" a", *b"aa"]);
    }
}
