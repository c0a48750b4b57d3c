//! How tasks are divided among several models.

use serde::{Deserialize, Serialize};

/// How tasks are divided among several models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grouping {
    /// The number of groups, each with a model of its own. The [`ConflictMap`](crate::train::ConflictMap) of a shared
    /// model says which tasks belong together (default 4).
    pub groups: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { groups: 4 }
    }
}
