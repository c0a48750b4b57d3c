use serde::{Deserialize, Serialize};

/// How tasks are divided among several models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grouping {
    /// Groups, each of which has a model of its own; the [`ConflictMap`](super::ConflictMap) of a shared model says which tasks
    /// belong together (default 4).
    pub groups: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { groups: 4 }
    }
}
