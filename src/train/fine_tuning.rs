use serde::{Deserialize, Serialize};

use super::RunConfig;
use crate::{Error, Result};

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
    /// Samples that may be drawn for each factor, repeats counted (default 40,000).
    pub budget: usize,
    /// The greatest learning rate of the cycle (default 0.0002).
    pub learning_rate: f64,
    /// Samples between two validations (default 4,000).
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

    /// The same with a budget of no more than this, and as many validations.
    pub(super) fn within(&self, budget: usize) -> Self {
        if budget >= self.budget {
            return self.clone();
        }
        let validate_every = self.validate_every as f64 * budget as f64 / self.budget as f64;
        Self { budget, validate_every: (validate_every.round() as usize).max(1), ..self.clone() }
    }

    pub(super) fn validate(&self) -> Result<()> {
        let key = |key: &str| format!("fine_tuning.{key}");
        Error::unless(self.budget > 0, key("budget"), "at least 1", self.budget)?;
        Error::unless(self.validate_every > 0, key("validate_every"), "at least 1", self.validate_every)?;
        let rate = self.learning_rate;
        Error::unless(rate.is_finite() && rate > 0.0, key("learning_rate"), "a number above 0", rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_cut_with_the_samples_between_validations_and_never_raised() {
        let within = |budget| {
            let cut = FineTuning::default().within(budget);
            (cut.budget, cut.validate_every)
        };
        assert_eq!([within(40_001), within(40_000)], [(40_000, 4_000); 2]);
        assert_eq!([within(10_000), within(3)], [(10_000, 1_000), (3, 1)]);
        assert_eq!(FineTuning::default().within(10).learning_rate, FineTuning::default().learning_rate);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let message = |tuning: FineTuning| tuning.validate().unwrap_err().to_string();
        let tuning = FineTuning::default();
        assert_eq!(
            message(FineTuning { budget: 0, ..tuning.clone() }),
            "fine_tuning.budget: expected at least 1, found 0"
        );
        assert_eq!(
            message(FineTuning { validate_every: 0, ..tuning.clone() }),
            "fine_tuning.validate_every: expected at least 1, found 0"
        );
        assert_eq!(
            message(FineTuning { learning_rate: f64::NAN, ..tuning }),
            "fine_tuning.learning_rate: expected a number above 0, found NaN"
        );
    }
}
