//! The TRANSFAC format: counts, one line per position, among fields with keys of two letters.
//!
//! Biopython and lightmotif read and write such records:
//!
//! ```text
//! AC  MA0297.1
//! XX
//! NA  FKH2
//! XX
//! BA  8 sites
//! XX
//! P0       A      C      G      T
//! 01       2      0      6      0
//! 02       8      0      0      0
//! XX
//! //
//! ```

use std::io::{self, Write};

use super::{
    lines::{Entry, Line, Lines},
    table::{COUNTED, profile},
};
use crate::{
    Result,
    motif::{Motif, MotifSet, ProbabilityMatrix, matrix::rows::Row},
};

const END: &str = "//";
const SITES: &str = " sites";
const LETTERS: [&str; 4] = ["A", "C", "G", "T"];

/// Whether a file in this format begins with a line.
pub(crate) fn begins(line: &str) -> bool {
    is_key(key(line))
}

/// Reads motifs to the end of the file.
pub(crate) fn read<'a>(lines: &mut Lines<'a>) -> Result<Vec<Entry<'a>>> {
    let mut entries = Vec::new();
    while lines.peek().is_some() {
        entries.extend(record(lines)?);
    }
    if entries.is_empty() {
        return Err(lines.error("a record with a matrix: P0"));
    }
    Ok(entries)
}

/// The fields of a record that describe its motif.
#[derive(Default)]
struct Fields<'a> {
    /// The lines AC, ID and NA.
    names: [Option<Line<'a>>; 3],
    sites: Option<f64>,
    matrix: Option<Vec<(Line<'a>, Row)>>,
}

/// Reads a record, which holds a motif unless it states the file's version.
fn record<'a>(lines: &mut Lines<'a>) -> Result<Option<Entry<'a>>> {
    let mut fields = Fields::default();
    while let Some(line) = lines.next() {
        match key(line.text) {
            END => return fields.motif(line),
            "AC" => set_once(&mut fields.names[0], line, line)?,
            "ID" => set_once(&mut fields.names[1], line, line)?,
            "NA" => set_once(&mut fields.names[2], line, line)?,
            "BA" => fields.sites = value(line).strip_suffix(SITES).and_then(|sites| line.amount(2, sites).ok()),
            "P0" | "PO" => set_once(&mut fields.matrix, rows(order(line)?, lines)?, line)?,
            key if is_number(key) => return Err(line.error(1, "P0 before the counts", line.text)),
            key if is_key(key) => {}
            key => return Err(line.error(1, "a key of two letters", key)),
        }
    }
    Err(lines.error("// at the end of the record"))
}

/// Sets a field that a record has once; a second one belongs to the next record, so that an end is missing.
fn set_once<T>(field: &mut Option<T>, value: T, line: Line<'_>) -> Result<()> {
    match field.replace(value) {
        None => Ok(()),
        Some(_) => Err(line.error(1, format!("// before another {}", key(line.text)), line.text)),
    }
}

impl<'a> Fields<'a> {
    fn motif(self, end: Line<'_>) -> Result<Option<Entry<'a>>> {
        let names: Vec<_> = self.names.into_iter().flatten().collect();
        let Some(rows) = self.matrix else {
            let expected = "P0 and a matrix before the end of the record";
            return if names.is_empty() { Ok(None) } else { Err(end.error(1, expected, end.text)) };
        };
        let [first, others @ ..] = names.as_slice() else {
            return Err(end.error(1, "AC, ID or NA before the end of the record", end.text));
        };
        let id = value(*first).to_owned();
        if id.is_empty() {
            return Err(first.error(2, "an identifier", &id));
        }
        let name = others.last().map_or("", |line| value(*line)).to_owned();
        let (lines, rows): (Vec<Line<'_>>, Vec<Row>) = rows.into_iter().unzip();
        let (matrix, counted) =
            profile(rows).map_err(|(index, expected)| lines[index].error(2, expected, value(lines[index])))?;
        Ok(Some((*first, Motif { id, name, matrix, sites: self.sites.or(counted) })))
    }
}

fn key(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

fn value(line: Line<'_>) -> &str {
    line.text[key(line.text).len()..].trim_start()
}

fn is_key(word: &str) -> bool {
    match word.as_bytes() {
        [first, second] => first.is_ascii_uppercase() && second.is_ascii_alphanumeric(),
        _ => false,
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the base that each column of the matrix counts.
fn order(header: Line<'_>) -> Result<[usize; 4]> {
    const EXPECTED: &str = "A, C, G and T, each once";
    let mut bases = Vec::new();
    for (letter, column) in header.text.split_whitespace().zip(1..).skip(1) {
        let base = LETTERS.iter().position(|base| letter.eq_ignore_ascii_case(base));
        let base = base.filter(|base| !bases.contains(base));
        bases.push(base.ok_or_else(|| header.error(column, EXPECTED, letter))?);
    }
    <[usize; 4]>::try_from(bases).map_err(|_| header.error(2, EXPECTED, value(header)))
}

/// Reads the numbered rows and puts each into the order A, C, G, T; numbers start at 1 or, in some files, at 0.
fn rows<'a>(order: [usize; 4], lines: &mut Lines<'a>) -> Result<Vec<(Line<'a>, Row)>> {
    let mut rows = Vec::new();
    let mut next = None;
    while let Some(line) = lines.next_if(|text| is_number(key(text))) {
        let key = key(line.text);
        let number = key.parse().ok().filter(|number| next.map_or(*number <= 1, |next| *number == next));
        let number: usize = number.ok_or_else(|| line.error(1, format!("row {:02}", next.unwrap_or(1)), key))?;
        next = Some(number + 1);
        let mut row = Row::default();
        for (base, count) in order.into_iter().zip(counts(line)?) {
            row[base] = count;
        }
        rows.push((line, row));
    }
    if rows.is_empty() {
        return Err(lines.error("row 01 of the matrix"));
    }
    Ok(rows)
}

/// Parses the counts of a row, which the letter of the consensus may follow.
fn counts(line: Line<'_>) -> Result<Row> {
    let mut fields = line.text.split_whitespace().zip(1..).skip(1);
    let mut row = Row::default();
    for count in &mut row {
        let (field, column) = fields.next().ok_or_else(|| line.error(1, "four counts", line.text))?;
        *count = line.amount(column, field)?;
    }
    let is_letter = |field: &str| field.len() == 1 && field.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut excess = fields.skip_while(|&(field, column)| column == CONSENSUS && is_letter(field));
    if let Some((field, column)) = excess.next() {
        return Err(line.error(column, "four counts and at most a letter", field));
    }
    let total: f64 = row.iter().sum();
    if total > 0.0 && total.is_finite() { Ok(row) } else { Err(line.error(2, COUNTED, value(line))) }
}

/// The field of a row that may hold the consensus.
const CONSENSUS: u64 = 6;

/// The names that the format can hold.
pub(crate) const NAMES: &str = "an identifier and an alternate name of one line, without spaces around them";

/// Whether the format can hold the names of a motif.
pub(crate) fn holds_names(motif: &Motif) -> bool {
    let is_one_line = |text: &str| text.trim() == text && !text.contains(char::is_control);
    !motif.id.is_empty() && is_one_line(&motif.id) && is_one_line(&motif.name)
}

/// Writes a whole file.
pub(crate) fn write(motifs: &MotifSet, writer: &mut dyn Write) -> io::Result<()> {
    for motif in motifs {
        writeln!(writer, "AC  {}\nXX", motif.id)?;
        if !motif.name.is_empty() {
            writeln!(writer, "NA  {}\nXX", motif.name)?;
        }
        if let Some(sites) = motif.sites {
            writeln!(writer, "BA  {sites}{SITES}\nXX")?;
        }
        write_matrix(&motif.matrix, motif.sites, writer)?;
        writeln!(writer, "XX\n{END}")?;
    }
    Ok(())
}

/// Writes counts if the number of sites is known, and probabilities otherwise.
fn write_matrix(matrix: &ProbabilityMatrix, sites: Option<f64>, writer: &mut dyn Write) -> io::Result<()> {
    writeln!(writer, "P0       A      C      G      T")?;
    let sites = sites.filter(|sites| COUNTABLE.contains(sites)).unwrap_or(1.0);
    for (row, number) in matrix.rows().iter().zip(1..) {
        let [a, c, g, t] = row.map(|probability| count(probability, sites));
        writeln!(writer, "{number:02}  {a:>6} {c:>6} {g:>6} {t:>6}")?;
    }
    Ok(())
}

/// Numbers of sites with which a probability becomes a count and back without loss.
const COUNTABLE: std::ops::Range<f64> = 1.0..1e15;

/// Returns the count behind a probability, rounded if only the rounding of floats keeps it from being whole.
fn count(probability: f64, sites: f64) -> f64 {
    const STEPS: f64 = 8.0;
    let count = probability * sites;
    let whole = count.round();
    if (count - whole).abs() <= STEPS * f64::EPSILON * count { whole } else { count }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read_text(text: &str) -> Result<Vec<Motif>> {
        let mut lines = Lines::new(Path::new("m.transfac"), text);
        Ok(read(&mut lines)?.into_iter().map(|(_, motif)| motif).collect())
    }

    #[test]
    fn columns_stand_in_any_order_and_the_consensus_may_be_left_out() {
        let motifs = read_text(
            "VV  a version\nXX\n//\nAC  M1\nXX\nID  V$FOS\nNA  FOS JUN\nXX\nP0 A T g c\n00 1 2 3 2 N\n01 0 0 4 0\nXX\n\
             //\nID M2\nPO\tA\tC\tG\tT\n1\t1.0\t2.0\t3.0\t0\nCC a comment\n//",
        )
        .unwrap();
        assert_eq!((motifs[0].id.as_str(), motifs[0].name.as_str(), motifs[0].sites), ("M1", "FOS JUN", Some(8.0)));
        assert_eq!(motifs[0].matrix.rows(), [[0.125, 0.25, 0.375, 0.25], [0.0, 0.0, 1.0, 0.0]]);
        assert_eq!((motifs[1].id.as_str(), motifs[1].name.as_str(), motifs[1].sites), ("M2", "", Some(6.0)));
    }

    #[test]
    fn the_first_name_identifies_and_the_last_is_the_alternate_one() {
        for (fields, id, name) in [
            ("AC MA0004.1\nID Arnt\n", "MA0004.1", "Arnt"),
            ("NA MyoD\nID V$MYOD_01\nAC M00001\n", "M00001", "MyoD"),
            ("ID V$MYOD_01\nNA MyoD\n", "V$MYOD_01", "MyoD"),
            ("NA\tALX1.p2\n", "ALX1.p2", ""),
        ] {
            let motifs = read_text(&format!("{fields}P0 A C G T\n01 4 0 0 0\n//\n")).unwrap();
            assert_eq!((motifs[0].id.as_str(), motifs[0].name.as_str()), (id, name));
        }
    }

    #[test]
    fn sites_are_those_stated_or_the_largest_total_and_unknown_for_probabilities() {
        let sites = |text: &str, row: &str| {
            read_text(&format!("AC M1\n{text}P0 A C G T\n01 {row}\n02 0 0 0 1\n//\n")).unwrap()[0].sites
        };
        assert_eq!(sites("", "0.5 0.5 0 0"), None);
        assert_eq!(sites("BA 12.5 sites\n", "0.5 0.5 0 0"), Some(12.5));
        assert_eq!(sites("", "5 5 0 0"), Some(10.0));
        assert_eq!(sites("BA 5 functional elements in 3 genes\n", "5 5 0 0"), Some(10.0));
        assert_eq!(sites("BA -5 sites\n", "5 5 0 0"), Some(10.0));
    }

    #[test]
    fn errors_know_their_line() {
        let message = |text: &str| read_text(text).unwrap_err().to_string();
        for (text, expected) in [
            ("AC M1\nXX\n01 1 0 0 0\n//", "3:1: expected P0 before the counts, found \"01 1 0 0 0\""),
            ("AC M1\nXX\n//\n", "3:1: expected P0 and a matrix before the end of the record, found \"//\""),
            ("VV 1\n//\n", "2:1: expected a record with a matrix: P0, found \"the end of the file\""),
            ("AC M1\nP0 A C G T\n//", "3:1: expected row 01 of the matrix, found \"//\""),
            ("AC M1\nP0 A C G T\n02 1 0 0 0", "3:1: expected row 01, found \"02\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 0\n03 1 0 0 0", "4:1: expected row 02, found \"03\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 0\n01 1 0 0 0", "4:1: expected row 02, found \"01\""),
            ("AC M1\nP0 A C G T\n01 1 -2 0 0", "3:3: expected a number of at least 0, found \"-2\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 NaN", "3:5: expected a number of at least 0, found \"NaN\""),
            ("AC M1\nP0 A C G T\n01 1 0 0", "3:1: expected four counts, found \"01 1 0 0\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 A", "3:5: expected a number of at least 0, found \"A\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 0 5", "3:6: expected four counts and at most a letter, found \"5\""),
            ("AC M1\nP0 A C G T\n01 1 0 0 0 A 5", "3:7: expected four counts and at most a letter, found \"5\""),
            ("AC M1\nP0 A C G T\n01 0 0 0 0 N", "3:2: expected finite counts, not all 0, found \"0 0 0 0 N\""),
            (
                "AC M1\nP0 A C G T\n01 1e308 1e308 0 0",
                "3:2: expected finite counts, not all 0, found \"1e308 1e308 0 0\"",
            ),
            ("AC M1\nP0 A C G U\n", "2:5: expected A, C, G and T, each once, found \"U\""),
            ("AC M1\nP0 A C A T\n", "2:4: expected A, C, G and T, each once, found \"A\""),
            ("AC M1\nP0 A C G\n", "2:2: expected A, C, G and T, each once, found \"A C G\""),
            ("AC M1\nP0\n", "2:2: expected A, C, G and T, each once, found \"\""),
            (
                "AC M1\nP0 A C G T\n01 1 0 0 0\nXX\n",
                "4:1: expected // at the end of the record, found \"the end of the file\"",
            ),
            ("AC M1\nP0 A C G T\n01 1 0 0 0\nAC M2", "4:1: expected // before another AC, found \"AC M2\""),
            (
                "AC M1\nP0 A C G T\n01 1 0 0 0\nP0 A C G T\n01 1 0 0 0",
                "4:1: expected // before another P0, found \"P0 A C G T\"",
            ),
            ("AC M1\nP0 A C G T\n01 1 0 0 0\n0.5 1 0 0", "4:1: expected a key of two letters, found \"0.5\""),
            (
                "AC M1\nP0 A C G T\n01 0.5 0.5 0 0\n02 0.5 0.25 0 0\n//",
                "4:2: expected probabilities that sum to 1, give or take 0.02, found \"0.5 0.25 0 0\"",
            ),
            (
                "DE MAX\nP0 A C G T\n01 1 0 0 0\n//",
                "4:1: expected AC, ID or NA before the end of the record, found \"//\"",
            ),
            ("AC\nP0 A C G T\n01 1 0 0 0\n//", "1:2: expected an identifier, found \"\""),
        ] {
            assert_eq!(message(text), format!("m.transfac:{expected}"));
        }
    }

    #[test]
    fn counts_are_whole_again_and_small_probabilities_stay() {
        assert_eq!(count(34.0 / 101.0, 101.0), 34.0);
        assert_eq!(count(1.0 / 3.0, 9.0), 3.0);
        assert_eq!(count(1e-20, 50.0), 1e-20 * 50.0);
        assert_eq!(count(0.0, 50.0), 0.0);
    }
}
