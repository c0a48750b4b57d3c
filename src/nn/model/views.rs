//! A model on several windows of one sequence.

use std::fmt;

use super::{
    Model, Trunk,
    host::{Member, Rest},
};
use crate::nn::{
    ops::{Stretch, host::dense::sized},
    trunk::host::views::{TrunkViewBuffers, TrunkViews},
};

/// A [`Model`] with its weights in the host's memory, for several windows of sequences that share most of their bases.
/// It equals [`HostModel`](super::host::HostModel) on each window but for the last digits, and scans what they share
/// once.
pub(crate) struct Views {
    members: Vec<Member<TrunkViews>>,
    tasks: usize,
}

/// The memory of [`Views`], which grows in the first calls alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelViewBuffers {
    trunk: TrunkViewBuffers,
    rest: Rest,
    means: Vec<f32>,
}

impl Model {
    /// Copies the model to the host's memory, for several windows of a sequence. None for layers of 16 bits.
    pub(crate) fn to_views(&self) -> Option<Views> {
        Some(Views { members: self.to_members(Trunk::to_views)?, tasks: self.head.tasks() })
    }
}

impl Views {
    /// Returns the log-odds of being bound, `[view, task]`, of the views of the first stretch and then of the others.
    /// The signals are empty if the model reads none.
    pub(crate) fn log_odds(&self, stretches: &[Stretch<'_>], buffers: &mut ModelViewBuffers) -> Vec<f32> {
        let ModelViewBuffers { trunk, rest, means } = buffers;
        let views: usize = stretches.iter().map(|stretch| stretch.views.len()).sum();
        let logits = self.members[0].logits();
        means.clear();
        let means = sized(means, views * logits);
        for member in &self.members {
            member.trunk.read(stretches, trunk);
            for ((features, pooled), means) in trunk.rows(views).zip(means.chunks_exact_mut(logits)) {
                member.logits_of(features, pooled, rest);
                member.add_share(rest.logits(), means);
            }
        }
        let mut log_odds = vec![0.0; views * self.tasks];
        for (means, log_odds) in means.chunks_exact(logits).zip(log_odds.chunks_exact_mut(self.tasks)) {
            self.members[0].bound_log_odds(means, log_odds);
        }
        log_odds
    }
}

impl fmt::Debug for Views {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Views").field("members", &self.members.len()).finish_non_exhaustive()
    }
}
