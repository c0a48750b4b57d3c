//! The treatment of ambiguous labels.

use serde::{Deserialize, Serialize};

use crate::{data::LabelShares, genome::Label};

/// The treatment of ambiguous labels.
///
/// In a `config.toml`: `ambiguous = "masked"`, `"unbound"`, `"class"`, or `{ soft = 0.3 }`.
///
/// | head | `masked` | `unbound` | `class` | `soft` |
/// |---|---|---|---|---|
/// | sigmoid, convex, gated | as missing | not bound | not bound | bound with that probability |
/// | softmax over unbound, bound | as missing | unbound | unbound | that share bound, the rest unbound |
/// | softmax with ambiguous | as missing | unbound | ambiguous | that share bound, the rest unbound |
/// | ordinal | as missing | unbound | ambiguous | that share bound, the rest unbound |
/// | exclusive softmax | as missing | not bound | not bound | bound with that weight |
///
/// With `class`, ambiguous is a class if the head has one for it; otherwise it belongs to the class of not bound.
///
/// # Examples
///
/// ```
/// use multitf::{data::LabelShares, nn::Ambiguous};
///
/// let shares = LabelShares::from_counts([0.0, 90.0, 8.0, 2.0]);
/// assert!((Ambiguous::Masked.apply(shares).prior() - 2.0 / 92.0).abs() < 1e-12);
/// assert!((Ambiguous::Unbound.apply(shares).prior() - 0.02).abs() < 1e-12);
/// assert!((Ambiguous::Soft(0.5).apply(shares).prior() - 0.06).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ambiguous {
    /// As if it were missing.
    #[default]
    Masked,
    /// As if it were unbound.
    Unbound,
    /// A class between unbound and bound.
    Class,
    /// Bound with this probability, from 0 to 1, otherwise unbound.
    Soft(f32),
}

impl Ambiguous {
    /// Returns how much an ambiguous label counts as unbound, ambiguous and bound.
    pub(crate) fn parts(self, has_class: bool) -> [f32; 3] {
        match self {
            Self::Masked => [0.0; 3],
            Self::Class if has_class => [0.0, 1.0, 0.0],
            Self::Unbound | Self::Class => [1.0, 0.0, 0.0],
            Self::Soft(bound) => [1.0 - bound, 0.0, bound],
        }
    }

    /// Returns the shares of labels after this treatment.
    pub fn apply(self, shares: LabelShares) -> LabelShares {
        let ambiguous = shares.get(Label::Ambiguous);
        let [unbound, kept, bound] = self.parts(true).map(|part| f64::from(part) * ambiguous);
        LabelShares::from_counts([
            shares.get(Label::Missing),
            shares.get(Label::Unbound) + unbound,
            kept,
            shares.get(Label::Bound) + bound,
        ])
    }
}
