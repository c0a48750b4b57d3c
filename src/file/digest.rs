//! Hashes of contents, and the differences of settings.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use crate::{Difference, random::mix};

/// A hash of contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(u64);

/// Stands before the hash in a file.
const PREFIX: &str = "contents ";

impl Digest {
    /// Hashes contents that are given as 64-bit words.
    pub(crate) fn new(words: impl IntoIterator<Item = u64>) -> Self {
        Self(words.into_iter().fold(0, |state, word| mix(&[state, word])))
    }

    /// Hashes texts; the hash depends on where each ends.
    pub(crate) fn from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(texts.into_iter().flat_map(text_words))
    }

    /// Returns the hash.
    pub(crate) fn hash(self) -> u64 {
        self.0
    }
}

/// Returns a text as numbers, its length first.
pub(crate) fn text_words(text: &str) -> impl Iterator<Item = u64> {
    [text.len() as u64].into_iter().chain(text.bytes().map(u64::from))
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{:016x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.strip_prefix(PREFIX).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        number.map(Self).ok_or_else(|| D::Error::custom("expected the number of contents"))
    }
}

/// Lists the settings, with their tables, and the [`Digest`] in which two values differ.
pub(crate) fn differences<T: Serialize>(expected: &T, found: &T) -> Vec<Difference> {
    let mut all = Vec::new();
    collect("", Some(&value(expected)), Some(&value(found)), &mut all);
    all
}

/// Returns the value as a file holds it, an `f32` with its own digits.
fn value(of: &impl Serialize) -> Value {
    serde_json::to_string(of).and_then(|text| serde_json::from_str(&text)).unwrap_or_default()
}

fn collect(key: &str, expected: Option<&Value>, found: Option<&Value>, all: &mut Vec<Difference>) {
    match (expected, found) {
        (Some(Value::Object(expected)), Some(Value::Object(found))) => {
            let names: BTreeSet<&String> = expected.keys().chain(found.keys()).collect();
            for name in names {
                let below = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(&below, expected.get(name), found.get(name), all);
            }
        }
        _ if expected == found => {}
        _ => {
            let [expected, found] = [expected, found].map(shown);
            let is_contents = expected.starts_with(PREFIX) && found.starts_with(PREFIX);
            let values = (!is_contents).then_some([expected, found]);
            all.push(Difference { key: key.to_owned(), values });
        }
    }
}

/// Returns a value as text, cut if it is long.
fn shown(value: Option<&Value>) -> String {
    const MOST: usize = 80;
    let text = match value {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_setting_that_differs_is_named_with_its_table_and_contents_are_not_shown() {
        let [a, b] = [1, 2].map(|word| Digest::new([word]));
        let expected = json!({
            "training": { "rate": 0.5, "batch": 8, "balance": "equal" }, "motifs": a, "genome": a, "start": null,
        });
        let found = json!({
            "training": { "rate": 0.25, "batch": 8, "balance": { "entropy": 1.0 } },
            "motifs": b, "genome": a, "start": "x",
        });
        let lines: Vec<String> = differences(&expected, &found).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "motifs: another file or other contents",
                "start: expected none, found x",
                "training.balance: expected equal, found {\"entropy\":1.0}",
                "training.rate: expected 0.5, found 0.25",
            ]
        );
        assert_eq!(differences(&expected, &expected), []);
        assert_eq!(differences(&0.1_f32, &0.2_f32)[0].values, Some(["0.1".into(), "0.2".into()]));
    }

    #[test]
    fn contents_differ_in_order_number_and_where_texts_end() {
        let numbers = [&[1, 2][..], &[2, 1], &[1], &[1, 2, 0]].map(|words| Digest::new(words.iter().copied()).hash());
        assert_eq!(BTreeSet::from(numbers).len(), 4);
        assert_ne!(Digest::from_texts(["AB", "C"]), Digest::from_texts(["A", "BC"]));
        let text = serde_json::to_string(&Digest::new([7])).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), Digest::new([7]));
        assert!(serde_json::from_str::<Digest>("\"contents x\"").is_err());
    }
}
