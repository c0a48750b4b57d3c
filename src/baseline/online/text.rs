//! Examples in the text format of Vowpal Wabbit.

use std::{
    fmt,
    io::BufRead,
    path::{Path, PathBuf},
};

use super::{Example, MAX_MAGNITUDE, hash::hash};
use crate::{Error, Result, file::text};

/// The label and the weight of an example.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Whether the example is positive.
    pub label: bool,
    /// The number of examples that it counts as.
    pub weight: f32,
}

/// A reader of examples in the text format of Vowpal Wabbit, plain or gzip.
///
/// A line is `label [weight] ['tag]|namespace[:scale] name[:value] ...|...`, where the label is -1 or 1; a word that
/// touches the first bar is a tag. Values are rounded as in Rust, which may differ from Vowpal Wabbit in the last bit.
/// Blank lines are skipped. What Vowpal Wabbit accepts with a warning is an error here.
///
/// # Examples
///
/// ```
/// use multitf::baseline::online::{Example, OnlineConfig, OnlineModel, TextReader};
///
/// let path = std::env::temp_dir().join(format!("online-{}.txt", std::process::id()));
/// std::fs::write(&path, "1 |motif CTCF:11.5 |dnase log:2.25\n-1 3 |motif CTCF:1.5\n").unwrap();
///
/// let mut model = OnlineModel::new(&OnlineConfig::default())?;
/// let mut reader = TextReader::open(&path)?;
/// let mut example = Example::new();
/// while let Some(target) = reader.read_example(&mut example)? {
///     model.learn(&example, target.label, target.weight);
/// }
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
pub struct TextReader {
    path: PathBuf,
    reader: Box<dyn BufRead>,
    line: String,
    number: u64,
}

impl TextReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Io`] if the file cannot be read, and [`Error::Corrupt`] if its compression is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Ok(Self { path: path.to_owned(), reader: text::open(path)?, line: String::new(), number: 0 })
    }

    /// Replaces the features of an example by the next one's, and returns its label and weight, or `None` at the end of
    /// the file.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Parse`], with the column, if the line is not an example; [`Error::Corrupt`] if it is not text;
    /// [`Error::Io`] if the file cannot be read. The features are then unspecified.
    pub fn read_example(&mut self, example: &mut Example) -> Result<Option<Target>> {
        loop {
            self.line.clear();
            if self.reader.read_line(&mut self.line).map_err(text::read_error(&self.path))? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if !self.line.trim().is_empty() {
                return parse(self.line.trim_end_matches(['\r', '\n']), example)
                    .map(Some)
                    .map_err(|wrong| self.error(&wrong));
            }
        }
    }

    fn error(&self, wrong: &Wrong<'_>) -> Error {
        let before = &self.line[..wrong.found.as_ptr().addr() - self.line.as_ptr().addr()];
        let place = (self.number, before.chars().count() as u64 + 1);
        Error::parse(&self.path, place, wrong.expected, wrong.found)
    }
}

impl fmt::Debug for TextReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("TextReader");
        shown.field("path", &self.path).field("line", &self.number).finish_non_exhaustive()
    }
}

/// A wrong part of a line, and what is expected there.
#[derive(Debug)]
struct Wrong<'a> {
    expected: &'static str,
    found: &'a str,
}

fn wrong<'a>(expected: &'static str, found: &'a str) -> Wrong<'a> {
    Wrong { expected, found }
}

fn parse<'a>(line: &'a str, example: &mut Example) -> Result<Target, Wrong<'a>> {
    example.clear();
    let mut parts = line.split('|');
    // There is a first part, even if it is empty.
    let target = target(parts.next().unwrap_or(line))?;
    parts.try_for_each(|part| features(part, example))?;
    Ok(target)
}

fn target(part: &str) -> Result<Target, Wrong<'_>> {
    let is_tag = |word: &&str| word.starts_with('\'') || !part.ends_with(BLANKS);
    let mut words = part.split(BLANKS).filter(|word| !word.is_empty()).peekable();
    let mut next = || words.next().filter(|word| words.peek().is_some() || !is_tag(word));
    let label = next().ok_or_else(|| wrong("a label, -1 or 1", part))?;
    let label = match number(label) {
        Some(1.0) => true,
        Some(-1.0) => false,
        _ => return Err(wrong("a label, -1 or 1", label)),
    };
    let weight = next().map_or(Ok(1.0), |word| {
        number(word).filter(|weight| *weight >= 0.0).ok_or_else(|| wrong("a weight of at least 0", word))
    })?;
    match next() {
        None => Ok(Target { label, weight }),
        Some(word) => Err(wrong("a tag or a bar", word)),
    }
}

fn features<'a>(part: &'a str, example: &mut Example) -> Result<(), Wrong<'a>> {
    let (head, names) = part.split_once(BLANKS).unwrap_or((part, ""));
    let (space, scale) = name_and_value(head)?;
    let seed = hash(space.as_bytes(), 0);
    let Some(&first) = space.as_bytes().first().or(head.is_empty().then_some(&b' ')) else {
        return Err(wrong("the name of a namespace", head));
    };
    let mut namespace = example.open(first);
    let mut nameless = 0;
    for word in names.split(BLANKS).filter(|word| !word.is_empty()) {
        let (name, value) = name_and_value(word)?;
        let hash = if name.is_empty() { seed.wrapping_add(nameless) } else { hash(name.as_bytes(), seed) };
        nameless += u32::from(name.is_empty());
        let value = scale * value;
        if value.abs() > MAX_MAGNITUDE {
            return Err(wrong("a value of at most 1e18 in magnitude", word));
        }
        namespace.push(hash, value);
    }
    Ok(())
}

fn name_and_value(word: &str) -> Result<(&str, f32), Wrong<'_>> {
    let Some(colon) = word.bytes().position(|byte| byte == b':') else { return Ok((word, 1.0)) };
    let (name, value) = (&word[..colon], &word[colon + 1..]);
    number(value).map(|value| (name, value)).ok_or_else(|| wrong("a number of at most 1e18 in magnitude", value))
}

fn number(word: &str) -> Option<f32> {
    word.parse().ok().filter(|number: &f32| number.abs() <= MAX_MAGNITUDE)
}

const BLANKS: [char; 2] = [' ', '\t'];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        baseline::online::{example::Feature, feature_hash},
        testing::TestFile,
    };

    fn parsed(line: &str) -> (Target, Example) {
        let mut example = Example::new();
        let target = parse(line, &mut example).unwrap();
        (target, example)
    }

    #[test]
    fn a_line_has_a_label_a_weight_a_tag_and_namespaces() {
        for (line, label, weight) in [
            ("1 |a x", true, 1.0),
            ("-1 0.5 |a x", false, 0.5),
            ("1.0 2 'tag|a x", true, 2.0),
            ("+1 tag|a x", true, 1.0),
            ("-1 'tag |a x", false, 1.0),
            ("1 3 tag|a x", true, 3.0),
        ] {
            let (target, example) = parsed(line);
            assert_eq!((target, example.len()), (Target { label, weight }, 1), "{line}");
        }
        assert!(parsed("1 ").1.is_empty());
    }

    #[test]
    fn features_have_names_values_and_scales() {
        let (_, example) = parsed("1 | 5 x:2|long:0.5 y:3  \tz:0 :4 :2|c |long w");
        let feature = |space, name, value| Feature { hash: feature_hash(space, name), value };
        assert_eq!(example.features(b' '), [feature("", "5", 1.0), feature("", "x", 2.0)]);
        let expected =
            [("y", 1.5), ("0", 2.0), ("1", 1.0), ("w", 1.0)].map(|(name, value)| feature("long", name, value));
        assert_eq!(example.features(b'l'), expected);
        assert!(example.features(b'c').is_empty());
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_line_and_column() {
        let path = TestFile::new("online", "");
        for (line, message) in [
            ("2 |a x", "1: expected a label, -1 or 1, found \"2\""),
            ("|a x", "1: expected a label, -1 or 1, found \"\""),
            ("1|a x", "1: expected a label, -1 or 1, found \"1\""),
            ("1 -2 |a x", "3: expected a weight of at least 0, found \"-2\""),
            ("1 nan |a x", "3: expected a weight of at least 0, found \"nan\""),
            ("1 1 0.5 |a x", "5: expected a tag or a bar, found \"0.5\""),
            ("1 |a é x:y", "10: expected a number of at most 1e18 in magnitude, found \"y\""),
            ("1 |a x:1e19", "8: expected a number of at most 1e18 in magnitude, found \"1e19\""),
            ("1 |a:1e18 x:2", "11: expected a value of at most 1e18 in magnitude, found \"x:2\""),
            ("1 |:2 x", "4: expected the name of a namespace, found \":2\""),
        ] {
            std::fs::write(&path, format!("1 |a x\n \n{line}\r\n")).unwrap();
            let mut reader = TextReader::open(&path).unwrap();
            let mut example = Example::new();
            assert!(reader.read_example(&mut example).unwrap().is_some());
            let error = reader.read_example(&mut example).unwrap_err();
            assert_eq!(error.to_string(), format!("{}:3:{message}", path.display()));
        }
        std::fs::write(&path, b"1 |a \xff").unwrap();
        let error = TextReader::open(&path).unwrap().read_example(&mut Example::new());
        assert!(matches!(error, Err(Error::Corrupt { .. })));
    }
}
