use serde::{Deserialize, Serialize};

use super::RunConfig;

/// How a copy of a shared model is trained on for one factor alone.
///
/// # Examples
///
/// ```
/// use multitf::train::{FineTuning, RunConfig};
///
/// let config = FineTuning::default().of(&RunConfig::default());
/// assert!(config.training.learning_rate < RunConfig::default().training.learning_rate);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTuning {
    /// Samples that may be drawn for each factor, repeats counted.
    pub budget: usize,
    /// The greatest learning rate of the cycle.
    pub learning_rate: f64,
    /// Samples between two validations.
    pub validate_every: usize,
}

impl Default for FineTuning {
    fn default() -> Self {
        Self { budget: 40_000, learning_rate: 2e-4, validate_every: 4_000 }
    }
}

impl FineTuning {
    /// Returns the configuration of a copy's training, given that of the shared model.
    pub fn of(&self, shared: &RunConfig) -> RunConfig {
        let mut config = shared.clone();
        config.training.budget = self.budget;
        config.training.min_epochs = 0.0;
        config.training.learning_rate = self.learning_rate;
        config.training.validate_every = self.validate_every;
        config
    }
}
