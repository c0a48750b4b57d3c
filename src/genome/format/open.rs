//! Genomes from files.

use std::path::Path;

use super::{fasta, twobit};
use crate::{Result, file::text, genome::Genome};

impl Genome {
    /// Reads a FASTA file (plain, gzip or bgzip) or a 2bit file; its first bytes tell which.
    ///
    /// All of the genome is read; an index (`.fai`, `.gzi`) is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Format`](crate::Error::Format) for another file; [`Error::Parse`](crate::Error::Parse) with the line
    /// for a letter that is no base and for a name that is missing or comes twice;
    /// [`Error::Corrupt`](crate::Error::Corrupt) if it is damaged (a gzip stream that ends early);
    /// [`Error::Io`](crate::Error::Io).
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::genome::Genome;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("genome.fa");
    /// std::fs::write(&path, ">chrI some yeast\nACGT\nAC\n>chrII\nGG\n")?;
    /// let genome = Genome::open(&path)?;
    /// assert_eq!(genome.names().collect::<Vec<_>>(), ["chrI", "chrII"]);
    /// assert_eq!(genome.total_bases(), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        if twobit::is_2bit(path)? { twobit::read(path) } else { fasta::read(path, text::open(path)?) }
    }
}
