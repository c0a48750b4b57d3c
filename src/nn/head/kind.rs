//! The kinds of heads.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, genome::Label, nn::trunk::MAX_SIZE};

/// The kind of a head, as in a `config.toml`.
///
/// | `head =` | head |
/// |---|---|
/// | `"sigmoid"` | [`SigmoidHead`](super::SigmoidHead) |
/// | `{ softmax = { classes = ["unbound", "bound"] } }` | [`SoftmaxHead`](super::SoftmaxHead) |
/// | `{ softmax = { classes = ["unbound", "ambiguous", "bound"] } }` | the same, with ambiguous as a class |
/// | `{ ordinal = { shared_gap = false } }` | [`OrdinalHead`](super::OrdinalHead) |
/// | `"convex"` | [`ConvexHead`](super::ConvexHead) |
/// | `{ gated = { shared = 4, features = 32 } }` | [`GatedExpertsHead`](super::GatedExpertsHead) |
/// | `"exclusive-softmax"` | [`ExclusiveSoftmaxHead`](super::ExclusiveSoftmaxHead) |
///
/// # Examples
///
/// ```
/// use multitf::{genome::Label, nn::HeadKind};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     head: HeadKind,
/// }
/// let config: Config = toml::from_str(r#"head = { softmax = { classes = ["unbound", "bound"] } }"#)?;
/// assert_eq!(config.head, HeadKind::Softmax { classes: vec![Label::Unbound, Label::Bound] });
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum HeadKind {
    /// A logistic regression for each task.
    #[default]
    Sigmoid,
    /// A softmax over classes for each task.
    Softmax {
        /// The labels that are classes, in rising order; the last is `bound`.
        classes: Vec<Label>,
    },
    /// Ordered classes for each task: unbound < ambiguous < bound.
    Ordinal {
        /// Whether the gap between the thresholds is one for all tasks.
        shared_gap: bool,
    },
    /// A mixture of features for each task.
    Convex,
    /// Experts of all tasks and of each one, mixed by a gate for each task.
    Gated {
        /// Experts that all tasks share.
        shared: usize,
        /// Features of an expert.
        features: usize,
    },
    /// One softmax across tasks: a common mistake, kept to measure its cost.
    ExclusiveSoftmax,
}

impl HeadKind {
    /// Returns the number of weights and biases, or `None` if it exceeds a `usize`.
    pub(in crate::nn) fn num_params(&self, features: usize, tasks: usize) -> Option<usize> {
        let linear = features.checked_add(1)?.checked_mul(tasks)?;
        match self {
            Self::Sigmoid | Self::ExclusiveSoftmax => Some(linear),
            Self::Softmax { classes } => linear.checked_mul(classes.len()),
            Self::Ordinal { shared_gap } => linear.checked_add(if *shared_gap { 1 } else { tasks }),
            // A mixture has weights for two constants and a shift as well.
            Self::Convex => features.checked_add(3)?.checked_mul(tasks),
            Self::Gated { shared, features: width } => {
                let experts = shared.checked_add(tasks)?.checked_mul(*width)?;
                let gates = shared.checked_add(1)?.checked_mul(tasks)?;
                let layers = features.checked_add(1)?.checked_mul(experts.checked_add(gates)?)?;
                width.checked_add(1)?.checked_mul(tasks)?.checked_add(layers)
            }
        }
    }

    /// Returns the number of values that an adapter adds to the logits of a task: ordered classes move together.
    pub(in crate::nn) fn adapter_outputs(&self) -> usize {
        match self {
            Self::Softmax { classes } => classes.len(),
            Self::Sigmoid | Self::Ordinal { .. } | Self::Convex | Self::Gated { .. } | Self::ExclusiveSoftmax => 1,
        }
    }

    /// Checks the settings of the head.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for classes that are not at least two in rising order, `bound` the last, or experts without
    /// features.
    pub fn validate(&self) -> Result<()> {
        if let Self::Gated { shared, features } = self {
            Error::unless_within(0..=MAX_SIZE, "architecture.head.gated.shared", *shared)?;
            return Error::unless_within(1..=MAX_SIZE, "architecture.head.gated.features", *features);
        }
        let Self::Softmax { classes } = self else { return Ok(()) };
        let works = classes.len() >= 2 && classes.is_sorted_by(|a, b| a < b) && classes.last() == Some(&Label::Bound);
        let found = format!("{classes:?}").to_lowercase();
        let expected = "at least two labels in rising order, bound the last";
        Error::unless(works, "architecture.head.softmax.classes", expected, found)
    }
}
