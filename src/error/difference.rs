//! In what two things differ.

use std::fmt;

/// A setting or an input in which what is expected and what is found differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The setting, with its table, or the input: `training.learning_rate`, `motifs`.
    pub key: String,
    /// What was expected, and what was found; none for the contents of files, which no message could show.
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
