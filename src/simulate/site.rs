//! Binding sites.

/// A site of one factor, and its state in each cell type.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// The factor, as an index into [`Truth::factors`](super::Truth::factors).
    pub factor: usize,
    /// The chromosome, as an index into the genome.
    pub chromosome: usize,
    /// The first base.
    pub start: usize,
    /// The base after the last.
    pub end: usize,
    /// Whether the site is on the reverse strand.
    pub reversed: bool,
    /// The log-odds score under the factor's profile, in nats.
    pub score: f64,
    /// Whether the site was planted; the others arose by chance.
    pub planted: bool,
    /// One for each cell type.
    pub cells: Vec<SiteInCell>,
}

impl Site {
    /// Returns the middle of the site.
    pub fn centre(&self) -> usize {
        usize::midpoint(self.start, self.end)
    }
}

/// A site in one cell type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteInCell {
    /// The openness: log2 of the fold change at the site's centre, before noise.
    pub openness: f64,
    /// The probability of being bound, whether or not partners are bound.
    pub probability: f64,
    /// Whether it is bound, as drawn.
    pub occupancy: Occupancy,
}

/// Whether a site is bound in a cell type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Occupancy {
    /// There is no peak.
    #[default]
    Free,
    /// There is a peak in the relaxed set only: its bins are ambiguous.
    Weak,
    /// There is a peak.
    Bound,
}

impl Occupancy {
    /// Returns the letter in a file.
    pub(super) fn letter(self) -> &'static str {
        [".", "A", "B"][self as usize]
    }

    /// Returns the occupancy of a letter in a file.
    pub(super) fn from_letter(letter: &str) -> Option<Self> {
        [Self::Free, Self::Weak, Self::Bound].into_iter().find(|occupancy| occupancy.letter() == letter)
    }
}
