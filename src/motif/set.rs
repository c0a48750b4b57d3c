use std::{collections::HashSet, io::Read, path::Path};

use super::{
    Motif, jaspar,
    lines::{Line, Lines},
    meme, transfac,
};
use crate::{Error, Result, file::write_atomic, genome::text};

/// The motifs of a file, in its order.
///
/// # Examples
///
/// ```
/// use multitf::motif::MotifSet;
///
/// # let folder = std::env::temp_dir().join(format!("multitf-motif-set-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("motifs.jaspar");
/// let text = ">MA0297.1 FKH2\nA [ 0 9 9 ]\nC [ 0 0 0 ]\nG [ 8 0 0 ]\nT [ 1 0 0 ]\n";
/// std::fs::write(&path, text)?;
/// let motifs = MotifSet::open(&path)?;
/// let motif = motifs.find("Fkh2").expect("the alternate name is compared without case");
/// assert_eq!(motif.matrix.consensus(), "GAA");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotifSet {
    motifs: Vec<Motif>,
}

impl MotifSet {
    /// Reads a file in minimal MEME, JASPAR or TRANSFAC format, plain or gzip; its content tells which.
    ///
    /// Counts become probabilities without pseudocounts, and the largest total of a position becomes the number of
    /// sites. In TRANSFAC, a line `BA  101 sites` goes before that total, and rows that sum to 1 are of a motif whose
    /// number of sites is unknown; the first of `AC`, `ID` and `NA` that a record has identifies its motif, and the
    /// last of the others is the alternate name.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Corrupt`] if the file cannot be read or inflated, [`Error::Format`] if it is not text
    /// or is empty, and [`Error::Parse`] with the line for a missing header, another alphabet than ACGT, a row that
    /// does not sum to 1, a negative count, a wrong width, rows out of order, a record without an end, or an identifier
    /// that was used before.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut reader = text::open(path)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(text::read_error(path))?;
        let content = String::from_utf8(bytes).map_err(|_| no_motifs(path, "it is not text"))?;
        parse(path, &content)
    }

    /// Makes a set of motifs.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if two have the same identifier.
    pub fn from_motifs(motifs: Vec<Motif>) -> Result<Self> {
        let mut seen = HashSet::new();
        match motifs.iter().find(|motif| !seen.insert(&motif.id)) {
            None => Ok(Self { motifs }),
            Some(twice) => Err(Error::Mismatch {
                what: "identifiers of motifs".into(),
                expected: "each once".into(),
                found: format!("{} again", twice.id),
            }),
        }
    }

    /// Writes the set as a minimal MEME file, which [`open`](Self::open) reads.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written, and [`Error::Mismatch`] if a name is not one word, since spaces
    /// separate names in the format, or if a number of sites is negative or no finite number.
    pub fn write_meme(&self, path: impl AsRef<Path>) -> Result<()> {
        meme::check_names(&self.motifs)?;
        self.check_sites()?;
        write_atomic(path.as_ref(), |writer| meme::write(&self.motifs, writer))
    }

    /// Writes the set as a TRANSFAC file, which [`open`](Self::open) reads: the same motifs, but for the rounding of
    /// floats.
    ///
    /// Counts are probabilities times sites, and the line `BA` says how many sites there were. A motif of an unknown
    /// number of sites, or of less than one, is written as probabilities.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written, and [`Error::Mismatch`] if a name is not one line without spaces
    /// around it, or if a number of sites is negative or no finite number.
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
        transfac::check_names(&self.motifs)?;
        self.check_sites()?;
        write_atomic(path.as_ref(), |writer| transfac::write(&self.motifs, writer))
    }

    /// Returns the motif of a factor: the first whose alternate name is the factor's, or else the one whose identifier
    /// is, without regard to the case of ASCII letters.
    pub fn find(&self, factor: &str) -> Option<&Motif> {
        let named = self.motifs.iter().find(|motif| motif.name.eq_ignore_ascii_case(factor) && !factor.is_empty());
        named.or_else(|| self.motifs.iter().find(|motif| motif.id.eq_ignore_ascii_case(factor)))
    }

    /// Iterates over the motifs, in the file's order.
    pub fn iter(&self) -> std::slice::Iter<'_, Motif> {
        self.motifs.iter()
    }

    /// Returns the number of motifs.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Returns whether there is no motif.
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }

    /// Refuses numbers of sites that no reader takes.
    fn check_sites(&self) -> Result<()> {
        let fits = |motif: &&Motif| motif.sites.is_none_or(|sites| sites.is_finite() && sites >= 0.0);
        match self.motifs.iter().find(|motif| !fits(motif)) {
            None => Ok(()),
            Some(motif) => Err(Error::Mismatch {
                what: format!("sites of {}", motif.id),
                expected: "a finite number of at least 0".into(),
                found: format!("{:?}", motif.sites.unwrap_or_default()),
            }),
        }
    }
}

impl<'a> IntoIterator for &'a MotifSet {
    type Item = &'a Motif;
    type IntoIter = std::slice::Iter<'a, Motif>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Motifs as they are read, with the line that each began at.
pub(super) type Found<'a> = (Line<'a>, Motif);

fn parse(path: &Path, content: &str) -> Result<MotifSet> {
    let mut lines = Lines::new(path, content);
    let found = match lines.peek() {
        None => return Err(no_motifs(path, "it is empty")),
        Some(first) if meme::begins(first.text) => meme::read(&mut lines)?,
        Some(first) if jaspar::begins(first.text) => jaspar::read(&mut lines)?,
        Some(first) if transfac::begins(first.text) => transfac::read(&mut lines)?,
        Some(first) => return Err(first.wrong(1, "\"MEME version\", \">\" or \"AC\"", first.text)),
    };
    let mut seen = HashSet::new();
    for (line, motif) in &found {
        if !seen.insert(&motif.id) {
            return Err(line.wrong(2, "an identifier that was not used before", &motif.id));
        }
    }
    Ok(MotifSet { motifs: found.into_iter().map(|(_, motif)| motif).collect() })
}

fn no_motifs(path: &Path, detail: &str) -> Error {
    Error::Format { path: path.to_owned(), expected: "a MEME, JASPAR or TRANSFAC motif file", detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::motif::ProbabilityMatrix;

    fn set(text: &str) -> Result<MotifSet> {
        parse(Path::new("motifs"), text)
    }

    fn message(text: &str) -> String {
        set(text).unwrap_err().to_string()
    }

    fn motif(id: &str, name: &str) -> Motif {
        let matrix = ProbabilityMatrix::new(vec![[0.25; 4]]).unwrap();
        Motif { id: id.into(), name: name.into(), matrix, sites: None }
    }

    #[test]
    fn alternate_names_go_before_identifiers_and_case_does_not_matter() {
        let set = MotifSet::from_motifs(vec![motif("MAX", ""), motif("M2", "Max"), motif("M3", "CTCF")]).unwrap();
        assert_eq!(set.find("max").unwrap().id, "M2");
        assert_eq!(set.find("m3").unwrap().id, "M3");
        assert_eq!(set.find("ctcf").unwrap().id, "M3");
        assert_eq!(set.find("YY1"), None);
        assert_eq!(set.find(""), None);
    }

    #[test]
    fn identifiers_are_unique() {
        let error = MotifSet::from_motifs(vec![motif("M1", ""), motif("M1", "x")]).unwrap_err();
        assert_eq!(error.to_string(), "identifiers of motifs: expected each once, found M1 again");
    }

    #[test]
    fn what_is_no_motif_file_is_an_error() {
        assert_eq!(message(" \n\n"), "motifs: not a MEME, JASPAR or TRANSFAC motif file: it is empty");
        for first in ["MOTIF M1", "ALPHABET= ACGT", "A [ 1 2 ]", "0.25 0.25 0.25 0.25", "01 1 0 0 0"] {
            let expected = format!("motifs:2:1: expected \"MEME version\", \">\" or \"AC\", found {first:?}");
            assert_eq!(message(&format!("\n{first}\n")), expected);
        }
    }

    #[test]
    fn an_identifier_that_was_used_before_is_an_error_of_its_line() {
        let meme = "MOTIF M1\nletter-probability matrix: w= 1\n1 0 0 0\n";
        let jaspar = ">M1\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n";
        let transfac = "AC  M1\nP0  A C G T\n01  1 1 1 1\n//\n";
        for (start, motif, line) in [("MEME version 4\n", meme, 5), ("", jaspar, 6), ("", transfac, 5)] {
            let expected = format!("motifs:{line}:2: expected an identifier that was not used before, found \"M1\"");
            assert_eq!(message(&format!("{start}{motif}{motif}")), expected);
        }
    }

    #[test]
    fn sites_that_would_not_be_read_back_cannot_be_written() {
        for sites in [-1.0, f64::NAN, f64::INFINITY] {
            let set = MotifSet { motifs: vec![Motif { sites: Some(sites), ..motif("M1", "") }] };
            for error in [set.write_meme("unwritten.meme"), set.write_transfac("unwritten.transfac")] {
                let expected = format!("sites of M1: expected a finite number of at least 0, found {sites:?}");
                assert_eq!(error.unwrap_err().to_string(), expected);
            }
        }
    }

    #[test]
    fn a_gzip_file_is_read_and_a_truncated_one_is_damaged() {
        use std::io::Write;
        let path = std::env::temp_dir().join(format!("multitf-motifs-{}.meme.gz", std::process::id()));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(b">M1 MAX\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n").unwrap();
        let bytes = gzip.finish().unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(MotifSet::open(&path).unwrap().find("MAX").unwrap().sites, Some(4.0));
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(MotifSet::open(&path), Err(Error::Corrupt { .. })));
        std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
        assert!(matches!(MotifSet::open(&path), Err(Error::Format { .. })));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_yeast_profiles_are_read() {
        let Some(data) = std::env::var_os("MULTITF_DATA") else {
            println!("MULTITF_DATA is not set: the yeast profiles are not read");
            return;
        };
        let set = MotifSet::open(Path::new(&data).join("yeast/motifs.meme")).unwrap();
        assert_eq!(set.len(), 49);
        let cup9 = set.find("Cup9").unwrap();
        assert_eq!((cup9.id.as_str(), cup9.matrix.width(), cup9.sites), ("MA0288.1", 9, Some(99.0)));
        assert_eq!(cup9.matrix.consensus(), "TGACACATT");
        assert_eq!(set.iter().last().unwrap().matrix.rows()[0].iter().sum::<f64>().round(), 1.0);
    }

    /// Text of the pieces that the formats are made of, so that it gets past the first line.
    fn near_misses() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "MEME version 4\n",
            "ALPHABET= ACGT\n",
            "MOTIF M1 a\n",
            "MOTIF\n",
            "MOTIF M2\n",
            "letter-probability matrix:",
            " alength= 4",
            " w= 2",
            " w=",
            " nsites= 7",
            " nsites= -1",
            "\n",
            "0.25 0.25 0.25 0.25\n",
            "1 0 0 0\n",
            "1 0 0\n",
            ">",
            ">M1 a\n",
            ">M2\n",
            "A [ 1 2 ]\n",
            "C [ 1 2 ]\n",
            "G [ 1 2 ]\n",
            "T [ 1 2 ]\n",
            "T [ 1 ]\n",
            "VV  1\n",
            "AC  M1\n",
            "AC",
            "ID  M2\n",
            "NA  a\n",
            "BA  7 sites\n",
            "P0  A C G T\n",
            "PO  t g c a\n",
            "P0",
            "01  1 2 3 4 N\n",
            "02  1 2 3 4\n",
            "03  1 2 3\n",
            "99999999999999999999 ",
            "XX\n",
            "//\n",
            "é ",
            "[",
            "]",
            "=",
            "1e999 ",
            "NaN ",
            "-",
            "\r\n",
            "\t",
        ]);
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), near_miss in near_misses()) {
            for start in ["", "MEME version 4\n", ">", "AC  M1\nP0  A C G T\n"] {
                let _ = set(&format!("{start}{text}"));
                let _ = set(&format!("{start}{near_miss}"));
            }
        }

        #[test]
        fn a_written_set_is_read_back(
            rows in proptest::collection::vec(proptest::array::uniform4(0.001_f64..1.0), 1..9),
            is_sure in any::<bool>(),
            name in "[A-Z0-9]{0,5}",
            sites in proptest::option::of(prop_oneof![(0_u32..9999).prop_map(f64::from), 0.0..1e3, 0.0..1e300]),
        ) {
            let mut rows: Vec<_> = rows.iter().map(|row| row.map(|x| x / row.iter().sum::<f64>())).collect();
            if is_sure {
                rows.push([0.0, 0.0, 1.0, 0.0]);
            }
            let matrix = ProbabilityMatrix::new(rows).unwrap();
            let first = Motif { matrix, sites, ..motif("M1", &name) };
            let set = MotifSet::from_motifs(vec![first, motif("M2", "")]).unwrap();
            for write in [meme::write, transfac::write] {
                let mut text = Vec::new();
                write(&set.motifs, &mut text).unwrap();
                let read = super::parse(Path::new("motifs"), &String::from_utf8(text).unwrap()).unwrap();
                prop_assert_eq!(read.len(), 2);
                for (a, b) in set.iter().zip(&read) {
                    prop_assert_eq!((&a.id, &a.name, a.sites), (&b.id, &b.name, b.sites));
                    let mut pairs = a.matrix.rows().iter().flatten().zip(b.matrix.rows().iter().flatten());
                    prop_assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-12));
                }
            }
        }
    }
}
