//! Raw matrices: numbers without letters, below a line of `>` and a name.
//!
//! JASPAR's raw format has one line per base (A, C, G, T); HOCOMOCO's `.pcm` and HOMER have one line per position. Four
//! lines are bases, and four columns are positions. A matrix of four by four is ambiguous unless its first line is
//! HOMER's:
//!
//! ```text
//! >ATGACTCATC  AP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer  6.049537
//! ```

use super::{
    lines::{Line, Lines},
    table::profile,
};
use crate::{
    Result,
    motif::{Motif, matrix::rows::Row},
};

/// Whether a line begins with a number.
pub(crate) fn begins(line: &str) -> bool {
    line.trim_start_matches(['[', '+', '-', '.', ' ', '\t']).starts_with(|c: char| c.is_ascii_digit())
}

/// Reads the matrix below a line of names.
pub(crate) fn motif(header: Line<'_>, lines: &mut Lines<'_>) -> Result<Motif> {
    let homer = homer_name(header.text).map(|name| (name.to_owned(), String::new()));
    let is_homer = homer.is_some();
    let (id, name) = homer.map_or_else(|| names(header), Ok)?;
    let table = table(lines)?;
    let rows = rows(header, &table, is_homer)?;
    let by_position = rows.len() == table.len();
    let (matrix, sites) = profile(rows).map_err(|(index, expected)| {
        let line = if by_position { table[index].0 } else { header };
        line.error(1, format!("{expected}, at position {}", index + 1), line.text)
    })?;
    Ok(Motif { id, name, matrix, sites })
}

/// Reads the lines with their numbers, as many in each.
fn table<'a>(lines: &mut Lines<'a>) -> Result<Vec<(Line<'a>, Vec<f64>)>> {
    let mut table: Vec<(Line<'a>, Vec<f64>)> = Vec::new();
    while let Some(line) = lines.next_if(begins) {
        let numbers = amounts(line, line.text, 1)?;
        if let Some((_, first)) = table.first().filter(|(_, first)| first.len() != numbers.len()) {
            return Err(line.error(1, format!("{} numbers, as in the line before", first.len()), line.text));
        }
        table.push((line, numbers));
    }
    Ok(table)
}

/// Returns the positions of a table.
fn rows(header: Line<'_>, table: &[(Line<'_>, Vec<f64>)], is_homer: bool) -> Result<Vec<Row>> {
    const SQUARE: &str = "a matrix that is not four by four, as nothing tells whether its lines are bases or \
                          positions: write A, C, G and T before the lines if they are bases, or take the motif in MEME \
                          format";
    let columns = table.first().map_or(0, |(_, numbers)| numbers.len());
    let row = |(_, numbers): &(Line<'_>, Vec<f64>)| std::array::from_fn(|base| numbers[base]);
    match (table.len(), columns) {
        (4, 4) if !is_homer => Err(header.error(1, SQUARE, header.text)),
        (_, 4) => Ok(table.iter().map(row).collect()),
        (4, _) if !is_homer => Ok((0..columns).map(|i| std::array::from_fn(|base| table[base].1[i])).collect()),
        (lines, _) => {
            let expected = if is_homer { "four probabilities a line" } else { "four lines, or four numbers in each" };
            let line = table.first().map_or(header, |(line, _)| *line);
            Err(line.error(1, expected, &format!("{lines} lines of {columns} numbers")))
        }
    }
}

/// Returns the name in a line of HOMER's: a consensus, the name, and the threshold of a site's log-odds.
fn homer_name(header: &str) -> Option<&str> {
    let header = header.strip_prefix('>')?;
    let by_tabs: Vec<&str> = header.split('\t').map(str::trim).collect();
    let fields = if by_tabs.len() > 1 { by_tabs } else { header.split_whitespace().collect() };
    let [consensus, name, threshold, ..] = fields.as_slice() else { return None };
    let is_consensus = !consensus.is_empty() && consensus.bytes().all(|byte| b"ACGTRYSWKMBDHVN".contains(&byte));
    (is_consensus && !name.is_empty() && threshold.parse::<f64>().is_ok()).then_some(*name)
}

/// Returns the identifier and the rest of the line.
pub(crate) fn names(header: Line<'_>) -> Result<(String, String)> {
    let text = header.text.strip_prefix('>').unwrap_or(header.text).trim();
    let (id, name) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if id.is_empty() {
        return Err(header.error(1, "an identifier", header.text));
    }
    Ok((id.to_owned(), name.trim().to_owned()))
}

/// Parses the numbers from a column on, which may be in brackets.
pub(crate) fn amounts(line: Line<'_>, text: &str, column: u64) -> Result<Vec<f64>> {
    const WEIGHTS: &str = "counts or probabilities, which are at least 0: weights (log-odds) cannot be read; \
                           collections have the counts as well (HOCOMOCO: the .pcm file)";
    let fields = text.split(|c: char| c.is_whitespace() || ['[', ']', '|', ':'].contains(&c));
    let amount = |(field, column): (&str, u64)| {
        let is_weight = field.parse().is_ok_and(|number: f64| number < 0.0);
        if is_weight { Err(line.error(column, WEIGHTS, field)) } else { line.amount(column, field) }
    };
    fields.filter(|field| !field.is_empty()).zip(column..).map(amount).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::motif::format::jaspar;

    fn read_text(text: &str) -> Result<Vec<Motif>> {
        let mut lines = Lines::new(Path::new("m.txt"), text);
        Ok(jaspar::read(&mut lines)?.into_iter().map(|(_, motif)| motif).collect())
    }

    #[test]
    fn four_lines_are_bases_and_four_columns_positions() {
        let positions = read_text(">CTCF_HUMAN.H11MO.0.A\n8\t0\t0\t0\n0\t4\t4\t0\n").unwrap();
        let bases = read_text("> M1 FOS\n8 0\n0 4\n0 4\n0 0\n\n>M2\n[ 8 0 ]\n[0 4]\n[ 0 4 ]\n[ 0 0 ]").unwrap();
        assert_eq!((bases[0].id.as_str(), bases[0].name.as_str(), bases.len()), ("M1", "FOS", 2));
        for motif in positions.iter().chain(&bases) {
            assert_eq!(
                (motif.matrix.rows(), motif.sites),
                (&[[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]][..], Some(8.0))
            );
        }
        assert_eq!(positions[0].id, "CTCF_HUMAN.H11MO.0.A");
    }

    #[test]
    fn homer_has_probabilities_whatever_their_number() {
        let row = "0.419\t0.275\t0.277\t0.028\n0.001\t0.001\t0.001\t0.997\n";
        let name = "AP-1(bZIP)/ThioMac-PU.1-ChIP-Seq(GSE21512)/Homer";
        for header in [format!(">ATGA\t{name}\t6.049537\t-1.782996e+03\t0\t9805.3"), format!(">NNNN {name} 6.0")] {
            let motif = &read_text(&format!("{header}\n{row}{row}")).unwrap()[0];
            assert_eq!((motif.id.as_str(), motif.name.as_str(), motif.sites), (name, "", None));
            assert_eq!(motif.matrix.consensus(), "ATAT");
            assert!((motif.matrix.rows()[0][0] - 0.419 / 0.999).abs() < 1e-15);
        }
    }

    #[test]
    fn errors_know_their_line_and_say_what_to_do() {
        let message = |text: &str| read_text(text).unwrap_err().to_string();
        let square = message(">M1\n1 0 0 0\n1 0 0 0\n1 0 0 0\n1 0 0 0\n");
        assert!(square.starts_with("m.txt:1:1: expected a matrix that is not four by four"), "{square}");
        assert!(square.contains("write A, C, G and T before the lines"), "{square}");
        let weights = message(">M1\n0.5 -1.2 0.1 0.1\n");
        assert!(weights.starts_with("m.txt:2:2: expected counts or probabilities, which are at least 0"), "{weights}");
        assert!(weights.contains("HOCOMOCO: the .pcm file"), "{weights}");
        let later = message(">M1\n0.5 1.2 0.1 0.1\n-0.5 1.2 0.1 0.1\n");
        assert!(later.starts_with("m.txt:3:1: expected counts or probabilities"), "{later}");
        for (text, expected) in [
            (
                ">M1\n1 2 3\n1 2 3\n",
                "2:1: expected four lines, or four numbers in each, found \"2 lines of 3 numbers\"",
            ),
            (
                ">AC x 1\n1 2 3\n1 2 3\n1 2 3\n1 2 3\n",
                "2:1: expected four probabilities a line, found \"4 lines of 3 numbers\"",
            ),
            (">M1\n1 2 3 4\n1 2 3\n", "3:1: expected 4 numbers, as in the line before, found \"1 2 3\""),
            (">M1\n1 x 3 4\n", "2:2: expected a number of at least 0, found \"x\""),
            (">M1\n1 0 0 0\n0 0 0 0\n", "3:1: expected finite counts, not all 0, at position 2, found \"0 0 0 0\""),
            (">M1\n1 0\n0 0\n0 0\n0 0\n", "1:1: expected finite counts, not all 0, at position 2, found \">M1\""),
            (
                ">M1\n0.5 0.5 0 0\n0.5 0.4 0 0\n",
                "3:1: expected probabilities that sum to 1, give or take 0.02, at position 2, found \"0.5 0.4 0 0\"",
            ),
            (">\n1 0 0 0\n", "1:1: expected an identifier, found \">\""),
        ] {
            assert_eq!(message(text), format!("m.txt:{expected}"));
        }
    }
}
