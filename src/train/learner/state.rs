//! The state of a run, apart from its weights.

use serde::{Deserialize, Serialize};

use crate::train::{Validation, conflicts::Conflicts, stop::EarlyStopping};

/// The state of a run, apart from its weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) draws: usize,
    pub(crate) seconds: f64,
    /// None where it cannot be measured, or in a run that began without it.
    #[serde(default)]
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) stopping: EarlyStopping,
    pub(crate) history: Vec<Validation>,
    pub(crate) finished: bool,
    /// The state of the task balancer.
    #[serde(default)]
    pub(crate) balance: Vec<f64>,
    /// What the looks at conflicts have seen.
    #[serde(default)]
    pub(crate) looks: Option<Conflicts>,
}

impl State {
    /// The state before the first step.
    pub(crate) fn new() -> Self {
        Self { cpu_seconds: Some(0.0), ..Self::default() }
    }

    /// The samples drawn before the best validation so far.
    pub(crate) fn best_draws(&self) -> Option<usize> {
        let best = self.history.iter().find(|validation| Some(validation.average_precision) == self.stopping.best());
        best.map(|validation| validation.draws)
    }
}
