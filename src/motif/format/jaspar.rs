//! The JASPAR format: counts, one line per base, below a line of `>` and a name, as raw matrices have.

use super::{
    lines::{Entry, Line, Lines},
    raw::{self, amounts, names},
    table::profile,
};
use crate::{
    Result,
    motif::{Motif, ProbabilityMatrix, matrix::rows::Row},
};

/// Whether a line begins a motif.
pub(crate) fn begins(line: &str) -> bool {
    line.starts_with('>')
}

/// Reads motifs to the end of the file.
pub(crate) fn read<'a>(lines: &mut Lines<'a>) -> Result<Vec<Entry<'a>>> {
    let mut entries = Vec::new();
    while let Some(header) = lines.next_if(begins) {
        entries.push((header, motif(header, lines)?));
    }
    match lines.peek() {
        None => Ok(entries),
        Some(_) => Err(lines.error("a line that starts with \">\"")),
    }
}

fn motif(header: Line<'_>, lines: &mut Lines<'_>) -> Result<Motif> {
    if lines.peek().is_some_and(|line| raw::begins(line.text)) {
        return raw::motif(header, lines);
    }
    let (id, name) = names(header)?;
    let (matrix, sites) = matrix(header, lines)?;
    Ok(Motif { id, name, matrix, sites })
}

/// Reads a matrix whose lines begin with A, C, G and T, and returns the number of sites, too.
fn matrix(header: Line<'_>, lines: &mut Lines<'_>) -> Result<(ProbabilityMatrix, Option<f64>)> {
    let mut counts: [Vec<f64>; 4] = Default::default();
    let mut last = header;
    for (base, letter) in ['A', 'C', 'G', 'T'].into_iter().enumerate() {
        let Some(line) = lines.next_if(|text| counts_after(letter, text).is_some()) else {
            let rows = if base == 0 { ", or rows of numbers" } else { "" };
            return Err(lines.error(format!("the counts of {letter}: \"{letter} [ ... ]\"{rows}")));
        };
        counts[base] = amounts(line, counts_after(letter, line.text).unwrap_or_default(), 2)?;
        let width = counts[0].len();
        if counts[base].len() != width {
            let found = counts[base].len().to_string();
            return Err(line.error(1, format!("{width} counts, as for A"), &found));
        }
        last = line;
    }
    let rows: Vec<Row> = (0..counts[0].len()).map(|i| std::array::from_fn(|base| counts[base][i])).collect();
    profile(rows)
        .map_err(|(index, expected)| last.error(1, format!("{expected}, at position {}", index + 1), last.text))
}

/// Returns the text after a base's letter.
fn counts_after(letter: char, text: &str) -> Option<&str> {
    let rest = text.strip_prefix([letter, letter.to_ascii_lowercase()])?;
    (!rest.starts_with(char::is_alphabetic)).then_some(rest)
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
            (
                ">M1\nA [ 1 -2 ]\n",
                "m.jaspar:2:3: expected counts or probabilities, which are at least 0: weights (log-odds) cannot be \
                 read; collections have the counts as well (HOCOMOCO: the .pcm file), found \"-2\"",
            ),
            (">M1\nA [ 1 2 ]\nC [ 1 ]\n", "m.jaspar:3:1: expected 2 counts, as for A, found \"1\""),
            (">M1\nA [ 1 ]\nG [ 1 ]\n", "m.jaspar:3:1: expected the counts of C: \"C [ ... ]\", found \"G [ 1 ]\""),
            (">M1\nA [ 1 ]\n", "m.jaspar:2:1: expected the counts of C: \"C [ ... ]\", found \"the end of the file\""),
            (
                ">M1\nA [ 0 ]\nC [ 0 ]\nG [ 0 ]\nT [ 0 ]",
                "m.jaspar:5:1: expected finite counts, not all 0, at position 1, found \"T [ 0 ]\"",
            ),
            (">M1\nA []\nC []\nG []\nT []", "m.jaspar:5:1: expected counts, at position 1, found \"T []\""),
            (
                ">M1\nA [ .5 .5 ]\nC [ .5 .4 ]\nG [ 0 0 ]\nT [ 0 0 ]",
                "m.jaspar:5:1: expected probabilities that sum to 1, give or take 0.02, at position 2, found \
                 \"T [ 0 0 ]\"",
            ),
            (
                ">chr1\nACGTACGT\n",
                "m.jaspar:2:1: expected the counts of A: \"A [ ... ]\", or rows of numbers, found \"ACGTACGT\"",
            ),
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
