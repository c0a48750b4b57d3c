use serde::{Deserialize, Serialize};

use super::{RunConfig, config::check_epochs};
use crate::{Error, Result};

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
/// assert!(cured.architecture.hidden_dropout < plain.architecture.hidden_dropout);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// Epochs at least, but no more draws than one model for each factor makes together (see
    /// [`TrainingConfig::min_epochs`](super::TrainingConfig::min_epochs)). A model of one factor goes through its few bound
    /// samples often in a budget that does not suffice to show a model of all factors each of theirs once. The default is 6.
    pub min_epochs: f64,
    /// Networks that learn from the same samples and whose logits are averaged: what one of them gets wrong by chance, which
    /// is most where positives are few, the others make good. Each costs as much as the first. The default is 4.
    pub members: usize,
    /// The most dropout anywhere. What keeps a model of one factor from learning its few bound samples by heart is in the way of
    /// one whose factors keep each other from it. The default is 0.
    pub dropout: f64,
    /// Motifs to look for in the bound training bins of each factor that the data set has no profile of, so that filters start
    /// from them. A model of one factor has all of its samples to come upon its motif, one of many has a few in each step.
    /// The default is 3.
    pub discovered: usize,
}

impl Default for Recipe {
    fn default() -> Self {
        Self { min_epochs: 6.0, members: 4, dropout: 0.0, discovered: 3 }
    }
}

impl Recipe {
    /// Returns the configuration of a cured model, given that of plain sharing. It keeps what that has more of epochs,
    /// members and motifs to start from, and what it has less of dropout.
    pub fn of(&self, plain: &RunConfig) -> RunConfig {
        let mut config = plain.clone();
        let (architecture, training) = (&mut config.architecture, &mut config.training);
        training.min_epochs = training.min_epochs.max(self.min_epochs);
        architecture.members = architecture.members.max(self.members);
        architecture.discovered = architecture.discovered.max(self.discovered);
        for dropout in
            [&mut architecture.motif_dropout, &mut architecture.body_dropout, &mut architecture.hidden_dropout]
        {
            *dropout = dropout.min(self.dropout);
        }
        config
    }

    pub(super) fn validate(&self) -> Result<()> {
        check_epochs("recipe.min_epochs", self.min_epochs)?;
        Error::unless(self.members > 0, "recipe.members".into(), "at least 1", self.members)?;
        let works = (0.0..1.0).contains(&self.dropout);
        Error::unless(works, "recipe.dropout".into(), "0 to 1, 1 excluded", self.dropout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plain_configuration_has_more_of_it_keeps_and_dropout_only_falls() {
        let mut plain = RunConfig::default();
        plain.architecture.motif_dropout = 0.1;
        plain.architecture.hidden_dropout = 0.5;
        (plain.architecture.members, plain.architecture.discovered) = (3, 5);
        let recipe = Recipe { min_epochs: 12.0, members: 2, dropout: 0.25, discovered: 1 };
        let cured = recipe.of(&plain);
        assert_eq!((cured.training.min_epochs, cured.architecture.members), (12.0, 3));
        assert_eq!((cured.architecture.motif_dropout, cured.architecture.hidden_dropout), (0.1, 0.25));
        assert_eq!(cured.architecture.discovered, 5);
        assert_eq!(recipe.of(&cured), cured);
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
