//! Why a variant has no score.

/// Why a variant has no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unscored {
    /// No alternative is given: `.` in a VCF file.
    #[error("no alternative is given")]
    Missing,
    /// The bases are lost in a deletion that begins before, and is scored there: `*` in a VCF file.
    #[error("the bases are lost in a deletion that begins before")]
    Lost,
    /// The bases are not given: `<DEL>` or a breakend in a VCF file.
    #[error("the bases are not given")]
    Symbolic,
    /// The genome lacks the chromosome.
    #[error("the genome lacks the chromosome")]
    Chromosome,
    /// It reaches past an end of its chromosome.
    #[error("it reaches past the end of its chromosome")]
    PastEnd,
    /// The genome has other bases than the reference that is given.
    #[error("the genome has other bases")]
    Reference,
    /// The genome has other bases than the reference that is given, namely those of the alternative.
    #[error("the genome has the bases of the alternative: were the two swapped?")]
    Swapped,
    /// No window holds all bases that are replaced.
    #[error("more bases are replaced than the model's context holds")]
    TooLong,
    /// No bin's context holds all bases that are replaced.
    #[error("no bin's context holds the bases that are replaced")]
    NoBin,
}

impl Unscored {
    /// Returns the word that stands for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "no-alternative",
            Self::Lost => "overlapping-deletion",
            Self::Symbolic => "symbolic",
            Self::Chromosome => "unknown-chromosome",
            Self::PastEnd => "past-end",
            Self::Reference => "reference-mismatch",
            Self::Swapped => "swapped",
            Self::TooLong => "too-long",
            Self::NoBin => "no-bin",
        }
    }

    /// Whether it is a sign of another genome.
    pub(super) fn is_mismatch(self) -> bool {
        matches!(self, Self::PastEnd | Self::Reference | Self::Swapped)
    }
}
