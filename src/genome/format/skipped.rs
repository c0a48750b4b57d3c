//! Records that a reader leaves out.

use std::{collections::BTreeSet, fmt};

use crate::error::names::listed;

/// How many records of a file lie on chromosomes that the genome lacks, which its reader leaves out.
///
/// Files often cover more than a genome that is cut to some chromosomes. If no record should be left out, check it: the
/// file may be for another assembly.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, read_intervals};
///
/// let genome = Genome::from_sequences([("chr1", "A".repeat(500))])?;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("regions.bed");
/// std::fs::write(&path, "chr1\t100\t200\nchrUn_2\t0\t9\n")?;
/// let (_, skipped) = read_intervals(&path, &genome)?;
/// assert_eq!(skipped.to_string(), "1 of 2 (50.0 %) on chromosomes that the genome lacks: chrUn_2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// The records that are left out.
    pub count: usize,
    /// All records of the file.
    pub total: usize,
    /// The chromosomes that the genome lacks.
    pub chromosomes: BTreeSet<String>,
}

impl Skipped {
    /// Adds what was left out of another file.
    pub(crate) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.total += other.total;
        self.chromosomes.extend(other.chromosomes.iter().cloned());
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = 100.0 * self.count as f64 / self.total.max(1) as f64;
        let (count, total, examples) = (self.count, self.total, listed(&self.chromosomes, 3));
        write!(f, "{count} of {total} ({share:.1} %) on chromosomes that the genome lacks: {examples}")
    }
}
