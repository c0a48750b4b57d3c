//! The MEME format: probabilities, one line per position.
//!
//! Collections use the minimal format. The text that MEME, DREME and STREME print of a run holds the same lines among
//! others, after a title; the width and the sites of a motif follow on its line `MOTIF`.

use std::io::{self, Write};

use super::lines::{Entry, Line, Lines};
use crate::{
    Result,
    motif::{Motif, MotifSet, ProbabilityMatrix, matrix::rows::Row},
};

const HEADER: &str = "MEME version";
const ALPHABET: &str = "ALPHABET";
const DNA_LIKE: &str = "ALPHABET \"DNA\" DNA-LIKE";
const END_ALPHABET: &str = "END ALPHABET";
const MOTIF: &str = "MOTIF";
const BACKGROUND: &str = "Background letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25";
const MATRIX: &str = "letter-probability matrix:";

/// Whether a file in this format begins with a line.
pub(crate) fn begins(line: &str) -> bool {
    line.get(..HEADER.len()).is_some_and(|start| start.eq_ignore_ascii_case(HEADER))
}

/// Reads motifs to the end of the file.
pub(crate) fn read<'a>(lines: &mut Lines<'a>) -> Result<Vec<Entry<'a>>> {
    while lines.next_if(|text| !begins(text)).is_some() {}
    let mut found = Vec::new();
    // Strands, background, links and log-odds matrices are skipped; no model here needs them.
    while let Some(line) = lines.next() {
        if line.text.starts_with(DNA_LIKE) {
            alphabet(line, lines)?;
        } else if line.text.starts_with(ALPHABET) {
            check_alphabet(line)?;
        } else if is_motif(line.text) {
            found.push((line, motif(line, lines)?));
        } else if line.text.starts_with(MATRIX) {
            return Err(line.error(1, "MOTIF before the matrix", line.text));
        }
    }
    if found.is_empty() {
        return Err(lines.error(MOTIF));
    }
    Ok(found)
}

fn is_motif(text: &str) -> bool {
    text.split_whitespace().next() == Some(MOTIF)
}

/// Reads an alphabet that is spelled out, as DREME's is, and refuses one whose core letters are not A, C, G and T.
fn alphabet(first: Line<'_>, lines: &mut Lines<'_>) -> Result<()> {
    let mut letters = Vec::new();
    while let Some(line) = lines.next_if(|text| !text.starts_with(END_ALPHABET)) {
        // Core letters come with their complement: A "Adenine" CC0000 ~ T "Thymine" 008000.
        if let Some((letter, complement)) = line.text.split_once('~') {
            letters.extend([letter, complement].iter().filter_map(|text| text.trim().chars().next()));
        }
    }
    lines.next().ok_or_else(|| lines.error(END_ALPHABET))?;
    letters.sort_unstable();
    if letters == ['A', 'C', 'G', 'T'] {
        return Ok(());
    }
    Err(first.error(2, "ACGT, and no other alphabet", &letters.iter().collect::<String>()))
}

/// Refuses an alphabet of one line that is not ACGT.
fn check_alphabet(line: Line<'_>) -> Result<()> {
    let letters = line.text[ALPHABET.len()..].trim_start_matches([' ', '\t', '=']);
    let expected = match letters.to_ascii_uppercase().as_str() {
        "ACGT" => return Ok(()),
        "ACGU" => "ACGT: motifs of RNA; where they are of factors that bind DNA, write ACGT here",
        "ACDEFGHIKLMNPQRSTVWY" => "ACGT: these are motifs of proteins",
        _ => "ACGT, and no other alphabet: write \"ALPHABET= ACGT\" if the columns are A, C, G and T",
    };
    Err(line.error(2, expected, letters))
}

fn motif(header: Line<'_>, lines: &mut Lines<'_>) -> Result<Motif> {
    let mut names = header.text.split_whitespace().skip(1).map(str::to_owned);
    let id = names.next().ok_or_else(|| header.error(2, "an identifier", ""))?;
    // An older MEME numbers its motifs and gives no name: MOTIF 1 width = 7.
    let name = names.next().filter(|name| name != "width" && !name.starts_with("width=")).unwrap_or_default();
    while lines.next_if(|text| !text.starts_with(MATRIX) && !is_motif(text)).is_some() {}
    let line = lines.next_if(|text| text.starts_with(MATRIX)).ok_or_else(|| lines.error(MATRIX))?;
    let (width, sites) = stated(line)?;
    let rows = rows(lines, width)?;
    let matrix = ProbabilityMatrix::new(rows).map_err(|_| lines.error("four probabilities"))?;
    Ok(Motif { id, name, matrix, sites })
}

/// Returns the width and the number of sites that the first line of a matrix states.
fn stated(line: Line<'_>) -> Result<(Option<usize>, Option<f64>)> {
    if let Some((column, found)) = value(line, "alength=").filter(|(_, found)| *found != "4") {
        return Err(line.error(column, "4 letters", found));
    }
    let width = |(column, found): (u64, &str)| {
        found.parse().ok().filter(|&width: &usize| width > 0).ok_or_else(|| line.error(column, "a width", found))
    };
    let sites = value(line, "nsites=").map(|(column, found)| line.amount(column, found));
    Ok((value(line, "w=").map(width).transpose()?, sites.transpose()?))
}

/// Returns the column of a value and the value, which may touch its key.
fn value<'a>(line: Line<'a>, key: &str) -> Option<(u64, &'a str)> {
    let mut fields = line.text.split_whitespace().zip(1..);
    let (rest, column) = fields.find_map(|(field, column)| Some((field.strip_prefix(key)?, column)))?;
    let (value, column) = if rest.is_empty() { fields.next().unwrap_or(("", column)) } else { (rest, column) };
    Some((column, value))
}

/// Reads the rows of a matrix: as many as its first line states, or all that follow.
fn rows(lines: &mut Lines<'_>, width: Option<usize>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    while let Some(line) = lines.next_if(starts_with_number) {
        if width.is_some_and(|width| rows.len() == width) {
            return Err(line.error(1, format!("the end of the matrix after {} rows", rows.len()), line.text));
        }
        rows.push(line.probabilities(1, line.text)?);
    }
    match width {
        Some(width) if rows.len() < width => {
            Err(lines.error(format!("row {} of {width} of the matrix", rows.len() + 1)))
        }
        _ => Ok(rows),
    }
}

fn starts_with_number(text: &str) -> bool {
    text.split_whitespace().next().is_some_and(|field| field.parse::<f64>().is_ok())
}

/// The names that the format can hold.
pub(crate) const NAMES: &str = "an identifier and an alternate name without spaces";

/// Whether the format can hold the names of a motif.
pub(crate) fn holds_names(motif: &Motif) -> bool {
    !motif.id.is_empty() && !format!("{}{}", motif.id, motif.name).contains(char::is_whitespace)
}

/// Writes a whole file.
pub(crate) fn write(motifs: &MotifSet, writer: &mut dyn Write) -> io::Result<()> {
    // Biopython refuses a file without a background; the format's default is uniform.
    write!(writer, "{HEADER} 4\n\n{ALPHABET}= ACGT\n\nstrands: + -\n\n{BACKGROUND}\n")?;
    for motif in motifs {
        write!(writer, "\n{MOTIF} {}", motif.id)?;
        if !motif.name.is_empty() {
            write!(writer, " {}", motif.name)?;
        }
        write!(writer, "\n{MATRIX} alength= 4 w= {}", motif.matrix.width())?;
        if let Some(sites) = motif.sites {
            write!(writer, " nsites= {sites}")?;
        }
        writeln!(writer)?;
        for [a, c, g, t] in motif.matrix.rows() {
            writeln!(writer, "{a} {c} {g} {t}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read_text(text: &str) -> Result<Vec<Motif>> {
        let text = format!("MEME version 4\n{text}");
        let mut lines = Lines::new(Path::new("m.meme"), &text);
        Ok(read(&mut lines)?.into_iter().map(|(_, motif)| motif).collect())
    }

    const ROW: &str = "0.25 0.25 0.25 0.25\n";

    #[test]
    fn an_alphabet_that_is_spelt_out_may_be_that_of_dna() {
        let alphabet = "ALPHABET \"DNA\" DNA-LIKE\nA \"Adenine\" CC0000 ~ T \"Thymine\" 008000\nC \"Cytosine\" 0000CC \
                        ~ G \"Guanine\" FFB300\nN \"Any base\" = ACGT\nX = ACGT\nU = T\nEND ALPHABET\n";
        let motifs = read_text(&format!("{alphabet}MOTIF M1 DREME-1\n{MATRIX}\n{ROW}")).unwrap();
        assert_eq!((motifs[0].id.as_str(), motifs[0].name.as_str()), ("M1", "DREME-1"));
    }

    #[test]
    fn width_sites_and_alternate_name_may_be_left_out() {
        let motifs = read_text(&format!(
            "MOTIF M1\n{MATRIX}\n{ROW}{ROW}URL http://example.org\n\nMOTIF M2 b\n{MATRIX} w=1 nsites=9.5\n{ROW}"
        ))
        .unwrap();
        assert_eq!((motifs[0].matrix.width(), motifs[0].name.as_str(), motifs[0].sites), (2, "", None));
        assert_eq!((motifs[1].matrix.width(), motifs[1].name.as_str(), motifs[1].sites), (1, "b", Some(9.5)));
    }

    /// What MEME prints of a run, shortened; older ones number their motifs.
    const RUN: &str = "\
********************************************************************************
MEME - Motif discovery tool
********************************************************************************
MEME version 5.5.6 (Release date: Wed Jun 19 13:59:04 2024 -0700)

********************************************************************************
TRAINING SET
********************************************************************************
PRIMARY SEQUENCES= peaks.fa
ALPHABET= ACGT
Sequence name            Weight Length  Sequence name            Weight Length
-------------            ------ ------  -------------            ------ ------
MOTIF1                   1.0000    200  chr1:100-300             1.0000    200
strands: + -
Background letter frequencies (from file dataset with add-one prior applied):
A 0.29 C 0.21 G 0.21 T 0.29
********************************************************************************
MOTIF TG MEME-1\twidth =   2  sites =   4  llr = 9  E-value = 3.7e-033
********************************************************************************
\tMotif TG MEME-1 Description
Simplified        A  :3
pos.-specific     C  ::
probability       G  :8
matrix            T  a:
SEQUENCE NAME            POSITION P-VALUE  MOTIF DIAGRAM
BL   MOTIF TG width=2 seqs=4
chr1:100-300             (   71) TG  1
//
\tMotif TG MEME-1 position-specific scoring matrix
log-odds matrix: alength= 4 w= 2 n= 398 bayes= 6.6 E= 3.7e-033
 -1045  -1045  -1045    176
   -24  -1045    182  -1045
\tMotif TG MEME-1 position-specific probability matrix
letter-probability matrix: alength= 4 w= 2 nsites= 4 E= 3.7e-033
 0.000000  0.000000  0.000000  1.000000
 0.250000  0.000000  0.750000  0.000000
--------------------------------------------------------------------------------
\tMotif TG MEME-1 regular expression
T[GA]
Time  0.32 secs.
********************************************************************************
MOTIF  2 width =    1   sites =  11   llr = 88   E-value = 2.5e-006
********************************************************************************
letter-probability matrix: alength= 4 w= 1 nsites= 11 E= 2.5e-006
 0.000000  1.000000  0.000000  0.000000
--------------------------------------------------------------------------------
SUMMARY OF MOTIFS
SEQUENCE NAME            COMBINED P-VALUE  MOTIF DIAGRAM
chr1:100-300                     1.48e-06  29_[+2(2.05e-07)]_594_
Stopped because requested number of motifs (2) found.
";

    #[test]
    fn the_text_of_a_run_holds_its_motifs_among_much_else() {
        let mut lines = Lines::new(Path::new("meme.txt"), RUN);
        let motifs: Vec<_> = read(&mut lines).unwrap().into_iter().map(|(_, motif)| motif).collect();
        let names: Vec<_> = motifs.iter().map(|motif| (motif.id.as_str(), motif.name.as_str(), motif.sites)).collect();
        assert_eq!(names, [("TG", "MEME-1", Some(4.0)), ("2", "", Some(11.0))]);
        assert_eq!(motifs[0].matrix.rows(), [[0.0, 0.0, 0.0, 1.0], [0.25, 0.0, 0.75, 0.0]]);
        assert_eq!(motifs[1].matrix.rows(), [[0.0, 1.0, 0.0, 0.0]]);
    }

    #[test]
    fn errors_know_their_line() {
        let message = |text: String| read_text(&text).unwrap_err().to_string();
        for (text, expected) in [
            (
                "ALPHABET= ACDEFGHIKLMNPQRSTVWY\n".into(),
                "m.meme:2:2: expected ACGT: these are motifs of proteins, found \"ACDEFGHIKLMNPQRSTVWY\"",
            ),
            (
                "\nALPHABET= ACGU\n".into(),
                "m.meme:3:2: expected ACGT: motifs of RNA; where they are of factors that bind DNA, write ACGT here, \
                 found \"ACGU\"",
            ),
            ("ALPHABET \"DNA\" DNA-LIKE\n".into(), "m.meme:2:1: expected END ALPHABET, found \"the end of the file\""),
            (
                "ALPHABET \"DNA\" DNA-LIKE\nA ~ T\nC ~ G\nm \"5-mC\" ~ 1\nEND ALPHABET\n".into(),
                "m.meme:2:2: expected ACGT, and no other alphabet, found \"1ACGTm\"",
            ),
            ("\n".into(), "m.meme:2:1: expected MOTIF, found \"the end of the file\""),
            ("MOTIF\n".into(), "m.meme:2:2: expected an identifier, found \"\""),
            ("MOTIF M1\nMOTIF M2\n".into(), "m.meme:3:1: expected letter-probability matrix:, found \"MOTIF M2\""),
            (
                format!("{MATRIX} w= 1\n{ROW}"),
                "m.meme:2:1: expected MOTIF before the matrix, found \"letter-probability matrix: w= 1\"",
            ),
            (format!("MOTIF M1\n{MATRIX} alength= 20\n"), "m.meme:3:4: expected 4 letters, found \"20\""),
            (format!("MOTIF M1\n{MATRIX} w= two\n"), "m.meme:3:4: expected a width, found \"two\""),
            (format!("MOTIF M1\n{MATRIX} w="), "m.meme:3:3: expected a width, found \"\""),
            (format!("MOTIF M1\n{MATRIX} nsites= -5"), "m.meme:3:4: expected a number of at least 0, found \"-5\""),
            (
                format!("MOTIF M1\n{MATRIX} w= 1\n0.5 0.5 0.5 0.5"),
                "m.meme:4:1: expected probabilities that sum to 1, give or take 0.02, found \"0.5 0.5 0.5 0.5\"",
            ),
            (
                format!("MOTIF M1\n{MATRIX} w= 1\n1.5 -0.5 0 0"),
                "m.meme:4:2: expected a number of at least 0, found \"-0.5\"",
            ),
            (
                format!("MOTIF M1\n{MATRIX} w= 1\n0.5 0.5 0"),
                "m.meme:4:1: expected four probabilities, found \"0.5 0.5 0\"",
            ),
            (
                format!("MOTIF M1\n{MATRIX} w= 2\n{ROW}MOTIF M2"),
                "m.meme:5:1: expected row 2 of 2 of the matrix, found \"MOTIF M2\"",
            ),
            (
                format!("MOTIF M1\n{MATRIX} w= 1\n{ROW}{ROW}"),
                "m.meme:5:1: expected the end of the matrix after 1 rows, found \"0.25 0.25 0.25 0.25\"",
            ),
            (format!("MOTIF M1\n{MATRIX}\nURL x"), "m.meme:4:1: expected four probabilities, found \"URL x\""),
        ] {
            assert_eq!(message(text), expected);
        }
    }
}
