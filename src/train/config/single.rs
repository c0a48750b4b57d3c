//! How a model of one factor is trained.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    data::PriorCorrection,
    nn::{Architecture, ModelConfig},
    train::{TrainingConfig, config::training::MAX_BUDGET},
};

/// Settings of the model of one factor, at which single models are strongest (see [`RunConfig::for_single`]).
///
/// [`RunConfig::for_single`]: crate::train::RunConfig::for_single
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Single {
    /// The most samples to draw for each factor, repeats counted. More draws overfit its few bound bins. The default is
    /// 100,000.
    pub budget: usize,
    /// The number of networks that learn from the same samples and whose logits are averaged. The default is 4.
    pub members: usize,
    /// The number of validations, of which the best weights are kept. The default is 1: the weights of the end, where
    /// the learning rate has fallen to 0. The best of several looks at a few bound bins is the luckiest.
    pub looks: usize,
    /// The correction for the drawn share of bound samples (default [`PriorCorrection::None`]). With weights, an
    /// unbound sample of one factor may count hundreds of times as much as a bound one.
    pub correction: PriorCorrection,
}

impl Default for Single {
    fn default() -> Self {
        Self { budget: 100_000, members: 4, looks: 1, correction: PriorCorrection::None }
    }
}

impl Single {
    /// Limits the draws, and raises the members to at least these.
    pub(crate) fn apply(&self, architecture: &mut Architecture, training: &mut TrainingConfig) {
        training.budget = training.budget.min(self.budget);
        training.validate_every = training.budget.div_ceil(self.looks);
        training.sampler.correction = self.correction;
        architecture.members = architecture.members.max(self.members);
    }

    pub(crate) fn validate(&self) -> Result<()> {
        Error::unless_within(1..=MAX_BUDGET, "single.budget", self.budget)?;
        Error::unless_within(1..=MAX_BUDGET, "single.looks", self.looks)?;
        Error::unless_within(1..=ModelConfig::MAX_MEMBERS, "single.members", self.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::RunConfig;

    #[test]
    fn draws_only_fall_and_members_only_rise() {
        let single = Single { budget: 500, members: 2, looks: 4, correction: PriorCorrection::None };
        let mut shared = RunConfig { single, ..RunConfig::default() };
        let single = shared.for_single();
        assert_eq!(
            (single.training.budget, single.training.validate_every, single.architecture.members),
            (500, 125, 2)
        );
        assert_eq!(single.training.sampler.correction, PriorCorrection::None);
        (shared.training.budget, shared.architecture.members) = (300, 3);
        let single = shared.for_single();
        assert_eq!((single.training.budget, single.training.validate_every, single.architecture.members), (300, 75, 3));
        assert_eq!(single.for_single(), single);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let message = |single: Single| single.validate().unwrap_err().to_string();
        let none = message(Single { members: 0, ..Single::default() });
        assert_eq!(none, "single.members: expected at least 1, found 0");
        assert_eq!(message(Single { looks: 0, ..Single::default() }), "single.looks: expected at least 1, found 0");
        assert_eq!(message(Single { budget: 0, ..Single::default() }), "single.budget: expected at least 1, found 0");
    }
}
