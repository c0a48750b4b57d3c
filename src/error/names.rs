//! Names in messages, and the names that misspelled ones stand for.

use std::{collections::BTreeSet, fmt::Display};

/// Lists the first few names, and says how many more there are.
pub(crate) fn listed<T: Display>(names: impl IntoIterator<Item = T>, shown: usize) -> String {
    let mut names = names.into_iter();
    let first = names.by_ref().take(shown).map(|name| name.to_string()).collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// Returns a text in quotes, cut if it is long.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Returns the three known names most like a name: those that contain it, then those with the fewest changed letters.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let name = name.to_lowercase();
    let known: BTreeSet<&str> = known.into_iter().filter(|known| !known.is_empty()).collect();
    let mut known: Vec<_> = known
        .into_iter()
        .map(|known| {
            let lower = known.to_lowercase();
            (name.is_empty() || !lower.contains(&name), distance(&name, &lower), known)
        })
        .collect();
    known.sort_unstable();
    known.into_iter().take(3).map(|(_, _, known)| known).collect::<Vec<_>>().join(", ")
}

/// Finds a known name: the same but for blanks around it, or else the only one that also differs in case.
pub(crate) fn find_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: BTreeSet<&str> = known.into_iter().collect();
    let lower = name.trim().to_lowercase();
    let is_same = |known: &&&str| known.trim() == name.trim();
    let mut alike = known.iter().filter(|known| known.trim().to_lowercase() == lower);
    let only = alike.next().filter(|_| alike.next().is_none());
    known.get(name).or_else(|| known.iter().find(is_same)).or(only).copied()
}

/// Returns the Levenshtein distance: the number of letters to insert, delete or replace.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, from) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_and_lists_are_cut() {
        assert_eq!(quoted("a\tb"), r#""a\tb""#);
        assert_eq!(quoted(&"\u{e9}".repeat(80)), format!("{:?}", "\u{e9}".repeat(80)));
        assert_eq!(quoted(&"\u{e9}".repeat(81)), format!("{:?}...", "\u{e9}".repeat(80)));
        assert_eq!(listed(["a", "b", "c"], 3), "a, b, c");
        assert_eq!(listed(["a", "b", "c"], 1), "a and 2 more");
        assert_eq!(listed(Vec::<String>::new(), 3), "");
    }

    #[test]
    fn case_and_blanks_do_not_matter_unless_two_names_differ_in_them() {
        let known = ["CTCF", "Ctcf", "Reb1", "MAX ", "MAX"];
        let found =
            ["CTCF", " Ctcf", "reb1 ", "MAX ", "MAX", "max", "ctcf", "RAP1", ""].map(|name| find_name(name, known));
        let expected = [Some("CTCF"), Some("Ctcf"), Some("Reb1"), Some("MAX "), Some("MAX"), None, None, None, None];
        assert_eq!(found, expected);
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (from, to, expected) in [
            ("kitten", "sitting", 3),
            ("abxc", "abc", 1),
            ("flaw", "lawn", 2),
            ("", "abc", 3),
            ("abc", "", 3),
            ("a", "a", 0),
            ("ctfc", "ctcf", 2),
        ] {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
