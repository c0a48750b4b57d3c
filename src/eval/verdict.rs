//! What a comparison says about two models.

use std::fmt;

use serde::Serialize;

/// A difference is significant below this false discovery rate.
pub const SIGNIFICANT_Q: f64 = 0.05;

/// Two models are equal where the interval of their difference lies within this distance of 0.
pub const EQUAL_WITHIN: f64 = 0.02;

/// What a comparison says about model a, compared with model b.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Model a scores higher, at q < [`SIGNIFICANT_Q`].
    Better,
    /// Model a scores lower, at q < [`SIGNIFICANT_Q`].
    Worse,
    /// No significant difference, and the interval excludes any above [`EQUAL_WITHIN`].
    Equal,
    /// None of these: the data cannot tell.
    Undecided,
}

impl Verdict {
    /// All verdicts, in the order in which reports list them.
    pub const ALL: [Self; 4] = [Self::Better, Self::Worse, Self::Equal, Self::Undecided];

    /// Judges a difference a - b with its interval and its q-value.
    ///
    /// A significant difference is `Better` or `Worse` however small it is.
    ///
    /// ```
    /// use multitf::eval::verdict::Verdict;
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

    /// Returns the word that stands in a table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Equal => "equal",
            Self::Undecided => "undecided",
        }
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
    fn limits_belong_to_equal_and_not_to_significance() {
        assert_eq!(Verdict::new(0.01, (-0.02, 0.02), 0.05), Verdict::Equal);
        assert_eq!(Verdict::new(0.01, (-0.02, 0.021), 0.05), Verdict::Undecided);
        assert_eq!(Verdict::new(0.0, (0.0, 0.0), 1.0), Verdict::Equal);
    }
}
