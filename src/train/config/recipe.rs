//! The recipe: settings with which factors do not lose by sharing a model.

use serde::{Deserialize, Serialize};

use crate::{
    Error, Result,
    nn::{Architecture, ModelConfig},
    train::{TrainingConfig, config::training::check_epochs},
};

/// Settings of a shared model with which factors do not lose by sharing (see [`RunConfig::for_recipe`]).
///
/// What is left out has a default. Some defaults are others where cell types are held out: what helps in the cell types
/// that a model learns from is not what helps in a cell type that it has never seen.
///
/// [`RunConfig::for_recipe`]: crate::train::RunConfig::for_recipe
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The fewest epochs (see [`TrainingConfig::min_epochs`]). A budget that shows a single-factor model its few bound
    /// samples often may not show a model of all factors each of them once. The default is 6, and 3 where cell types
    /// are held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_epochs: Option<f64>,
    /// The number of networks that learn from the same samples and whose logits are averaged. This removes random
    /// errors, which are largest where positives are few. Each costs as much as the first. The default is 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<usize>,
    /// The largest dropout anywhere. Dropout keeps a single-factor model from overfitting; the factors of a shared
    /// model already regularise each other. The default is 0, and 0.5 where cell types are held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout: Option<f64>,
    /// The number of motifs to discover in the bound training bins of each factor without a known profile, to
    /// initialize filters with. A single-factor model finds its motif more easily, as all samples are its own. The
    /// default is 3, and 0 where cell types are held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discovered: Option<usize>,
    /// How much more often than others the bound samples of rare factors are drawn, at least (see
    /// [`SamplerConfig::rarity`](crate::data::SamplerConfig::rarity)). The default is 0, and 0.5 where cell types are
    /// held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rarity: Option<f64>,
}

impl Recipe {
    /// Returns the settings with their defaults, for a data set that holds cell types out or for one that holds none.
    #[must_use]
    pub fn with_defaults(&self, holds_out_cells: bool) -> Self {
        let (min_epochs, dropout, discovered, rarity) =
            if holds_out_cells { (3.0, 0.5, 0, 0.5) } else { (6.0, 0.0, 3, 0.0) };
        Self {
            min_epochs: self.min_epochs.or(Some(min_epochs)),
            members: self.members.or(Some(4)),
            dropout: self.dropout.or(Some(dropout)),
            discovered: self.discovered.or(Some(discovered)),
            rarity: self.rarity.or(Some(rarity)),
        }
    }

    /// The settings that others set as well, by default those for a data set that holds no cell types out.
    pub(super) fn where_set_in(&self, others: &Self) -> Self {
        let own = self.with_defaults(false);
        Self {
            min_epochs: others.min_epochs.and(own.min_epochs),
            members: others.members.and(own.members),
            dropout: others.dropout.and(own.dropout),
            discovered: others.discovered.and(own.discovered),
            rarity: others.rarity.and(own.rarity),
        }
    }

    /// Raises epochs, members, discovered motifs and the rarity to at least these, and limits dropout.
    pub(crate) fn apply(&self, architecture: &mut Architecture, training: &mut TrainingConfig) {
        let at_least =
            |value: &mut usize, least: Option<usize>| *value = least.map_or(*value, |least| least.max(*value));
        let raise = |value: &mut f64, least: Option<f64>| *value = least.map_or(*value, |least| least.max(*value));
        let Self { min_epochs, members, dropout, discovered, rarity } = self.with_defaults(false);
        raise(&mut training.min_epochs, min_epochs);
        raise(&mut training.sampler.rarity, rarity);
        at_least(&mut architecture.members, members);
        at_least(&mut architecture.discovered, discovered);
        for value in [&mut architecture.motif_dropout, &mut architecture.body_dropout, &mut architecture.hidden_dropout]
        {
            *value = dropout.map_or(*value, |most| most.min(*value));
        }
    }

    pub(crate) fn validate(&self) -> Result<()> {
        let Self { min_epochs, members, dropout, discovered, rarity } = self;
        min_epochs.map_or(Ok(()), |epochs| check_epochs("recipe.min_epochs", epochs))?;
        let within = |bounds, key: &str, value: &Option<usize>| {
            value.map_or(Ok(()), |value| Error::unless_within(bounds, key, value))
        };
        within(1..=ModelConfig::MAX_MEMBERS, "recipe.members", members)?;
        within(0..=Architecture::MAX_DISCOVERED, "recipe.discovered", discovered)?;
        rarity.map_or(Ok(()), |rarity| Error::unless_within(0.0..=1.0, "recipe.rarity", rarity))?;
        let works = |dropout: f64| {
            Error::unless((0.0..1.0).contains(&dropout), "recipe.dropout", "0 to 1, 1 excluded", dropout)
        };
        dropout.map_or(Ok(()), works)
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
        shared.recipe = Recipe {
            min_epochs: Some(12.0),
            members: Some(2),
            dropout: Some(0.25),
            discovered: Some(1),
            rarity: Some(0.5),
        };
        let config = shared.for_recipe();
        assert_eq!((config.training.min_epochs, config.architecture.members), (12.0, 3));
        assert_eq!((config.architecture.motif_dropout, config.architecture.hidden_dropout), (0.1, 0.25));
        assert_eq!((config.architecture.discovered, config.training.sampler.rarity), (5, 0.5));
        assert_eq!(config.for_recipe(), config);
    }

    #[test]
    fn what_is_not_set_depends_on_whether_cell_types_are_held_out() {
        let given = Recipe { members: Some(8), ..Recipe::default() };
        let [known, held_out] = [false, true].map(|holds_out| given.with_defaults(holds_out));
        assert_eq!((known.members, held_out.members), (Some(8), Some(8)));
        assert_eq!((known.dropout, held_out.dropout), (Some(0.0), Some(0.5)));
        assert_eq!((known.discovered, held_out.discovered), (Some(3), Some(0)));
        assert_eq!(known.with_defaults(true), known);
        let config = RunConfig { recipe: given, ..RunConfig::default() };
        let resolved = RunConfig { recipe: known, ..RunConfig::default() };
        assert_eq!(config.for_recipe().architecture, resolved.for_recipe().architecture);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named() {
        let message = |text: &str| toml::from_str::<Recipe>(text).unwrap().validate().unwrap_err().to_string();
        assert_eq!(message("min_epochs = nan"), "recipe.min_epochs: expected 0 to 10000, found NaN");
        assert_eq!(message("members = 0"), "recipe.members: expected at least 1, found 0");
        assert_eq!(message("dropout = 1.0"), "recipe.dropout: expected 0 to 1, 1 excluded, found 1");
        assert_eq!(message("rarity = 2.0"), "recipe.rarity: expected at most 1, found 2");
    }
}
