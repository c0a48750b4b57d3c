//! Reading and writing motif files. The content of a file tells its format; each format has a file in this folder.

mod cis_bp;
mod jaspar;
mod lines;
mod meme;
mod raw;
mod table;
#[cfg(test)]
mod tests;
mod transfac;

use std::{collections::HashSet, io::Read, path::Path};

use self::lines::{Entry, Lines};
use super::{Motif, MotifSet};
use crate::{
    Error, Result,
    file::{text, write_atomic},
};

impl MotifSet {
    /// Reads a file of motifs, plain or gzip; its content tells the format:
    ///
    /// | format | how it begins | identifier, alternate name |
    /// |---|---|---|
    /// | MEME: minimal, or the text of a run of MEME, DREME, STREME | `MEME version` or a title | those after `MOTIF` |
    /// | JASPAR: counts, one line per base, with letters or without | `>` | the first word after `>`, the rest |
    /// | HOCOMOCO's `.pcm`: counts, one line per position | `>` | the same |
    /// | HOMER: probabilities, one line per position | `>`, a consensus, a name and a number | the name, none |
    /// | TRANSFAC | a key of two letters | the first of `AC`, `ID` and `NA`, the last of the others |
    /// | CIS-BP: probabilities, one line per position | `Pos A C G T` or keys | `Motif` or the file's name, `TF Name` |
    ///
    /// Counts become probabilities without pseudocounts. The number of sites is that of a line `BA  101 sites`
    /// (TRANSFAC), or else the largest total of a position. Where all positions sum to 1 the numbers are probabilities:
    /// each row is divided by its sum, and the number of sites is unknown. Lines that start with `#` are comments.
    ///
    /// A matrix without letters has one line per base if it has four lines, and one line per position if it has four
    /// columns; four lines of four columns are an error.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Corrupt`] if the file cannot be read or inflated, [`Error::Format`] if it is not
    /// text, is empty, or is HTML, XML or JSON, and [`Error::Parse`] with the line for another format, an alphabet
    /// other than ACGT, a row that does not sum to 1 ([`ProbabilityMatrix::new`](super::ProbabilityMatrix::new)), a
    /// negative count (such as a weight), a wrong width, rows out of order, a record without an end, or an identifier
    /// that occurs twice.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut reader = text::open(path)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(text::read_error(path))?;
        let content = String::from_utf8(bytes).map_err(|_| not_motifs(path, "it is not text"))?;
        parse(path, &content)
    }

    /// Writes the set as a minimal MEME file, which [`open`](Self::open) reads.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written, and [`Error::Mismatch`] if a name is not one word, since spaces
    /// separate names in the format, or if a number of sites is negative or not finite.
    pub fn write_meme(&self, path: impl AsRef<Path>) -> Result<()> {
        self.check_writable(meme::NAMES, meme::holds_names)?;
        write_atomic(path.as_ref(), |writer| meme::write(self, writer))
    }

    /// Writes the set as a TRANSFAC file, which [`open`](Self::open) reads back but for the rounding of floats.
    ///
    /// Counts are probabilities times sites, and the line `BA` holds the number of sites. A motif with an unknown
    /// number of sites, or with less than one, is written as probabilities.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written, and [`Error::Mismatch`] if a name is not one line without spaces
    /// around it, or if a number of sites is negative or not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, MotifSet, ProbabilityMatrix};
    ///
    /// # let folder = std::env::temp_dir().join(format!("multitf-transfac-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("motifs.transfac");
    /// let matrix = ProbabilityMatrix::new(vec![[0.25, 0.0, 0.75, 0.0]])?;
    /// let motif = Motif { id: "MA0297.1".into(), name: "FKH2".into(), matrix, sites: Some(8.0) };
    /// let motifs = MotifSet::from_motifs(vec![motif])?;
    /// motifs.write_transfac(&path)?;
    /// assert!(std::fs::read_to_string(&path)?.contains("01       2      0      6      0\n"));
    /// assert_eq!(MotifSet::open(&path)?, motifs);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_transfac(&self, path: impl AsRef<Path>) -> Result<()> {
        self.check_writable(transfac::NAMES, transfac::holds_names)?;
        write_atomic(path.as_ref(), |writer| transfac::write(self, writer))
    }

    /// Refuses motifs that would not be read back: names that the format cannot hold, and impossible numbers of sites.
    fn check_writable(&self, expected: &str, holds_names: fn(&Motif) -> bool) -> Result<()> {
        for motif in self {
            let Motif { id, name, sites, .. } = motif;
            if !holds_names(motif) {
                return Err(Error::mismatch("names of a motif", expected, format!("{id:?} {name:?}")));
            }
            if let Some(sites) = sites.filter(|sites| !sites.is_finite() || *sites < 0.0) {
                return Err(Error::mismatch(
                    format!("sites of {id}"),
                    "a finite number of at least 0",
                    format!("{sites:?}"),
                ));
            }
        }
        Ok(())
    }
}

fn parse(path: &Path, content: &str) -> Result<MotifSet> {
    let entries = read(path, content)?;
    let mut seen = HashSet::new();
    for (line, motif) in &entries {
        if !seen.insert(&motif.id) {
            return Err(line.error(2, "an identifier that was not used before", &motif.id));
        }
    }
    MotifSet::from_motifs(entries.into_iter().map(|(_, motif)| motif).collect())
}

const KNOWN: &str = "MEME (\"MEME version\"), JASPAR, HOCOMOCO's .pcm or HOMER (\">\"), TRANSFAC (\"AC\" or another \
                     key) or CIS-BP (\"Pos A C G T\"): convert others to MEME, as the programs ...2meme of the MEME \
                     Suite do";

/// Finds out the format and reads the motifs.
fn read<'a>(path: &'a Path, content: &'a str) -> Result<Vec<Entry<'a>>> {
    let mut lines = Lines::new(path, content);
    let Some(first) = lines.peek() else { return Err(not_motifs(path, "it is empty")) };
    if let Some(detail) = markup(first.text) {
        return Err(not_motifs(path, detail));
    }
    let has = |is: fn(&str) -> bool| content.lines().any(|line| is(line.trim()));
    if jaspar::begins(first.text) {
        jaspar::read(&mut lines)
    } else if meme::begins(first.text) || first.text.starts_with('*') && has(meme::begins) {
        meme::read(&mut lines)
    } else if has(cis_bp::is_header) {
        cis_bp::read(&mut lines)
    } else if transfac::begins(first.text) {
        transfac::read(&mut lines)
    } else {
        Err(first.error(1, KNOWN, first.text))
    }
}

/// Says what a file of markup is, and what to take instead.
fn markup(first: &str) -> Option<&'static str> {
    let first = first.to_ascii_lowercase();
    if first.starts_with("<!doctype html") || first.starts_with("<html") {
        Some("it is a web page; of a MEME run take the file .txt, and else download the motifs themselves")
    } else if first.starts_with('<') {
        Some("it is XML; of a MEME run take the file .txt")
    } else if first.starts_with('{') || first.starts_with("[{") || first == "[" {
        Some("it is JSON; take the motifs in MEME or JASPAR format")
    } else {
        None
    }
}

fn not_motifs(path: &Path, detail: &str) -> Error {
    let expected = "a motif file (MEME, JASPAR, TRANSFAC, HOCOMOCO, HOMER or CIS-BP)";
    Error::format(path, expected, detail)
}
