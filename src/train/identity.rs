//! What tells runs apart.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::TrainingConfig;
use crate::{
    Error, Result,
    data::Fingerprint,
    file::{Contents, differences},
    nn::Architecture,
};

/// All that a run is made from; a checkpoint of another run is no use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    #[serde(deserialize_with = "architecture")]
    pub(super) architecture: Architecture,
    pub(super) training: TrainingConfig,
    pub(super) seed: u64,
    pub(super) tasks: Vec<String>,
    pub(super) device: String,
    #[serde(flatten)]
    pub(super) data: Fingerprint,
    /// The name of a loss that is not the configuration's.
    pub(super) loss: Option<String>,
    /// The name of a balancer that is not the configuration's.
    pub(super) balancer: Option<String>,
    /// The model that it started from.
    pub(super) start: Option<StartIdentity>,
    /// The network that is not the configuration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<StartIdentity>,
    /// The name of a penalty on the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) penalty: Option<String>,
    /// The name of a schedule that is not the configuration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<String>,
    /// The name of an optimizer that is not the configuration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) optimizer: Option<String>,
}

/// What tells a network to start from from others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StartIdentity {
    pub(super) name: String,
    pub(super) weights: Contents,
}

impl Identity {
    /// Checks that what a folder holds was made from the same.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] with all in which they differ.
    pub(super) fn check(&self, found: &Self, folder: &Path) -> Result<()> {
        if self == found {
            return Ok(());
        }
        Err(Error::OtherRun { path: folder.to_owned(), differences: differences(self, found) })
    }
}

/// Reads the architecture of a run, which may be from before there was a key for the last pool.
fn architecture<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Architecture, D::Error> {
    let saved = serde_json::Value::deserialize(deserializer)?;
    let is_older = saved.get("last_pool").is_none();
    let read: Architecture = serde_json::from_value(saved).map_err(D::Error::custom)?;
    Ok(if is_older { read.before_last_pool() } else { read.normalised() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::LastPool;

    #[test]
    fn an_older_run_has_dropped_what_its_pools_leave() {
        for (pool, last_pool) in [(94, LastPool::Shorter), (100, LastPool::Dropped)] {
            let run = Architecture { pool, ..Architecture::default() };
            let mut saved = serde_json::to_value(&run).unwrap();
            assert_eq!(architecture(saved.clone()).unwrap(), run);
            saved.as_object_mut().unwrap().remove("last_pool");
            assert_eq!(architecture(saved).unwrap(), Architecture { last_pool, ..run });
        }
    }
}
