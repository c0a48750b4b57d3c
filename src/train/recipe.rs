use serde::{Deserialize, Serialize};

use super::{RunConfig, balance::Balance};

/// What is added to plain sharing so that factors do not lose by it.
///
/// # Examples
///
/// ```
/// use multitf::train::{Recipe, RunConfig};
///
/// let plain = RunConfig::default();
/// let cured = Recipe::default().of(&plain);
/// assert_ne!(cured.training.balance, plain.training.balance);
/// assert_eq!(cured.training.budget, plain.training.budget);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// What each task weighs in a step. The loss of a factor that is rarely bound is small, and without weights it has
    /// little say in the shared features.
    pub balance: Balance,
    /// Networks that learn from the same samples and whose logits are averaged: what one of them gets wrong by chance, which
    /// is most where positives are few, the others make good.
    pub members: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { balance: Balance::Entropy(1.0), members: 3 }
    }
}

impl Recipe {
    /// Returns the configuration of a cured model, given that of plain sharing.
    pub fn of(&self, plain: &RunConfig) -> RunConfig {
        let mut config = plain.clone();
        config.training.balance = self.balance;
        config.architecture.members = self.members;
        config
    }
}
