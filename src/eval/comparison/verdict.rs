//! What a comparison says about two models.

use std::fmt;

use serde::Serialize;

use crate::eval::Reason;

/// A difference is significant below this false discovery rate.
pub const SIGNIFICANT_Q: f64 = 0.05;

/// Two models are equal where the interval of their difference lies within this distance of 0.
pub const EQUAL_WITHIN: f64 = 0.02;

/// Fewer training seeds than this on each side allow no verdict: they do not show how much a model varies between
/// trainings.
pub const MIN_SEEDS: usize = 2;

/// There is no verdict if bound bins, or unbound bins, lie in fewer blocks of the genome than this.
///
/// Provisional. In simulated tracks without a difference the 95 % interval of the block bootstrap held 0 in 69 to 73 %
/// with bound bins in 2 blocks, 83 to 85 % in 3, 88 to 90 % in 5, 91 to 92 % in 10, and 94 % in 40; any of 20 such
/// tracks had q < .05 in all families with 2 blocks, 28 to 45 % with 5, 10 to 18 % with 10, and 5 to 13 % with 40
/// (`tests/oracles/few_blocks.py`). Nothing can be said about blocks that were never seen. A better number needs an
/// interval that is right for few blocks and few seeds.
pub const MIN_BLOCKS: u64 = 10;

/// What a comparison says about model a, compared with model b.
///
/// With one seed, or bound bins in few blocks of the genome, intervals are too narrow and there are too many false
/// discoveries. A published verdict is then `Undecided`, whatever the numbers say, and comes with a [`Reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Model a scores higher, at q < [`SIGNIFICANT_Q`].
    Better,
    /// Model a scores lower, at q < [`SIGNIFICANT_Q`].
    Worse,
    /// No significant difference, and the interval excludes any above [`EQUAL_WITHIN`].
    Equal,
    /// None of these: the data cannot tell, or there are too few.
    Undecided,
}

impl Verdict {
    /// All verdicts, in the order in which reports list them.
    pub const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::Equal, Self::Undecided];

    /// Judges a difference a - b by its interval and its q-value alone.
    ///
    /// A significant difference is `Better` or `Worse` however small it is.
    ///
    /// ```
    /// use multitf::eval::Verdict;
    ///
    /// assert_eq!(Verdict::new(0.1, (0.05, 0.15), 0.001), Verdict::Better);
    /// assert_eq!(Verdict::new(0.0, (-0.01, 0.01), 0.8), Verdict::Equal);
    /// assert_eq!(Verdict::new(0.0, (-0.1, 0.1), 0.8), Verdict::Undecided);
    /// ```
    pub fn new(delta: f64, (low, high): (f64, f64), q: f64) -> Self {
        if q < SIGNIFICANT_Q && delta > 0.0 {
            Self::Better
        } else if q < SIGNIFICANT_Q && delta < 0.0 {
            Self::Worse
        } else if low >= -EQUAL_WITHIN && high <= EQUAL_WITHIN {
            Self::Equal
        } else {
            Self::Undecided
        }
    }

    /// Returns the word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equal => "equal",
            Self::Undecided => "undecided",
        }
    }

    /// Returns whether the data exclude that a model is worse by more than [`EQUAL_WITHIN`]; `None` without a
    /// difference.
    ///
    /// The interval of the difference must exclude it, and its width must be the only obstacle to a verdict.
    pub(crate) fn excludes_loss(low: Option<f64>, reason: Option<&Reason>) -> Option<bool> {
        let can_be_judged = reason.is_none_or(|reason| *reason == Reason::WideInterval);
        low.map(|low| can_be_judged && low >= -EQUAL_WITHIN)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_significant_difference_wins_over_a_narrow_interval() {
        assert_eq!(Verdict::new(0.01, (0.005, 0.015), 0.01), Verdict::Better);
        assert_eq!(Verdict::new(-0.01, (-0.015, -0.005), 0.01), Verdict::Worse);
    }

    #[test]
    fn a_loss_is_excluded_by_an_interval_that_can_be_trusted() {
        assert_eq!(Verdict::excludes_loss(Some(-0.02), None), Some(true));
        assert_eq!(Verdict::excludes_loss(Some(-0.02), Some(&Reason::WideInterval)), Some(true));
        assert_eq!(Verdict::excludes_loss(Some(-0.021), Some(&Reason::WideInterval)), Some(false));
        assert_eq!(Verdict::excludes_loss(Some(0.1), Some(&Reason::OneSeed)), Some(false));
        assert_eq!(Verdict::excludes_loss(None, Some(&Reason::NoBoundBin)), None);
    }

    #[test]
    fn limits_belong_to_equal_and_not_to_significance() {
        assert_eq!(Verdict::new(0.01, (-0.02, 0.02), 0.05), Verdict::Equal);
        assert_eq!(Verdict::new(0.01, (-0.02, 0.021), 0.05), Verdict::Undecided);
        assert_eq!(Verdict::new(0.0, (0.0, 0.0), 1.0), Verdict::Equal);
    }
}
