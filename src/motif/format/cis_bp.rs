//! The CIS-BP format: probabilities, one numbered line per position, below a line `Pos A C G T`.
//!
//! An archive has one file per motif, whose name identifies the motif; in a table, lines before the matrix name it:
//!
//! ```text
//! TF       T001021_2.00
//! TF Name  AIRE
//! Motif    M00001_2.00
//! Pos      A     C     G     T
//! 1        0.25  0.25  0.25  0.25
//! ```

use super::lines::{Entry, Line, Lines};
use crate::{
    Result,
    motif::{Motif, ProbabilityMatrix, matrix::rows::Row},
};

/// Whether a line is the header of a matrix.
pub(crate) fn is_header(line: &str) -> bool {
    line.split_whitespace().map(str::to_ascii_lowercase).eq(["pos", "a", "c", "g", "t"])
}

/// Reads motifs to the end of the file.
pub(crate) fn read<'a>(lines: &mut Lines<'a>) -> Result<Vec<Entry<'a>>> {
    let mut entries = Vec::new();
    while let Some(first) = lines.peek() {
        entries.push((first, motif(lines)?));
    }
    Ok(entries)
}

fn motif(lines: &mut Lines<'_>) -> Result<Motif> {
    let (mut id, mut name) = (None, "");
    while let Some(line) = lines.next_if(|text| !is_header(text)) {
        match line.text.split_once('\t').map(|(key, value)| (key.trim(), value.trim())) {
            Some(("Motif", value)) => id = Some(value),
            Some(("TF Name", value)) => name = value,
            Some(_) => {}
            None => return Err(line.error(1, "a key and a value, or Pos A C G T", line.text)),
        }
    }
    lines.next_if(is_header).ok_or_else(|| lines.error("Pos A C G T"))?;
    let mut rows = Vec::new();
    while let Some(line) = lines.next_if(|text| text.starts_with(|c: char| c.is_ascii_digit())) {
        rows.push(row(line, rows.len() + 1)?);
    }
    let matrix = ProbabilityMatrix::new(rows).map_err(|_| lines.error("position 1 of the matrix"))?;
    let id = id.map_or_else(|| lines.file_name(), str::to_owned);
    Ok(Motif { id, name: name.to_owned(), matrix, sites: None })
}

fn row(line: Line<'_>, number: usize) -> Result<Row> {
    let (found, numbers) = line.text.split_once(char::is_whitespace).unwrap_or((line.text, ""));
    if found.parse() != Ok(number) {
        return Err(line.error(1, format!("position {number}"), found));
    }
    line.probabilities(2, numbers.trim())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read_text(text: &str) -> Result<Vec<Motif>> {
        let mut lines = Lines::new(Path::new("pwms/M08126_2.00.txt"), text);
        Ok(read(&mut lines)?.into_iter().map(|(_, motif)| motif).collect())
    }

    const HEADER: &str = "Pos\tA\tC\tG\tT\n";

    #[test]
    fn a_motif_is_named_by_its_file_or_by_the_lines_before() {
        let motifs = read_text(&format!("{HEADER}1\t0.5\t0.25\t0.125\t0.125\n2\t0\t0\t1\t0\n")).unwrap();
        assert_eq!((motifs[0].id.as_str(), motifs[0].name.as_str(), motifs[0].sites), ("M08126_2.00", "", None));
        assert_eq!(motifs[0].matrix.rows(), [[0.5, 0.25, 0.125, 0.125], [0.0, 0.0, 1.0, 0.0]]);
        let table = |id| {
            format!("TF\tT001021_2.00\nTF Name\tAIRE\nMotif\t{id}\nSpecies\tHomo_sapiens\n{HEADER}1\t1\t0\t0\t0\n\n")
        };
        let motifs = read_text(&(table("M00001_2.00") + &table("M00002_2.00"))).unwrap();
        let names: Vec<_> = motifs.iter().map(|motif| (motif.id.as_str(), motif.name.as_str())).collect();
        assert_eq!(names, [("M00001_2.00", "AIRE"), ("M00002_2.00", "AIRE")]);
    }

    #[test]
    fn errors_know_their_line() {
        let message = |text: &str| read_text(text).unwrap_err().to_string();
        for (text, expected) in [
            (HEADER.to_owned(), "1:1: expected position 1 of the matrix, found \"the end of the file\""),
            (format!("{HEADER}2\t1\t0\t0\t0\n"), "2:1: expected position 1, found \"2\""),
            (format!("{HEADER}1\t1\t0\t0\n"), "2:2: expected four probabilities, found \"1\\t0\\t0\""),
            (
                format!("{HEADER}1\t0.5\t0.5\t0.5\t0\n"),
                "2:2: expected probabilities that sum to 1, give or take 0.02, found \"0.5\\t0.5\\t0.5\\t0\"",
            ),
            (format!("{HEADER}1\t1\t-1\t0\t1\n"), "2:3: expected a number of at least 0, found \"-1\""),
            (format!("{HEADER}1\t1\t0\t0\t0\nend\n"), "3:1: expected a key and a value, or Pos A C G T, found \"end\""),
            ("Motif\tM1\n".into(), "1:1: expected Pos A C G T, found \"the end of the file\""),
        ] {
            assert_eq!(message(&text), format!("pwms/M08126_2.00.txt:{expected}"));
        }
    }
}
