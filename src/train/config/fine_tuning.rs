//! How copies of a shared model are fine-tuned.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    train::{TrainingConfig, config::training::MAX_BUDGET},
};

/// How a copy of a shared model is fine-tuned for one factor (see [`RunConfig::for_fine_tuning`]).
///
/// [`RunConfig::for_fine_tuning`]: crate::train::RunConfig::for_fine_tuning
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FineTuning {
    /// The number of samples to draw for each factor, repeats counted (default 40,000).
    pub budget: usize,
    /// The highest learning rate of the cycle (default 0.0002).
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
    /// Replaces the settings of the shared model's training.
    pub(crate) fn apply(&self, training: &mut TrainingConfig) {
        training.budget = self.budget;
        training.min_epochs = 0.0;
        training.learning_rate = self.learning_rate;
        training.validate_every = self.validate_every;
    }

    /// Limits the budget, and validates as often within it.
    pub(crate) fn with_budget_at_most(&self, budget: usize) -> Self {
        if budget >= self.budget {
            return self.clone();
        }
        let validate_every = self.validate_every as f64 * budget as f64 / self.budget as f64;
        Self { budget, validate_every: (validate_every.round() as usize).max(1), ..self.clone() }
    }

    pub(crate) fn validate(&self) -> Result<()> {
        let key = |key: &str| format!("fine_tuning.{key}");
        Error::unless_within(1..=MAX_BUDGET, key("budget"), self.budget)?;
        Error::unless_within(1..=MAX_BUDGET, key("validate_every"), self.validate_every)?;
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
            let cut = FineTuning::default().with_budget_at_most(budget);
            (cut.budget, cut.validate_every)
        };
        assert_eq!([within(40_001), within(40_000)], [(40_000, 4_000); 2]);
        assert_eq!([within(10_000), within(3)], [(10_000, 1_000), (3, 1)]);
        assert_eq!(FineTuning::default().with_budget_at_most(10).learning_rate, FineTuning::default().learning_rate);
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
