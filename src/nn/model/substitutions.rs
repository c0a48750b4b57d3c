//! A model on the single-base changes of one sequence.

use std::{fmt, ops::Range};

use super::{
    Model, Trunk,
    host::{Member, Rest},
};
use crate::nn::trunk::host::substitutions::{TrunkState, TrunkSubstitutions};

/// A [`Model`] with its weights in the host's memory, for the single-base changes of one sequence at a time. It equals
/// [`HostModel`](super::host::HostModel) on each changed sequence, but computes only what a change touches.
pub(crate) struct Substitutions {
    members: Vec<Member<TrunkSubstitutions>>,
    tasks: usize,
}

/// The memory of [`Substitutions`], which grows in the first call alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct SubstitutionBuffers {
    trunk: TrunkState,
    rest: Rest,
    /// Mean logits, of the sequence and then of each place and base.
    means: Vec<f32>,
    unchanged: Vec<f32>,
}

impl Model {
    /// Copies the model to the host's memory, for the single-base changes of one sequence. None for layers of 16 bits.
    pub(crate) fn to_substitutions(&self) -> Option<Substitutions> {
        Some(Substitutions { members: self.to_members(Trunk::to_substitutions)?, tasks: self.head.tasks() })
    }
}

impl Substitutions {
    /// The number of tasks.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    /// Computes the log-odds of being bound of a sequence, `[task]`, and of those that have another base at one of
    /// some places, `[place, base, task]`; where the base is that of the sequence, its log-odds. The signal is empty if
    /// the model reads none.
    pub(crate) fn log_odds(
        &self,
        codes: &[u8],
        signal: &[f32],
        places: Range<usize>,
        buffers: &mut SubstitutionBuffers,
        log_odds: &mut Vec<f32>,
    ) {
        let SubstitutionBuffers { trunk, rest, means, unchanged } = buffers;
        let logits = self.members[0].logits();
        let changes = 4 * places.len();
        means.clear();
        means.resize((1 + changes) * logits, 0.0);
        for member in &self.members {
            member.trunk.read(codes, signal, trunk);
            let (features, pooled) = trunk.unchanged();
            member.logits_of(features, pooled, rest);
            unchanged.clone_from(rest.logits());
            let (first, means) = means.split_at_mut(logits);
            member.add_share(unchanged, first);
            for (place, means) in places.clone().zip(means.chunks_exact_mut(4 * logits)) {
                let mut seen = [false; 4];
                member.trunk.each_base(codes, signal, place, trunk, |base, features, pooled| {
                    seen[base] = true;
                    member.logits_of(features, pooled, rest);
                    member.add_share(rest.logits(), &mut means[base * logits..(base + 1) * logits]);
                });
                for base in (0..4).filter(|base| !seen[*base]) {
                    member.add_share(unchanged, &mut means[base * logits..(base + 1) * logits]);
                }
            }
        }
        log_odds.resize((1 + changes) * self.tasks, 0.0);
        let head = &self.members[0];
        for (means, log_odds) in means.chunks_exact(logits).zip(log_odds.chunks_exact_mut(self.tasks)) {
            head.bound_log_odds(means, log_odds);
        }
    }
}

impl fmt::Debug for Substitutions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Substitutions").field("members", &self.members.len()).finish_non_exhaustive()
    }
}
