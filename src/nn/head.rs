//! Heads: from shared features to a prediction for each task.
//!
//! All heads have one interface, [`TaskHead`], so that one line of a model's configuration chooses its head.

pub(super) mod columns;
mod convex;
mod exclusive;
mod gated;
mod host_head;
mod kind;
mod linear;
mod ordinal;
mod sigmoid;
mod softmax;
mod task_head;
#[cfg(test)]
mod tests;

use burn::{
    config::Config,
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

pub(super) use self::host_head::HostHead;
pub use self::{
    convex::{ConvexHead, ConvexHeadConfig, MixtureTerm},
    exclusive::{ExclusiveSoftmaxHead, ExclusiveSoftmaxHeadConfig},
    gated::{GatedExpertsHead, GatedExpertsHeadConfig},
    kind::HeadKind,
    ordinal::{OrdinalHead, OrdinalHeadConfig},
    sigmoid::{SigmoidHead, SigmoidHeadConfig},
    softmax::{SoftmaxHead, SoftmaxHeadConfig},
    task_head::TaskHead,
};
use super::ops::host::dense::Dense;
use crate::{data::LabelShares, genome::Label};

/// Configuration of [`Head`].
#[derive(Config, Debug)]
pub struct HeadConfig {
    /// The kind of head.
    pub kind: HeadKind,
    /// Number of shared features.
    pub features: usize,
    /// Number of tasks.
    pub tasks: usize,
    /// The share of each label of each task in the training data: the head predicts it at first, so that it need not
    /// learn how rare binding is. Default: all classes alike.
    pub shares: Option<Vec<LabelShares>>,
    /// Seed of the initial weights, which are the same on every backend (default 0).
    #[config(default = 0)]
    pub seed: u64,
}

impl HeadConfig {
    /// Makes the head.
    ///
    /// # Panics
    ///
    /// Panics if the number of shares is not that of the tasks, or as the configuration of the kind does.
    pub fn init(&self, device: &Device) -> Head {
        let (features, tasks, seed) = (self.features, self.tasks, self.seed);
        let priors = self.per_task(|shares| class_shares(shares, &Label::ALL[1..])[2]);
        match &self.kind {
            HeadKind::Sigmoid => {
                let config = SigmoidHeadConfig::new(features, tasks).with_priors(priors).with_seed(seed);
                Head::Sigmoid(config.init(device))
            }
            HeadKind::Softmax { classes } => {
                let priors = self.per_task(|shares| class_shares(shares, classes));
                let config = SoftmaxHeadConfig::new(features, tasks).with_classes(classes.clone());
                Head::Softmax(config.with_priors(priors).with_seed(seed).init(device))
            }
            HeadKind::Ordinal { shared_gap } => {
                let priors = self.per_task(|shares| {
                    let shares = class_shares(shares, &Label::ALL[1..]);
                    [shares[1] + shares[2], shares[2]]
                });
                let config = OrdinalHeadConfig::new(features, tasks).with_shared_gap(*shared_gap);
                Head::Ordinal(config.with_priors(priors).with_seed(seed).init(device))
            }
            HeadKind::Convex => Head::Convex(ConvexHeadConfig::new(features, tasks).with_priors(priors).init(device)),
            HeadKind::Gated { shared, features: width } => {
                let config = GatedExpertsHeadConfig::new(features, tasks, *shared, *width).with_priors(priors);
                Head::Gated(config.with_seed(seed).init(device))
            }
            HeadKind::ExclusiveSoftmax => {
                let config = ExclusiveSoftmaxHeadConfig::new(features, tasks).with_priors(priors);
                Head::ExclusiveSoftmax(config.with_seed(seed).init(device))
            }
        }
    }

    fn per_task<T>(&self, value: impl Fn(&LabelShares) -> T) -> Option<Vec<T>> {
        self.shares.as_ref().map(|shares| shares.iter().map(value).collect())
    }
}

/// The share of each class among the classes; none is quite 0, so that its log-odds are finite.
fn class_shares(shares: &LabelShares, classes: &[Label]) -> Vec<f64> {
    const LEAST: f64 = 1e-6;
    let total: f64 = classes.iter().map(|class| shares.get(*class)).sum();
    let clamped: Vec<f64> =
        classes.iter().map(|class| if total > 0.0 { shares.get(*class) / total } else { 0.0 }.max(LEAST)).collect();
    let total: f64 = clamped.iter().sum();
    clamped.iter().map(|share| share / total).collect()
}

/// One of the heads.
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use multitf::nn::{HeadConfig, HeadKind, TaskHead};
///
/// let device = Device::default();
/// for kind in [HeadKind::Sigmoid, HeadKind::Convex, HeadKind::ExclusiveSoftmax] {
///     let head = HeadConfig::new(kind, 8, 3).init(&device);
///     let logits = head.forward(Tensor::ones([5, 8], &device));
///     assert_eq!(head.bound_probability(logits).dims(), [5, 3]);
/// }
/// ```
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A model has one head.
pub enum Head {
    /// A logistic regression for each task.
    Sigmoid(SigmoidHead),
    /// A softmax over classes for each task.
    Softmax(SoftmaxHead),
    /// Ordered classes for each task.
    Ordinal(OrdinalHead),
    /// A mixture of features for each task.
    Convex(ConvexHead),
    /// Shared and private experts, mixed by a gate for each task.
    Gated(GatedExpertsHead),
    /// One softmax across tasks.
    ExclusiveSoftmax(ExclusiveSoftmaxHead),
}

/// The meaning of a head's logits.
pub(super) enum LogitKind<'a> {
    /// A task's log-odds of being bound.
    Binary,
    /// A softmax over labels.
    Classes(&'a [Label]),
    /// The log-odds of being at least ambiguous, and of being bound.
    Ordinal,
    /// A softmax over tasks.
    Exclusive,
}

impl Head {
    /// Computes the logits (see [`TaskHead::forward`]).
    pub fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        self.as_task_head().forward(features)
    }

    /// Returns the head as its interface.
    pub fn as_task_head(&self) -> &dyn TaskHead {
        match self {
            Self::Sigmoid(head) => head,
            Self::Softmax(head) => head,
            Self::Ordinal(head) => head,
            Self::Convex(head) => head,
            Self::Gated(head) => head,
            Self::ExclusiveSoftmax(head) => head,
        }
    }

    /// Returns the number of tasks.
    pub(super) fn tasks(&self) -> usize {
        match self {
            Self::Sigmoid(head) => head.linear.weight.dims()[1],
            Self::Softmax(head) => head.linear.weight.dims()[1] / head.classes().len(),
            Self::Ordinal(head) => head.linear.weight.dims()[1],
            Self::Convex(head) => head.mixture.dims()[0],
            Self::Gated(head) => head.weight.dims()[0],
            Self::ExclusiveSoftmax(head) => head.linear.weight.dims()[1],
        }
    }

    /// Returns the meaning of the logits, by which they get their loss.
    pub(super) fn logit_kind(&self) -> LogitKind<'_> {
        match self {
            Self::Sigmoid(_) | Self::Convex(_) | Self::Gated(_) => LogitKind::Binary,
            Self::Softmax(head) => LogitKind::Classes(head.classes()),
            Self::Ordinal(_) => LogitKind::Ordinal,
            Self::ExclusiveSoftmax(_) => LogitKind::Exclusive,
        }
    }

    /// Copies the head to the host's memory, for one sample at a time.
    pub(super) fn to_host(&self) -> Box<dyn HostHead> {
        match self {
            Self::Sigmoid(head) => Box::new(Dense::new(&head.linear)),
            Self::Softmax(head) => head.to_host(),
            // The log-odds of being bound alone.
            Self::Ordinal(head) => Box::new(Dense::new(&head.linear)),
            Self::Convex(head) => head.to_host(),
            Self::Gated(head) => head.to_host(),
            Self::ExclusiveSoftmax(head) => head.to_host(),
        }
    }

    /// Returns the settings by which heads with weights of the same shapes differ.
    pub(super) fn description(&self) -> String {
        match self {
            Self::Sigmoid(_) => "sigmoid".into(),
            Self::Softmax(head) => format!("softmax of {:?}", head.classes()).to_lowercase(),
            Self::Ordinal(_) => "ordinal".into(),
            Self::Convex(_) => "convex".into(),
            Self::Gated(_) => "gated".into(),
            Self::ExclusiveSoftmax(_) => "exclusive softmax".into(),
        }
    }

    /// Returns the layer whose outputs are the logits, if the head has no other parameters.
    pub(crate) fn linear(&self) -> Option<&Linear> {
        match self {
            Self::Sigmoid(head) => Some(&head.linear),
            _ => None,
        }
    }

    /// Returns the head of some of the tasks, with zeros for `None`, if all of its parameters belong to a task each.
    pub(super) fn with_columns(&self, wanted: &[Option<usize>]) -> Option<Self> {
        match self {
            Self::Sigmoid(head) => Some(Self::Sigmoid(head.with_columns(wanted))),
            _ => None,
        }
    }

    /// Adds a constant to each task's log-odds of being bound, to correct for a change of the odds in training.
    pub(crate) fn shifted(self, shifts: &[f64]) -> Self {
        match self {
            Self::Sigmoid(head) => Self::Sigmoid(head.shifted(shifts)),
            Self::Softmax(head) => Self::Softmax(head.shifted(shifts)),
            Self::Ordinal(head) => Self::Ordinal(head.shifted(shifts)),
            Self::Convex(head) => Self::Convex(head.shifted(shifts)),
            Self::Gated(head) => Self::Gated(head.shifted(shifts)),
            Self::ExclusiveSoftmax(head) => Self::ExclusiveSoftmax(head.shifted(shifts)),
        }
    }
}

impl TaskHead for Head {
    fn forward(&self, features: Tensor<2>) -> Tensor<3> {
        self.as_task_head().forward(features)
    }

    fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
        self.as_task_head().bound_log_odds(logits)
    }
}
