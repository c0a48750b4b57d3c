use super::ProbabilityMatrix;

/// A profile with its names.
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
    /// The identifier, which no other motif of a set has.
    pub id: String,
    /// The alternate name, in most files the factor's; empty if there is none.
    pub name: String,
    /// The profile.
    pub matrix: ProbabilityMatrix,
    /// How many sites the profile was counted from, if known.
    pub sites: Option<f64>,
}
