//! The state of a run, apart from its weights.

use serde::{Deserialize, Serialize};

use super::{Validation, conflicts::SavedConflicts, stop::EarlyStopping};

/// The state of a run, apart from its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) draws: usize,
    pub(super) seconds: f64,
    pub(super) stopping: EarlyStopping,
    pub(super) history: Vec<Validation>,
    pub(super) finished: bool,
    /// The state of the task balancer.
    #[serde(default)]
    pub(super) balance: Vec<f64>,
    #[serde(default)]
    pub(super) conflicts: Option<SavedConflicts>,
}

impl State {
    /// The samples drawn before the best validation so far.
    pub(super) fn best_draws(&self) -> Option<usize> {
        let best = self.history.iter().find(|validation| Some(validation.average_precision) == self.stopping.best());
        best.map(|validation| validation.draws)
    }
}
