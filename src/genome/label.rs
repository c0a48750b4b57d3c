//! The label of a bin in a track.

use serde::{Deserialize, Serialize};

use super::Interval;

/// The label of a bin in a track: whether the factor binds there in that cell type, from least to most bound.
///
/// A bin is *observed* if it is bound or unbound.
///
/// ```
/// use multitf::genome::Label;
///
/// assert_eq!(Label::from_letter(b'B'), Some(Label::Bound));
/// assert_eq!(Label::from_letter(b'?'), None);
/// assert!(Label::Bound > Label::Ambiguous);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Label {
    /// Not measured, or excluded, as by a blacklist.
    #[default]
    Missing = 0,
    /// No peak overlaps the bin.
    Unbound = 1,
    /// A peak overlaps the bin too little, or only relaxed calling finds it: not scored.
    Ambiguous = 2,
    /// A peak overlaps the bin enough.
    Bound = 3,
}

impl Label {
    /// All labels, each at its number.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Unbound, Self::Ambiguous, Self::Bound];

    /// Returns the label of a letter of a DREAM table: `U`, `A` or `B`.
    pub const fn from_letter(letter: u8) -> Option<Self> {
        match letter {
            b'U' => Some(Self::Unbound),
            b'A' => Some(Self::Ambiguous),
            b'B' => Some(Self::Bound),
            _ => None,
        }
    }

    /// Returns the label of a bin that a peak overlaps: bound if the peak covers at least half of the bin or lies
    /// wholly in it, else ambiguous.
    pub(crate) fn from_overlap(bin: Interval, peak: Interval) -> Self {
        let is_bound = 2 * bin.overlap(peak) >= bin.len() || bin.contains(peak);
        if is_bound { Self::Bound } else { Self::Ambiguous }
    }

    /// Returns the letter in a DREAM table; [`Label::Missing`] has none.
    pub const fn letter(self) -> Option<char> {
        match self {
            Self::Missing => None,
            Self::Unbound => Some('U'),
            Self::Ambiguous => Some('A'),
            Self::Bound => Some('B'),
        }
    }
}

/// `true` is [`Label::Bound`], `false` is [`Label::Unbound`].
impl From<bool> for Label {
    fn from(is_bound: bool) -> Self {
        if is_bound { Self::Bound } else { Self::Unbound }
    }
}

/// As for a `bool`; `None` is [`Label::Missing`].
impl From<Option<bool>> for Label {
    fn from(is_bound: Option<bool>) -> Self {
        is_bound.map_or(Self::Missing, Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_stands_at_its_number_and_letters_go_round() {
        for (i, label) in Label::ALL.into_iter().enumerate() {
            assert_eq!(label as usize, i);
            assert_eq!(label.letter().and_then(|letter| Label::from_letter(letter as u8)), (i > 0).then_some(label));
        }
    }
}
