use serde::{Deserialize, Serialize};

use super::RunConfig;

/// What is added to plain sharing so that factors do not lose by it.
///
/// # Examples
///
/// ```
/// use multitf::train::{Recipe, RunConfig};
///
/// let plain = RunConfig::default();
/// let cured = Recipe::default().of(&plain);
/// assert!(cured.architecture.members > plain.architecture.members);
/// assert_eq!(cured.training, plain.training);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Networks that learn from the same samples and whose logits are averaged: what one of them gets wrong by chance, which
    /// is most where positives are few, the others make good. A shared model can afford some: they cost a network each, and
    /// one model per factor costs as many as there are factors.
    pub members: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { members: 4 }
    }
}

impl Recipe {
    /// Returns the configuration of a cured model, given that of plain sharing.
    pub fn of(&self, plain: &RunConfig) -> RunConfig {
        let mut config = plain.clone();
        config.architecture.members = self.members;
        config
    }
}
