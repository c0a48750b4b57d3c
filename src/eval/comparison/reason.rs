//! Why a comparison has no verdict.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::eval::group::group;

/// Why two models cannot be compared on a track, or why their difference is undecided: a column of `comparison.tsv` and
/// `transfer.tsv`.
///
/// `obstacle` in `eval/comparison/verdict.rs` has the rules and their order. `WideInterval` is given by
/// `ComparisonRow::correct` in `eval/comparison.rs`, and `Diverged` in `eval/scored_models.rs`.
///
/// ```
/// use multitf::eval::Reason;
///
/// let reason = Reason::FewBoundBlocks { found: 4, needed: 10 };
/// assert_eq!(reason.to_string(), "blocks with bound bins: 4 of 10 needed");
/// assert_eq!(Reason::parse("blocks with bound bins: 4 of 10 needed"), Some(reason));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The track has no bound bin, so no score.
    NoBoundBin,
    /// The track has no unbound bin: any ranking would be perfect.
    NoUnboundBin,
    /// No track has a score, so there is no mean over them.
    NoTrack,
    /// A training of a model diverged, so that the track has no score of it for a seed.
    Diverged {
        /// The model.
        model: String,
    },
    /// A model gives all bound and unbound bins of a track one score, so that it ranks nothing.
    ConstantScores {
        /// The model.
        model: String,
    },
    /// A model's scores are infinite, or so large that they do not tell odds apart.
    ExplodedScores {
        /// The model.
        model: String,
    },
    /// Each model was trained once: nothing says how much it varies from one training to the next.
    OneSeed,
    /// The bound bins lie in too few blocks of the genome for the bootstrap to say how much a score varies.
    FewBoundBlocks {
        /// Blocks that hold a bound bin.
        found: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The unbound bins lie in too few blocks.
    FewUnboundBlocks {
        /// Blocks that hold an unbound bin.
        found: u64,
        /// How many are needed.
        needed: u64,
    },
    /// The difference is not significant, and its interval reaches beyond
    /// [`EQUAL_WITHIN`](crate::eval::EQUAL_WITHIN).
    WideInterval,
}

const CONSTANT: &str = "constant scores of ";
const DIVERGED: &str = "diverged training of ";
const EXPLODED: &str = "exploded scores of ";
const BOUND_BLOCKS: &str = "blocks with bound bins: ";
const UNBOUND_BLOCKS: &str = "blocks with unbound bins: ";

impl Reason {
    /// Reads the text that [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let fixed = [Self::NoBoundBin, Self::NoUnboundBin, Self::NoTrack, Self::OneSeed, Self::WideInterval];
        if let Some(reason) = fixed.into_iter().find(|reason| reason.to_string() == text) {
            return Some(reason);
        }
        let model = |prefix| text.strip_prefix(prefix).map(str::to_owned);
        let counts = |prefix| -> Option<(u64, u64)> {
            let (found, needed) = text.strip_prefix(prefix)?.strip_suffix(" needed")?.split_once(" of ")?;
            Some((found.parse().ok()?, needed.parse().ok()?))
        };
        let diverged = || model(DIVERGED).map(|model| Self::Diverged { model });
        let constant = || model(CONSTANT).map(|model| Self::ConstantScores { model });
        let exploded = || model(EXPLODED).map(|model| Self::ExplodedScores { model });
        let bound = || counts(BOUND_BLOCKS).map(|(found, needed)| Self::FewBoundBlocks { found, needed });
        let unbound = || counts(UNBOUND_BLOCKS).map(|(found, needed)| Self::FewUnboundBlocks { found, needed });
        diverged().or_else(constant).or_else(exploded).or_else(bound).or_else(unbound)
    }

    /// Returns the reason without the numbers of the track, so that tracks can be counted by it.
    pub fn category(&self) -> String {
        match self {
            Self::FewBoundBlocks { needed, .. } => format!("fewer than {needed} blocks with bound bins"),
            Self::FewUnboundBlocks { needed, .. } => format!("fewer than {needed} blocks with unbound bins"),
            other => other.to_string(),
        }
    }

    /// Returns whether a model's scores are at fault.
    pub const fn is_fault(&self) -> bool {
        matches!(self, Self::Diverged { .. } | Self::ConstantScores { .. } | Self::ExplodedScores { .. })
    }

    /// Counts reasons by category, in brackets after a space: the most frequent first, of equals the first to appear.
    /// Empty if there are none.
    pub(crate) fn format_counts<'a>(reasons: impl Iterator<Item = &'a Self>) -> String {
        let mut counts = group(reasons.map(|reason| (reason.category(), ())));
        counts.sort_by_key(|(_, found)| std::cmp::Reverse(found.len()));
        let counts: Vec<String> =
            counts.iter().map(|(category, found)| format!("{category}: {}", found.len())).collect();
        if counts.is_empty() { String::new() } else { format!(" ({})", counts.join("; ")) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBoundBin => formatter.write_str("no bound bin"),
            Self::NoUnboundBin => formatter.write_str("no unbound bin"),
            Self::NoTrack => formatter.write_str("no track with a score"),
            Self::Diverged { model } => write!(formatter, "{DIVERGED}{model}"),
            Self::ConstantScores { model } => write!(formatter, "{CONSTANT}{model}"),
            Self::ExplodedScores { model } => write!(formatter, "{EXPLODED}{model}"),
            Self::OneSeed => formatter.write_str("one seed"),
            Self::FewBoundBlocks { found, needed } => write!(formatter, "{BOUND_BLOCKS}{found} of {needed} needed"),
            Self::FewUnboundBlocks { found, needed } => {
                write!(formatter, "{UNBOUND_BLOCKS}{found} of {needed} needed")
            }
            Self::WideInterval => formatter.write_str("not significant, wide interval"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_interface_and_can_be_read() {
        let model = || "multi of 3".to_owned();
        let words = [
            (Reason::NoBoundBin, "no bound bin"),
            (Reason::NoUnboundBin, "no unbound bin"),
            (Reason::NoTrack, "no track with a score"),
            (Reason::Diverged { model: model() }, "diverged training of multi of 3"),
            (Reason::ConstantScores { model: model() }, "constant scores of multi of 3"),
            (Reason::ExplodedScores { model: model() }, "exploded scores of multi of 3"),
            (Reason::OneSeed, "one seed"),
            (Reason::FewBoundBlocks { found: 4, needed: 10 }, "blocks with bound bins: 4 of 10 needed"),
            (Reason::FewUnboundBlocks { found: 1, needed: 12 }, "blocks with unbound bins: 1 of 12 needed"),
            (Reason::WideInterval, "not significant, wide interval"),
        ];
        for (reason, text) in words {
            assert_eq!(reason.to_string(), text);
            assert_eq!(Reason::parse(text), Some(reason));
        }
        for unknown in ["", "two seeds", "blocks with bound bins: many of 10 needed", "blocks with bound bins: 4"] {
            assert_eq!(Reason::parse(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn tracks_are_counted_without_their_numbers() {
        let [few, fewer] = [4, 2].map(|found| Reason::FewBoundBlocks { found, needed: 10 });
        assert_eq!(few.category(), "fewer than 10 blocks with bound bins");
        assert_eq!(few.category(), fewer.category());
        let counts = Reason::format_counts([Reason::OneSeed, few, fewer].iter());
        assert_eq!(counts, " (fewer than 10 blocks with bound bins: 2; one seed: 1)");
        assert_eq!(Reason::format_counts([].iter()), "");
    }
}
