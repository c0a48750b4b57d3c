//! The settings of all baselines.

use std::path::Path;

use serde::{Deserialize, Serialize};

#[cfg(feature = "boost")]
use super::boost::BoostConfig;
use super::{features::FeatureConfig, online::OnlineConfig};
use crate::{
    Result,
    file::toml::{check_toml, read_toml, save_or_check_toml, write_toml},
};

/// The settings of all baselines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BaselineConfig {
    /// The features.
    pub features: FeatureConfig,
    /// The online model. Interactions (`-q` of Vowpal Wabbit) are between the namespaces of
    /// [`OnlineInput`](super::OnlineInput), by default motifs with accessibility (`am`) and themselves (`mm`): 2^22
    /// weights.
    #[serde(with = "OnlineWithDefaults")]
    pub online: OnlineConfig,
    /// Boosted trees.
    #[cfg(feature = "boost")]
    pub boost: BoostConfig,
}

impl Default for BaselineConfig {
    fn default() -> Self {
        Self {
            features: FeatureConfig::default(),
            online: online_defaults(),
            #[cfg(feature = "boost")]
            boost: BoostConfig::default(),
        }
    }
}

fn online_defaults() -> OnlineConfig {
    OnlineConfig { bits: 22, quadratic: vec!["am".into(), "mm".into()], ..OnlineConfig::default() }
}

/// An [`OnlineConfig`] whose keys have the baseline's defaults where a file leaves them out.
#[derive(Serialize, Deserialize)]
#[serde(remote = "OnlineConfig", default = "online_defaults", deny_unknown_fields)]
struct OnlineWithDefaults {
    bits: u32,
    learning_rate: f32,
    power_t: f32,
    l1: f32,
    l2: f32,
    quadratic: Vec<String>,
    constant: bool,
}

impl BaselineConfig {
    /// Checks that the settings make sense.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for the first one that does not.
    pub fn validate(&self) -> Result<()> {
        self.features.validate()?;
        self.online.check()?;
        #[cfg(feature = "boost")]
        self.boost.check()?;
        Ok(())
    }

    /// Writes a `baselines.toml` where there is none. One with the same settings gets the heading unless it was edited.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`](crate::Error::OtherRun) for a file of other settings, those of [`open`](Self::open), and
    /// [`Error::Io`](crate::Error::Io).
    pub fn save_or_check(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        save_or_check_toml(path.as_ref(), heading, self, read_toml)
    }

    /// Checks that a `baselines.toml`, if there is one, holds these settings.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`](crate::Error::OtherRun) if it does not, and those of [`open`](Self::open).
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<()> {
        check_toml(path.as_ref(), self, read_toml)
    }

    /// Reads a `baselines.toml`. A key that is left out has its default; an unknown key is an error.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io), or [`Error::ConfigFile`](crate::Error::ConfigFile) with line and column.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::baseline::BaselineConfig;
    ///
    /// let path = std::env::temp_dir().join(format!("multitf-doc-baselines-{}.toml", std::process::id()));
    /// let mut config = BaselineConfig::default();
    /// config.features.flank_bp = 100;
    /// config.save(&path, "narrower flanks")?;
    /// assert_eq!(BaselineConfig::open(&path)?, config);
    /// # std::fs::remove_file(path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        read_toml(path.as_ref())
    }

    /// Writes a `baselines.toml`, below a heading in a comment.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io) if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>, heading: &str) -> Result<()> {
        write_toml(path.as_ref(), heading, self).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_the_online_model_that_is_left_out_has_the_default_of_baselines() {
        for text in ["", "[online]", "[online]\nbits = 22"] {
            assert_eq!(toml::from_str::<BaselineConfig>(text).unwrap(), BaselineConfig::default(), "{text}");
        }
        let linear: BaselineConfig = toml::from_str("[online]\nbits = 18\nquadratic = []").unwrap();
        assert_eq!(linear.online, OnlineConfig::default());
        assert!(toml::from_str::<BaselineConfig>("[online]\nbit = 18").is_err());
        let written = BaselineConfig { online: OnlineConfig { bits: 20, ..OnlineConfig::default() }, ..linear };
        assert_eq!(toml::from_str::<BaselineConfig>(&toml::to_string(&written).unwrap()).unwrap(), written);
    }
}
