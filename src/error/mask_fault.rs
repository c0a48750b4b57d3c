//! What is wrong with a loss mask.

/// What a mask audit finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskFault {
    /// Loss or gradients depend on a label that is missing, or on the logit there.
    #[error(
        "a missing label has an influence: the mask is not applied, inverted or shifted; the model would learn from \
         what is not known"
    )]
    MissingHasInfluence,
    /// A logit that is not finite spoils the loss though its label is missing: NaN times 0 is NaN.
    #[error(
        "a logit that is not finite leaks from a missing label: replace it, do not multiply by 0; the model would \
         learn from what is not known"
    )]
    NanLeaks,
    /// Loss or gradients depend on the sequence of a sample without any label.
    #[error(
        "the sequence of a sample without any label has an influence; the model would learn from what is not known"
    )]
    SequenceHasInfluence,
    /// A label that is there changes nothing.
    #[error(
        "a label that is there has no influence: the mask is inverted or shifted; the model would not learn from what \
         is known"
    )]
    ObservedIgnored,
    /// The gradient of a label's logits depends on another label.
    #[error(
        "the gradient of a label depends on other labels: targets are misplaced, or the loss mixes labels; if it is \
         meant to, let its Loss::mixes_labels return true"
    )]
    LabelsMixed,
    /// The loss or a gradient is not finite.
    #[error(
        "the loss or a gradient is not finite before any step: its numbers overflow, whatever the mask; look for \
         weights of labels or a scale that are too large"
    )]
    NotFinite,
}
