//! The names of INFO fields.

use std::{collections::HashSet, fmt::Write};

/// The names of the INFO fields that a file gets.
#[derive(Clone, Debug)]
pub(super) struct FieldNames {
    /// The tasks that change most.
    pub(super) strongest: String,
    /// Why an alternative has no score.
    pub(super) skipped: String,
    /// The change of each task.
    pub(super) tasks: Vec<String>,
}

impl FieldNames {
    /// Makes names that the format allows, each of them once.
    pub(super) fn new(prefix: &str, tasks: &[&str]) -> Self {
        let (strongest, skipped) = (prefix.to_owned(), format!("{prefix}_SKIPPED"));
        let mut taken = HashSet::from([strongest.clone(), skipped.clone()]);
        let tasks = tasks.iter().map(|task| {
            let allowed = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '_' };
            let first = format!("{prefix}_{}", task.chars().map(allowed).collect::<String>());
            let mut name = first.clone();
            for count in 2.. {
                if taken.insert(name.clone()) {
                    break;
                }
                name = format!("{first}_{count}");
            }
            name
        });
        let tasks = tasks.collect();
        Self { strongest, skipped, tasks }
    }

    /// Returns all names.
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        [&self.strongest, &self.skipped].into_iter().chain(&self.tasks)
    }
}

/// Whether a text can begin the name of an INFO field.
pub(super) fn is_prefix(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'_' | b'.'))
}

/// A name as a value of an INFO field may hold it: other characters as % and two hexadecimal digits, as the format
/// says.
pub(super) fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'!'..=b'~' if !b";=,:|%".contains(&byte) => text.push(char::from(byte)),
            // Writing to a text cannot fail.
            _ => _ = write!(text, "%{byte:02X}"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_are_allowed_and_differ() {
        let names = FieldNames::new("TFBS", &["CTCF", "NKX2-5", "NKX2 5", "SKIPPED"]);
        assert_eq!(names.tasks, ["TFBS_CTCF", "TFBS_NKX2_5", "TFBS_NKX2_5_2", "TFBS_SKIPPED_2"]);
        assert!(is_prefix("TFBS") && is_prefix("_a.1") && !is_prefix("1a") && !is_prefix("a b") && !is_prefix(""));
    }

    #[test]
    fn what_separates_values_is_encoded() {
        assert_eq!(encoded("CTCF"), "CTCF");
        assert_eq!(encoded("a|b:c;d e%\u{e9}"), "a%7Cb%3Ac%3Bd%20e%25%C3%A9");
    }
}
