//! A setting or an input that differs.

use std::fmt;

/// A setting or an input whose expected and found values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The setting, with its table, or the input: `training.learning_rate`, `motifs`.
    pub key: String,
    /// The expected and the found value; none for the contents of files, which no message can show.
    pub values: Option<[String; 2]>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.values {
            Some([expected, found]) => write!(f, "{}: expected {expected}, found {found}", self.key),
            None => write!(f, "{}: another file or other contents", self.key),
        }
    }
}
