//! A genome in memory.

use std::{collections::HashMap, fmt, result};

use super::{base, packed::PackedSequence};
use crate::{Error, Result};

/// A genome in memory: two bits a base and the stretches of N, chromosomes in the order of the file.
///
/// Lower case (soft-masked) bases are the same bases, U is T, and the other IUPAC codes are N; a gap is an error. The
/// human genome takes about 800 MB.
///
/// # Examples
///
/// ```
/// use multitf::genome::{Genome, base};
///
/// let genome = Genome::from_sequences([("chr1", "ACGTN"), ("chr2", "gg")])?;
/// assert_eq!(genome.length(0), 5);
///
/// let mut window = [0; 4];
/// genome.decode(0, -1, &mut window);
/// assert_eq!(window, [base::N, base::A, base::C, base::G]);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Genome {
    names: Vec<String>,
    sequences: Vec<PackedSequence>,
    indices: HashMap<String, usize>,
}

/// Why a chromosome cannot be added to a genome.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChromosomeError {
    #[error("a chromosome without a name")]
    NoName,
    #[error("chromosome {0} twice")]
    Duplicate(String),
    #[error("chromosome {0} without bases")]
    NoBases(String),
}

impl Genome {
    /// Makes a genome from named sequences.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a name that is empty or occurs twice, a sequence without bases, and a byte that is no
    /// base.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::Genome;
    ///
    /// let genome = Genome::from_sequences([("a", b"AAC"), ("b", b"GTN")])?;
    /// assert_eq!(genome.index_of("b"), Some(1));
    /// assert!(Genome::from_sequences([("a", "A"), ("a", "C")]).is_err());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn from_sequences<N: Into<String>, S: AsRef<[u8]>>(
        sequences: impl IntoIterator<Item = (N, S)>,
    ) -> Result<Self> {
        let mut genome = Self::default();
        for (name, letters) in sequences {
            let (name, letters) = (name.into(), letters.as_ref());
            let mut sequence = PackedSequence::default();
            sequence.push_ascii(letters).map_err(|at| {
                let found = format!("{:?}", char::from(letters[at]));
                Error::mismatch(format!("base {at} of {name}"), "an IUPAC code", found)
            })?;
            genome.push(name, sequence).map_err(|error| {
                Error::mismatch("sequences of a genome", "unique names, each with at least one base", error)
            })?;
        }
        Ok(genome)
    }

    /// Adds a chromosome.
    pub(super) fn push(&mut self, name: String, mut sequence: PackedSequence) -> result::Result<(), ChromosomeError> {
        if name.is_empty() {
            return Err(ChromosomeError::NoName);
        }
        if sequence.len() == 0 {
            return Err(ChromosomeError::NoBases(name));
        }
        if self.indices.contains_key(&name) {
            return Err(ChromosomeError::Duplicate(name));
        }
        sequence.shrink_to_fit();
        self.indices.insert(name.clone(), self.names.len());
        self.names.push(name);
        self.sequences.push(sequence);
        Ok(())
    }

    /// Returns the number of chromosomes.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns whether there is no chromosome.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the name of a chromosome.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn name(&self, chromosome: usize) -> &str {
        &self.names[chromosome]
    }

    /// Returns the names of all chromosomes, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Returns the number of bases of a chromosome.
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    pub fn length(&self, chromosome: usize) -> usize {
        self.sequences[chromosome].len()
    }

    /// Returns a chromosome as 64-bit words, to be hashed.
    pub(crate) fn words(&self, chromosome: usize) -> impl Iterator<Item = u64> {
        self.sequences[chromosome].words()
    }

    /// Returns the number of bases of all chromosomes.
    pub fn total_bases(&self) -> usize {
        self.sequences.iter().map(PackedSequence::len).sum()
    }

    /// Returns the chromosome of a name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.indices.get(name).copied()
    }

    /// Fills `out` with the base codes from `start` on; outside the chromosome they are N.
    ///
    /// Nothing is allocated. The codes are those of [`base`].
    ///
    /// # Panics
    ///
    /// Panics if there is no such chromosome.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::{Genome, base};
    ///
    /// let genome = Genome::from_sequences([("chr1", "GATC")])?;
    /// let mut window = [0; 3];
    /// genome.decode(0, 2, &mut window);
    /// assert_eq!(window, [base::T, base::C, base::N]);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn decode(&self, chromosome: usize, start: i64, out: &mut [u8]) {
        self.sequences[chromosome].decode(start, out);
    }

    /// Returns the shares of A, C, G and T among the known bases of both strands.
    ///
    /// A and T have the same share, and so have C and G. If no base is known, each has a quarter.
    ///
    /// ```
    /// use multitf::genome::Genome;
    ///
    /// let genome = Genome::from_sequences([("chr1", "AAACNN")])?;
    /// assert_eq!(genome.base_frequencies(), [0.375, 0.125, 0.125, 0.375]);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn base_frequencies(&self) -> [f64; 4] {
        let counts = self.counts();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return [0.25; 4];
        }
        let share = |code: u8| {
            let both = counts[usize::from(code)] + counts[usize::from(base::complement(code))];
            both as f64 / (2 * total) as f64
        };
        [base::A, base::C, base::G, base::T].map(share)
    }

    /// Returns the number of bases that are not N.
    ///
    /// ```
    /// use multitf::genome::Genome;
    ///
    /// assert_eq!(Genome::from_sequences([("chr1", "AAACNN")])?.known_bases(), 4);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn known_bases(&self) -> u64 {
        self.counts().iter().sum()
    }

    fn counts(&self) -> [u64; 4] {
        let mut counts = [0; 4];
        for sequence in &self.sequences {
            for (count, more) in counts.iter_mut().zip(sequence.counts()) {
                *count += more;
            }
        }
        counts
    }
}

impl fmt::Debug for Genome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.names().zip(self.sequences.iter().map(PackedSequence::len));
        f.debug_map().entries(lengths).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_repeated_name_is_refused_with_the_name() {
        let error = Genome::from_sequences([("chrI", "A"), ("chrI", "C")]).unwrap_err();
        assert!(error.to_string().ends_with("found chromosome chrI twice"), "{error}");
        let error = Genome::from_sequences([("", "A")]).unwrap_err();
        assert!(error.to_string().ends_with("found a chromosome without a name"), "{error}");
        let error = Genome::from_sequences([("chrI", "")]).unwrap_err();
        assert!(error.to_string().ends_with("found chromosome chrI without bases"), "{error}");
    }

    #[test]
    fn a_byte_that_is_no_base_is_refused_with_its_place() {
        let error = Genome::from_sequences([("chrI", "AC!")]).unwrap_err();
        assert_eq!(error.to_string(), "base 2 of chrI: expected an IUPAC code, found '!'");
    }

    #[test]
    fn frequencies_without_known_bases_are_uniform() {
        let genome = Genome::from_sequences([("chrI", "NNN")]).unwrap();
        assert_eq!(genome.base_frequencies(), [0.25; 4]);
    }

    #[test]
    fn debug_shows_lengths_and_not_the_bases() {
        let genome = Genome::from_sequences([("chrI", "ACGT")]).unwrap();
        assert_eq!(format!("{genome:?}"), r#"{"chrI": 4}"#);
    }
}
