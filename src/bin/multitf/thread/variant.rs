//! The variants that the thread argued about.

use burn::tensor::{Int, Tensor};
use clap::ValueEnum;
use multitf::{
    genome::Label,
    nn::{Ambiguous, HeadKind, Loss, MaskedMultiTaskBceConfig},
    train::{Fit, RunConfig, TrainingConfig},
};

/// A way of training, right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Variant {
    /// (a) Nothing is masked: missing is a class of its own that each softmax learns.
    MaskIgnored,
    /// (a') Missing is taken for unbound.
    MissingUnbound,
    /// (b) The mask is inverted: loss where a label is missing, and none elsewhere.
    MaskInverted,
    /// (c) Ambiguous is taken for unbound.
    AmbiguousUnbound,
    /// (d) One softmax across all factors.
    ExclusiveSoftmax,
    /// (e) A masked sigmoid for each factor.
    MaskedSigmoid,
    /// (f) A masked softmax over unbound, ambiguous and bound for each factor.
    MaskedSoftmax,
    /// (g) Ordered classes, masked.
    Ordinal,
    /// (h) Convex combinations of shared features, masked.
    Convex,
    /// (i) One model for each factor.
    Single,
}

impl Variant {
    /// All variants with one shared model.
    pub fn shared() -> impl Iterator<Item = Self> {
        Self::value_variants().iter().copied().filter(|variant| *variant != Self::Single)
    }

    /// The name in files.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// The description in the help.
    pub fn description(self) -> String {
        let value = self.to_possible_value();
        value.and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }

    /// Whether it mistreats labels.
    pub fn is_mistake(self) -> bool {
        matches!(self, Self::MaskIgnored | Self::MissingUnbound | Self::MaskInverted | Self::ExclusiveSoftmax)
    }

    /// The configuration: that of the masked sigmoid, except for what the variant changes.
    pub fn config(self, base: &RunConfig) -> RunConfig {
        let mut config = base.clone();
        (config.architecture.head, config.training.ambiguous) = match self {
            Self::MaskIgnored => (HeadKind::Softmax { classes: Label::ALL.to_vec() }, Ambiguous::Class),
            Self::AmbiguousUnbound => (HeadKind::Sigmoid, Ambiguous::Unbound),
            Self::ExclusiveSoftmax => (HeadKind::ExclusiveSoftmax, Ambiguous::Masked),
            Self::MaskedSoftmax => (HeadKind::Softmax { classes: Label::ALL[1..].to_vec() }, Ambiguous::Class),
            Self::Ordinal => (HeadKind::Ordinal { shared_gap: false }, Ambiguous::Class),
            Self::Convex => (HeadKind::Convex, Ambiguous::Masked),
            Self::MissingUnbound | Self::MaskInverted | Self::MaskedSigmoid | Self::Single => {
                (HeadKind::Sigmoid, Ambiguous::Masked)
            }
        };
        config
    }

    /// Makes the variant's mistake in a fit, if it has one. The mask audit would refuse to train with it.
    pub fn apply_mistake<'a>(self, fit: Fit<'a>, training: &TrainingConfig) -> Fit<'a> {
        match self {
            Self::MaskIgnored => fit.without_audit(),
            Self::MissingUnbound => fit.with_loss(self.name(), wrong_mask(training, known_or_missing)).without_audit(),
            Self::MaskInverted => fit.with_loss(self.name(), wrong_mask(training, missing)).without_audit(),
            _ => fit,
        }
    }
}

/// The masked sigmoid's loss with a wrong mask: it counts the labels for which `observed` is 1. A missing label has the
/// value 0, as unbound has.
fn wrong_mask(training: &TrainingConfig, observed: fn(Tensor<2, Int>) -> Tensor<2>) -> impl Loss + 'static {
    let loss = MaskedMultiTaskBceConfig::new().with_mean(training.task_mean).init();
    move |logits: Tensor<3>, labels: Tensor<2, Int>, weights: Option<Tensor<1>>| {
        let bound = labels.clone().equal_elem(Label::Bound as i32).float();
        loss.forward(logits.squeeze_dim(2), bound, observed(labels), weights)
    }
}

fn known_or_missing(labels: Tensor<2, Int>) -> Tensor<2> {
    labels.equal_elem(Label::Ambiguous as i32).float().neg() + 1.0
}

fn missing(labels: Tensor<2, Int>) -> Tensor<2> {
    labels.equal_elem(Label::Missing as i32).float()
}
