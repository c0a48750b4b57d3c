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
/// assert!(cured.training.min_epochs > plain.training.min_epochs);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Epochs at least, but no more draws than one model for each factor makes together (see
    /// [`TrainingConfig::min_epochs`](super::TrainingConfig::min_epochs)). A model of one factor goes through its few bound
    /// samples often in a budget that does not suffice to show a model of all factors each of theirs once.
    pub min_epochs: f64,
    /// Networks that learn from the same samples and whose logits are averaged: what one of them gets wrong by chance, which
    /// is most where positives are few, the others make good. Each costs as much as the first.
    pub members: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { min_epochs: 12.0, members: 2 }
    }
}

impl Recipe {
    /// Returns the configuration of a cured model, given that of plain sharing. What that has more of it keeps.
    pub fn of(&self, plain: &RunConfig) -> RunConfig {
        let mut config = plain.clone();
        let (architecture, training) = (&mut config.architecture, &mut config.training);
        training.min_epochs = training.min_epochs.max(self.min_epochs);
        architecture.members = architecture.members.max(self.members);
        config
    }
}
