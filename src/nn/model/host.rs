//! A model on slices, for one sample.

use std::fmt;

use super::{Model, adapters::HostAdapters};
use crate::nn::{
    head::HostHead,
    ops::host::dense::sized,
    trunk::host::{HostTrunk, TrunkBuffers},
};

/// A [`Model`] with its weights in the host's memory, for one sample at a time: without tensors, and on one thread.
pub(crate) struct HostModel {
    members: Vec<Member>,
}

struct Member {
    trunk: HostTrunk,
    head: Box<dyn HostHead>,
    adapters: Option<HostAdapters>,
    /// Its share of the mean of each logit.
    shares: Vec<f32>,
}

/// The memory of a [`HostModel`], which grows in the first call alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostBuffers {
    trunk: TrunkBuffers,
    pooled: Vec<f32>,
    features: Vec<f32>,
    scratch: Vec<f32>,
    logits: Vec<f32>,
    means: Vec<f32>,
}

impl Model {
    /// Copies the model to the host's memory, for one sample at a time. None for layers of 16 bits.
    pub(crate) fn to_host(&self) -> Option<HostModel> {
        let count = self.members().count();
        let tasks = self.head.tasks();
        let member = |(index, member): (usize, &Self)| {
            let head = member.head.to_host();
            let shares = match &self.answers {
                Some(members) => members.shares(index),
                None => vec![1.0 / count as f32; tasks],
            };
            let classes = head.logits() / tasks;
            Some(Member {
                trunk: member.trunk.to_host()?,
                head,
                adapters: member.adapters.as_ref().map(super::adapters::TaskAdapters::to_host),
                shares: shares.iter().flat_map(|share| std::iter::repeat_n(*share, classes)).collect(),
            })
        };
        let members = self.members().enumerate().map(member).collect::<Option<_>>()?;
        Some(HostModel { members })
    }
}

impl HostModel {
    /// Computes the log-odds of being bound, a number for each task. The codes are 0 to 4, as many as the context has;
    /// the signal has a value for each, or is empty if the model reads none.
    pub(crate) fn bound_log_odds(&self, codes: &[u8], signal: &[f32], buffers: &mut HostBuffers, log_odds: &mut [f32]) {
        let HostBuffers { trunk, pooled, features, scratch, logits, means } = buffers;
        means.clear();
        for member in &self.members {
            member.trunk.pooled(codes, signal, trunk, pooled);
            member.trunk.shared(pooled, features);
            let logits = sized(logits, member.head.logits());
            member.head.forward(features, scratch, logits);
            if let Some(adapters) = &member.adapters {
                adapters.add(pooled, scratch, logits);
            }
            for ((mean, logit), share) in sized(means, logits.len()).iter_mut().zip(logits).zip(&member.shares) {
                *mean += share * *logit;
            }
        }
        self.members[0].head.bound_log_odds(means, log_odds);
    }
}

impl fmt::Debug for HostModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostModel").field("members", &self.members.len()).finish_non_exhaustive()
    }
}
