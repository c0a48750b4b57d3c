//! The strands of DNA.

/// A strand of DNA, the forward one first.
///
/// ```
/// use multitf::genome::Strand;
///
/// assert_eq!(Strand::Reverse.letter(), '-');
/// assert!(Strand::Forward < Strand::Reverse);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strand {
    /// The strand that the sequence is written in.
    Forward,
    /// Its reverse complement.
    Reverse,
}

impl Strand {
    /// Returns the letter of the strand in files: `+` or `-`.
    pub const fn letter(self) -> char {
        match self {
            Self::Forward => '+',
            Self::Reverse => '-',
        }
    }
}
