//! The JASPAR format: counts, a line a base.

use super::{
    Background, CountMatrix, Motif,
    lines::{Line, Lines},
    rows::Row,
    set::Found,
};
use crate::Result;

/// Whether a line begins a motif.
pub(super) fn begins(line: &str) -> bool {
    line.starts_with('>')
}

/// Reads motifs to the end of the file.
pub(super) fn read<'a>(lines: &mut Lines<'a>) -> Result<Vec<Found<'a>>> {
    let mut found = Vec::new();
    while let Some(header) = lines.next_if(begins) {
        found.push((header, motif(header, lines)?));
    }
    match lines.peek() {
        None => Ok(found),
        Some(_) => Err(lines.wrong_next("a line that starts with \">\"")),
    }
}

fn motif(header: Line<'_>, lines: &mut Lines<'_>) -> Result<Motif> {
    let (id, name) = names(header)?;
    let mut counts: [Vec<f64>; 4] = Default::default();
    let mut last = header;
    for (base, letter) in ['A', 'C', 'G', 'T'].into_iter().enumerate() {
        let Some(line) = lines.next_if(|text| text.starts_with(letter)) else {
            return Err(lines.wrong_next(format!("the counts of {letter}: \"{letter} [ ... ]\"")));
        };
        counts[base] = amounts(line)?;
        let width = counts[0].len();
        if counts[base].len() != width {
            let found = counts[base].len().to_string();
            return Err(line.wrong(1, format!("{width} counts, as for A"), &found));
        }
        last = line;
    }
    let rows: Vec<Row> = (0..counts[0].len()).map(|i| std::array::from_fn(|base| counts[base][i])).collect();
    let sites = rows.iter().map(|row| row.iter().sum()).fold(0.0, f64::max);
    let probabilities = CountMatrix::new(rows).and_then(|counts| counts.to_probabilities(&Background::UNIFORM, 0.0));
    // Counts are finite and not negative here: what is left is a matrix without positions, or a position without
    // counts.
    let matrix = probabilities.map_err(|_| last.wrong(1, "a count at each position", last.text))?;
    Ok(Motif { id, name, matrix, sites: Some(sites) })
}

/// The identifier, and the rest of the line.
fn names(header: Line<'_>) -> Result<(String, String)> {
    let text = header.text.strip_prefix('>').unwrap_or(header.text).trim();
    let (id, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if id.is_empty() {
        return Err(header.wrong(1, "an identifier", header.text));
    }
    Ok((id.to_owned(), name.trim().to_owned()))
}

/// The counts after a base's letter, in brackets or not.
fn amounts(line: Line<'_>) -> Result<Vec<f64>> {
    let fields = line.text[1..].split(|c: char| c.is_whitespace() || c == '[' || c == ']');
    fields
        .filter(|field| !field.is_empty())
        .enumerate()
        .map(|(index, field)| line.amount(index as u64 + 2, field))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read_text(text: &str) -> Result<Vec<Motif>> {
        let mut lines = Lines::new(Path::new("m.jaspar"), text);
        Ok(read(&mut lines)?.into_iter().map(|(_, motif)| motif).collect())
    }

    #[test]
    fn brackets_may_touch_counts_and_names_may_hold_spaces() {
        let motifs =
            read_text(">M1\tFOS JUN\nA [1 0]\nC [1 0]\nG\t[ 2 4 ]\nT [0 0]\n\n>M2\nA 1\nC 1\nG 1\nT 1").unwrap();
        assert_eq!((motifs[0].id.as_str(), motifs[0].name.as_str()), ("M1", "FOS JUN"));
        assert_eq!(motifs[0].matrix.rows(), [[0.25, 0.25, 0.5, 0.0], [0.0, 0.0, 1.0, 0.0]]);
        assert_eq!((motifs[1].name.as_str(), motifs[1].sites), ("", Some(4.0)));
    }

    #[test]
    fn errors_know_their_line() {
        let message = |text| read_text(text).unwrap_err().to_string();
        for (text, expected) in [
            (">M1\nA [ 1 -2 ]\n", "m.jaspar:2:3: expected a number of at least 0, found \"-2\""),
            (">M1\nA [ 1 2 ]\nC [ 1 ]\n", "m.jaspar:3:1: expected 2 counts, as for A, found \"1\""),
            (">M1\nA [ 1 ]\nG [ 1 ]\n", "m.jaspar:3:1: expected the counts of C: \"C [ ... ]\", found \"G [ 1 ]\""),
            (">M1\nA [ 1 ]\n", "m.jaspar:2:1: expected the counts of C: \"C [ ... ]\", found \"the end of the file\""),
            (
                ">M1\nA [ 0 ]\nC [ 0 ]\nG [ 0 ]\nT [ 0 ]",
                "m.jaspar:5:1: expected a count at each position, found \"T [ 0 ]\"",
            ),
            (">M1\nA []\nC []\nG []\nT []", "m.jaspar:5:1: expected a count at each position, found \"T []\""),
            (">\nA [ 1 ]\n", "m.jaspar:1:1: expected an identifier, found \">\""),
            (
                ">M1\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nU [ 1 ]",
                "m.jaspar:5:1: expected the counts of T: \"T [ ... ]\", found \"U [ 1 ]\"",
            ),
            (
                ">M1\nA [ 1 ]\nC [ 1 ]\nG [ 1 ]\nT [ 1 ]\nU [ 1 ]",
                "m.jaspar:6:1: expected a line that starts with \">\", found \"U [ 1 ]\"",
            ),
        ] {
            assert_eq!(message(text), expected);
        }
    }
}
