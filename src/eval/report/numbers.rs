//! Numbers and names as people read them, in reports and on the terminal.

use crate::eval::NA;

/// A track's factor, with its cell type in brackets.
pub(in crate::eval) fn track_name(tf: &str, cell: &str) -> String {
    format!("{tf} ({cell})")
}

/// A number of tracks, in words.
pub(in crate::eval) fn tracks(count: usize) -> String {
    format!("{count} track{}", if count == 1 { "" } else { "s" })
}

/// A number with some digits after the point.
pub(in crate::eval) fn decimal(value: Option<f64>, digits: usize) -> String {
    value.map_or(NA.to_owned(), |value| format!("{value:.digits$}"))
}

/// A sentence of its own: a capital at the start, and a full stop.
pub(in crate::eval) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// A difference with its sign, which 0 lacks.
pub(in crate::eval) fn signed(value: Option<f64>) -> String {
    let text = value.map_or(NA.to_owned(), |value| format!("{value:+.3}"));
    if text == "+0.000" || text == "-0.000" { "0.000".to_owned() } else { text }
}

/// A whole number with a comma before every three digits.
pub(in crate::eval) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
