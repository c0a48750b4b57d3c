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
        let learned = "; the model would learn from what is not known";
        let (fault, consequence) = match self {
            Self::MissingCounts => {
                ("a missing label has an influence: the mask is not applied, inverted or shifted", learned)
            }
            Self::NanLeaks => {
                ("a logit that is not finite leaks from a missing label: replace it, do not multiply by 0", learned)
            }
            Self::SequenceCounts => ("the sequence of a sample without any label has an influence", learned),
            Self::ObservedIgnored => (
                "a label that is there has no influence: the mask is inverted or shifted",
                "; the model would not learn from what is known",
            ),
            Self::NotFinite => (
                "the loss or a gradient is not finite before any step",
                ": its numbers overflow, whatever the mask; look for weights of labels or a scale that are too large",
            ),
        };
        write!(f, "{fault}{consequence}")
    }
}
