use std::{collections::HashSet, io::Read, path::Path};

use super::{
    Motif,
    format::{self, not_motifs},
    meme,
    names::{Claim, claim},
    transfac,
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
    /// Reads a file of motifs, plain or gzip; its content tells the format:
    ///
    /// | format | how it begins | identifier, alternate name |
    /// |---|---|---|
    /// | MEME: minimal, or the text of a run of MEME, DREME or STREME | `MEME version`, after a title or not | those after `MOTIF` |
    /// | JASPAR: counts, a line a base, with letters or without | `>` | the first word after `>`, the others |
    /// | HOCOMOCO's `.pcm`: counts, a line a position | `>` | the same |
    /// | HOMER: probabilities, a line a position | `>`, a consensus, a name and a number | the name, none |
    /// | TRANSFAC | a key of two letters | the first of `AC`, `ID` and `NA`, the last of the others |
    /// | CIS-BP: probabilities, a line a position | `Pos A C G T`, or keys before | `Motif` or else the file's name, `TF Name` |
    ///
    /// Counts become probabilities without pseudocounts, and the largest total of a position becomes the number of
    /// sites. In TRANSFAC, a line `BA  101 sites` goes before that total. Where all positions sum to 1 the numbers are
    /// probabilities, each row divided by its sum, and the number of sites is unknown. Lines that start with `#` are
    /// comments.
    ///
    /// Without letters, four lines are bases and four columns are positions; four lines of four columns are an error.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] and [`Error::Corrupt`] if the file cannot be read or inflated, [`Error::Format`] if it is not text,
    /// is empty, or is HTML, XML or JSON, and [`Error::Parse`] with the line for another format, another alphabet than
    /// ACGT, a row that does not sum to 1 ([`ProbabilityMatrix::new`](super::ProbabilityMatrix::new)), a negative count
    /// (such as a weight), a wrong width, rows out of order, a record without an end, or an identifier that was used
    /// before.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut reader = text::open(path)?;
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map_err(text::read_error(path))?;
        let content = String::from_utf8(bytes).map_err(|_| not_motifs(path, "it is not text"))?;
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

    /// Returns the set with each motif [trimmed](Motif::trimmed); those without an informative position are left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, MotifSet, ProbabilityMatrix};
    ///
    /// let motif = |id: &str, rows| -> multitf::Result<Motif> {
    ///     Ok(Motif { id: id.into(), name: String::new(), matrix: ProbabilityMatrix::new(rows)?, sites: None })
    /// };
    /// let (flat, g) = ([0.25; 4], [0.0, 0.0, 1.0, 0.0]);
    /// let set = MotifSet::from_motifs(vec![motif("a", vec![flat, g, flat])?, motif("b", vec![flat])?])?;
    /// let trimmed = set.trimmed(0.5);
    /// assert_eq!((trimmed.len(), trimmed.find("a").map(|motif| motif.matrix.width())), (1, Some(1)));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn trimmed(&self, min_information: f64) -> Self {
        Self { motifs: self.motifs.iter().filter_map(|motif| motif.trimmed(min_information)).collect() }
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

    /// Returns the motif of a factor: the first of [`for_factor`](Self::for_factor).
    pub fn find(&self, factor: &str) -> Option<&Motif> {
        let claims = self.claims(factor);
        claims.min_by_key(|(claim, _)| *claim).map(|(_, motif)| motif)
    }

    /// Returns all motifs of a factor, the surest first, and in the file's order where they are as sure.
    ///
    /// Without regard to the case of ASCII letters, a motif is a factor's
    ///
    /// 1. by its alternate name,
    /// 2. or else by its identifier,
    /// 3. or by what a collection calls it: `MA0139.1.CTCF` (JASPAR), `CTCF_HUMAN.H11MO.0.A`, `CTCF.H12CORE.0.P.B`
    ///    (HOCOMOCO), `(Ctcf)_(Mus_musculus)_(DBD_1.00)` (CIS-BP), `CTCF(Zf)/CD4+-CTCF-ChIP-Seq(GSE12889)/Homer`
    ///    (HOMER), `CTCF_primary` (UniPROBE), `CTCF.p2` (SwissRegulon), `CTCF_full_2` (Jolma et al.),
    /// 4. or as a second profile: `CTCF(var.2)`, `CTCF_secondary`,
    /// 5. or as one that binds with others: `FOS::JUN` is of FOS and of JUN.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, MotifSet, ProbabilityMatrix};
    ///
    /// let motif = |id: &str, name: &str| -> Result<Motif, multitf::Error> {
    ///     let matrix = ProbabilityMatrix::new(vec![[0.25; 4]])?;
    ///     Ok(Motif { id: id.into(), name: name.into(), matrix, sites: None })
    /// };
    /// let motifs = MotifSet::from_motifs(vec![
    ///     motif("MA0099.3", "FOS::JUN")?,
    ///     motif("JUN_HUMAN.H11MO.0.A", "")?,
    ///     motif("MA0488.1", "JUN")?,
    /// ])?;
    /// let ids = |factor| motifs.for_factor(factor).into_iter().map(|motif| &*motif.id).collect::<Vec<_>>();
    /// assert_eq!(ids("Jun"), ["MA0488.1", "JUN_HUMAN.H11MO.0.A", "MA0099.3"]);
    /// assert_eq!(ids("FOS"), ["MA0099.3"]);
    /// assert!(ids("FO").is_empty());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn for_factor(&self, factor: &str) -> Vec<&Motif> {
        let mut claims: Vec<_> = self.claims(factor).collect();
        claims.sort_by_key(|(claim, _)| *claim);
        claims.into_iter().map(|(_, motif)| motif).collect()
    }

    fn claims(&self, factor: &str) -> impl Iterator<Item = (Claim, &Motif)> {
        self.motifs.iter().filter_map(move |motif| Some((claim(motif, factor)?, motif)))
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

fn parse(path: &Path, content: &str) -> Result<MotifSet> {
    let found = format::read(path, content)?;
    let mut seen = HashSet::new();
    for (line, motif) in &found {
        if !seen.insert(&motif.id) {
            return Err(line.wrong(2, "an identifier that was not used before", &motif.id));
        }
    }
    Ok(MotifSet { motifs: found.into_iter().map(|(_, motif)| motif).collect() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        motif::ProbabilityMatrix,
        testing::{TestFile, gzip},
    };

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
        const KIND: &str = "motifs: not a motif file (MEME, JASPAR, TRANSFAC, HOCOMOCO, HOMER or CIS-BP): it is ";
        for (text, detail) in [
            (" \n\n", "empty"),
            ("# nothing\n", "empty"),
            ("<!DOCTYPE HTML>\n<html>MEME version 5", "a web page; of a MEME run take the file .txt, and else"),
            ("\n<html>", "a web page"),
            ("<?xml version='1.0'?>\n<!DOCTYPE MEME[", "XML; of a MEME run take the file .txt"),
            ("{\n\"count\": 1", "JSON; take the motifs in MEME or JASPAR format"),
            ("[{\"pfm\": 1}]", "JSON"),
        ] {
            assert!(message(text).starts_with(&format!("{KIND}{detail}")), "{}", message(text));
        }
        for first in ["MOTIF M1", "ALPHABET= ACGT", "A [ 1 2 ]", "0.25 0.25 0.25 0.25", "01 1 0 0 0", "****", "Cha4"] {
            let message = message(&format!("\n{first}\n"));
            let known =
                "motifs:2:1: expected MEME (\"MEME version\"), JASPAR, HOCOMOCO's .pcm or HOMER (\">\"), TRANSFAC";
            assert!(message.starts_with(known) && message.ends_with(&format!("found {first:?}")), "{message}");
        }
    }

    #[test]
    fn the_content_tells_the_format() {
        for text in [
            "\r\n\r\n# a comment\r\nmeme version 4\r\n\r\nMOTIF\tM1\tx\r\nletter-probability matrix:\r\n 1\t0 0 0\r\n",
            "****\nMEME - Motif discovery tool\n****\nMEME version 5\n\nMOTIF M1 x\nletter-probability matrix:\n1 0 0 0\n",
            "# DREME 5.5.6\n#   when: today\n\nMEME version 5\nMOTIF M1 x\n# BEST A\nletter-probability matrix:\n1 0 0 0\n",
            "\n>M1\tx\r\nA [1]\r\nC [0]\r\nG [0]\r\nT [0]\r\n",
            ">M1 x\na 1\nc 0\ng 0\nt 0\n",
            ">M1 x\nA | 1\nC | 0\nG | 0\nT | 0\n",
            ">M1 x\n1\n0\n0\n0\n",
            ">M1 x\n1 0 0 0\n",
            "AC M1\nID x\nP0 A C G T\n01 1 0 0 0\n//\n",
            "TF\tT1\nTF Name\tx\nMotif\tM1\nPos\tA\tC\tG\tT\n1\t1\t0\t0\t0\n",
        ] {
            let set = set(text).unwrap();
            let matrix = ProbabilityMatrix::new(vec![[1.0, 0.0, 0.0, 0.0]]).unwrap();
            assert_eq!(set.motifs, [Motif { matrix, ..motif("M1", "x") }], "{text}");
        }
    }

    #[test]
    fn all_motifs_of_a_factor_are_found_the_surest_first() {
        let names = [
            ("MA0099.3", "FOS::JUN"),
            ("MA0489.1", "JUN(var.2)"),
            ("JUN_HUMAN.H11MO.0.A", ""),
            ("jun", ""),
            ("MA0488.1", "JUN"),
            ("MA0491.2", "JUND"),
            ("M3_2.00", "Jun"),
        ];
        let set = MotifSet::from_motifs(names.map(|(id, name)| motif(id, name)).to_vec()).unwrap();
        let ids = |factor| set.for_factor(factor).into_iter().map(|motif| &*motif.id).collect::<Vec<_>>();
        assert_eq!(ids("JUN"), ["MA0488.1", "M3_2.00", "jun", "JUN_HUMAN.H11MO.0.A", "MA0489.1", "MA0099.3"]);
        assert_eq!(ids("FOS"), ["MA0099.3"]);
        assert_eq!(ids("FOSL1"), [""; 0]);
        for factor in ["JUN", "FOS", "FOSL1"] {
            assert_eq!(set.find(factor), set.for_factor(factor).first().copied());
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
        let bytes = gzip(b">M1 MAX\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\n");
        let path = TestFile::new("motifs.meme.gz", &bytes);
        assert_eq!(MotifSet::open(&path).unwrap().find("MAX").unwrap().sites, Some(4.0));
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(MotifSet::open(&path), Err(Error::Corrupt { .. })));
        std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
        assert!(matches!(MotifSet::open(&path), Err(Error::Format { .. })));
    }

    #[test]
    fn the_yeast_profiles_are_read() {
        let Some(folder) = crate::testing::real_data("yeast") else { return };
        let set = MotifSet::open(folder.join("motifs.meme")).unwrap();
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
            "********\n",
            "MOTIF  1 width = 7\n",
            ">ATGACTCATC\tx\t6.0\n",
            "Pos\tA\tC\tG\tT\n",
            "1\t1\t0\t0\t0\n",
            "8 0 0\n",
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
            for start in ["", "MEME version 4\n", ">", "AC  M1\nP0  A C G T\n", "Pos A C G T\n"] {
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
