//! What a mask audit can find.

use std::fmt;

/// What a mask audit can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MaskFault {
    /// Loss or gradients depend on a label that is missing, or on the logit there.
    MissingCounts,
    /// A logit that is not finite spoils the loss though its label is missing: NaN times 0 is NaN.
    NanLeaks,
    /// Loss or gradients depend on the sequence of a sample without any label.
    SequenceCounts,
    /// A label that is there changes nothing.
    ObservedIgnored,
    /// The loss or a gradient is not finite.
    NotFinite,
}

impl fmt::Display for MaskFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingCounts => "a missing label has an influence: the mask is not applied, inverted or shifted",
            Self::NanLeaks => "a logit that is not finite leaks from a missing label: replace it, do not multiply by 0",
            Self::SequenceCounts => "the sequence of a sample without any label has an influence",
            Self::ObservedIgnored => "a label that is there has no influence: the mask is inverted or shifted",
            Self::NotFinite => "the loss or a gradient is not finite",
        })
    }
}
