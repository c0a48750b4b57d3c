//! The recipe: settings with which factors do not lose by sharing a model.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    nn::{Architecture, ModelConfig},
    train::{TrainingConfig, config::training::check_epochs},
};

/// Settings of a shared model with which factors do not lose by sharing (see [`RunConfig::for_recipe`]).
///
/// [`RunConfig::for_recipe`]: crate::train::RunConfig::for_recipe
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The fewest epochs (see [`TrainingConfig::min_epochs`]). A budget that shows a single-factor model its few bound
    /// samples often may not show a model of all factors each of them once. The default is 6.
    pub min_epochs: f64,
    /// The number of networks that learn from the same samples and whose logits are averaged. This removes random
    /// errors, which are largest where positives are few. Each costs as much as the first. The default is 4.
    pub members: usize,
    /// The largest dropout anywhere. Dropout keeps a single-factor model from overfitting; the factors of a shared
    /// model already regularise each other. The default is 0.
    pub dropout: f64,
    /// The number of motifs to discover in the bound training bins of each factor without a known profile, to
    /// initialize filters with. A single-factor model finds its motif more easily, as all samples are its own. The
    /// default is 3.
    pub discovered: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { min_epochs: 6.0, members: 4, dropout: 0.0, discovered: 3 }
    }
}

impl Recipe {
    /// Raises epochs, members and discovered motifs to at least these, and limits dropout.
    pub(crate) fn apply(&self, architecture: &mut Architecture, training: &mut TrainingConfig) {
        training.min_epochs = training.min_epochs.max(self.min_epochs);
        architecture.members = architecture.members.max(self.members);
        architecture.discovered = architecture.discovered.max(self.discovered);
        for dropout in
            [&mut architecture.motif_dropout, &mut architecture.body_dropout, &mut architecture.hidden_dropout]
        {
            *dropout = dropout.min(self.dropout);
        }
    }

    pub(crate) fn validate(&self) -> Result<()> {
        check_epochs("recipe.min_epochs", self.min_epochs)?;
        Error::unless_within(1..=ModelConfig::MAX_MEMBERS, "recipe.members", self.members)?;
        Error::unless_within(0..=Architecture::MAX_DISCOVERED, "recipe.discovered", self.discovered)?;
        let works = (0.0..1.0).contains(&self.dropout);
        Error::unless(works, "recipe.dropout", "0 to 1, 1 excluded", self.dropout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::RunConfig;

    #[test]
    fn larger_settings_are_kept_and_dropout_only_falls() {
        let mut shared = RunConfig::default();
        shared.architecture.motif_dropout = 0.1;
        shared.architecture.hidden_dropout = 0.5;
        (shared.architecture.members, shared.architecture.discovered) = (3, 5);
        shared.recipe = Recipe { min_epochs: 12.0, members: 2, dropout: 0.25, discovered: 1 };
        let config = shared.for_recipe();
        assert_eq!((config.training.min_epochs, config.architecture.members), (12.0, 3));
        assert_eq!((config.architecture.motif_dropout, config.architecture.hidden_dropout), (0.1, 0.25));
        assert_eq!(config.architecture.discovered, 5);
        assert_eq!(config.for_recipe(), config);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let message = |recipe: Recipe| recipe.validate().unwrap_err().to_string();
        let recipe = Recipe::default();
        let epochs = message(Recipe { min_epochs: f64::NAN, ..recipe.clone() });
        assert_eq!(epochs, "recipe.min_epochs: expected 0 to 10000, found NaN");
        assert_eq!(message(Recipe { members: 0, ..recipe.clone() }), "recipe.members: expected at least 1, found 0");
        assert_eq!(message(Recipe { dropout: 1.0, ..recipe }), "recipe.dropout: expected 0 to 1, 1 excluded, found 1");
    }
}
