//! A place that a factor can bind.

/// A site of one factor, and what became of it in each cell type.
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
    /// The probability of being bound, before any coin is flipped.
    pub probability: f64,
    /// How the coin fell.
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
    /// Returns the letter that stands for the occupancy in a file.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Free => '.',
            Self::Weak => 'A',
            Self::Bound => 'B',
        }
    }

    /// Returns the occupancy that a letter stands for.
    pub(super) fn from_letter(letter: &str) -> Option<Self> {
        match letter {
            "." => Some(Self::Free),
            "A" => Some(Self::Weak),
            "B" => Some(Self::Bound),
            _ => None,
        }
    }
}
