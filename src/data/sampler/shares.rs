//! The shares of labels.

use serde::{Deserialize, Serialize};

use crate::genome::Label;

/// The share of each label of a task; all sum to 1.
///
/// # Examples
/// ```
/// use multitf::{data::LabelShares, genome::Label};
///
/// let shares = LabelShares::from_counts([50.0, 40.0, 6.0, 4.0]); // missing, unbound, ambiguous, bound
/// assert_eq!(shares.get(Label::Ambiguous), 0.06);
/// assert!((shares.prior() - 1.0 / 11.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelShares([f64; 4]);

impl LabelShares {
    /// Makes shares from counts in the order of [`Label::ALL`]; all 0 where nothing was counted.
    pub fn from_counts(counts: [f64; 4]) -> Self {
        let total: f64 = counts.iter().sum();
        Self(counts.map(|count| if total > 0.0 { count / total } else { 0.0 }))
    }

    /// Returns the share of a label.
    pub fn get(&self, label: Label) -> f64 {
        self.0[label as usize]
    }

    /// Returns the share of bound labels among those that are bound or unbound; 0 if there are none.
    pub fn prior(&self) -> f64 {
        let (bound, unbound) = (self.get(Label::Bound), self.get(Label::Unbound));
        if bound > 0.0 { bound / (bound + unbound) } else { 0.0 }
    }
}
