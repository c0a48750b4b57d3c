//! A motif of a file: a profile with its names.

use super::ProbabilityMatrix;
use crate::file::text_words;

/// A motif: a profile with its names.
///
/// # Examples
///
/// ```
/// use multitf::motif::{Motif, ProbabilityMatrix};
///
/// let matrix = ProbabilityMatrix::new(vec![[0.0, 0.0, 1.0, 0.0]])?;
/// let motif = Motif { id: "MA0297.1".into(), name: "FKH2".into(), matrix, sites: Some(101.0) };
/// assert_eq!(motif.matrix.consensus(), "G");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Motif {
    /// The identifier, unique in a set.
    pub id: String,
    /// The alternate name, which is the factor's in most files; empty if there is none.
    pub name: String,
    /// The profile.
    pub matrix: ProbabilityMatrix,
    /// The number of sites that the profile was counted from, if known.
    pub sites: Option<f64>,
}

impl Motif {
    /// Returns the motif without the positions at either end whose information is below `min_information` bits, or
    /// `None` if no position is left (see [`ProbabilityMatrix::trimmed`]).
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, ProbabilityMatrix};
    ///
    /// let matrix = ProbabilityMatrix::new(vec![[0.25; 4], [0.0, 0.0, 1.0, 0.0]])?;
    /// let motif = Motif { id: "motif1".into(), name: String::new(), matrix, sites: None };
    /// assert_eq!(motif.trimmed(0.5).expect("G is sure").matrix.consensus(), "G");
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn trimmed(&self, min_information: f64) -> Option<Self> {
        Some(Self { matrix: self.matrix.trimmed(min_information)?, ..self.clone() })
    }

    /// Returns numbers that differ between any two motifs, for fingerprints.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        let Self { id, name, matrix, sites } = self;
        let values = matrix.rows().as_flattened().iter().map(|value| value.to_bits());
        let size = [matrix.width() as u64, sites.map_or(u64::MAX, f64::to_bits)];
        text_words(id).chain(text_words(name)).chain(size).chain(values)
    }
}
