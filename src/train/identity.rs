//! The identity of a run: a checkpoint of another run is refused.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::TrainingConfig;
use crate::{
    Error, Result,
    data::Fingerprint,
    file::{Digest, differences},
    nn::Architecture,
};

/// All that the result of a run depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    #[serde(deserialize_with = "architecture")]
    pub(super) architecture: Architecture,
    pub(super) training: TrainingConfig,
    pub(super) seed: u64,
    pub(super) tasks: Vec<String>,
    pub(super) device: String,
    #[serde(flatten)]
    pub(super) data: Fingerprint,
    /// The name of a custom loss.
    pub(super) loss: Option<String>,
    /// The name of a custom balancer.
    pub(super) balancer: Option<String>,
    /// The pretrained model.
    pub(super) start: Option<NetworkIdentity>,
    /// The custom network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<NetworkIdentity>,
    /// The name of a penalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) penalty: Option<String>,
    /// The name of a custom schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<String>,
    /// The name of a custom optimizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) optimizer: Option<String>,
}

/// The identity of a network: its name and its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct NetworkIdentity {
    pub(super) name: String,
    pub(super) weights: Digest,
}

impl Identity {
    /// Checks that the run found in a folder is this one.
    ///
    /// # Errors
    ///
    /// [`Error::OtherRun`] with all differences.
    pub(super) fn check(&self, found: &Self, folder: &Path) -> Result<()> {
        if self == found {
            return Ok(());
        }
        Err(Error::OtherRun { path: folder.to_owned(), differences: differences(self, found) })
    }
}

/// Reads the architecture of a run, which may be older than the key of the last pool.
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
    fn an_older_run_drops_the_rest_that_its_pools_leave() {
        for (pool, last_pool) in [(94, LastPool::Shorter), (100, LastPool::Dropped)] {
            let run = Architecture { pool, ..Architecture::default() };
            let mut saved = serde_json::to_value(&run).unwrap();
            assert_eq!(architecture(saved.clone()).unwrap(), run);
            saved.as_object_mut().unwrap().remove("last_pool");
            assert_eq!(architecture(saved).unwrap(), Architecture { last_pool, ..run });
        }
    }
}
