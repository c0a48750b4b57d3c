//! A model on slices, for one sample.

use std::fmt;

use super::{
    Model, Trunk,
    adapters::{HostAdapters, TaskAdapters},
};
use crate::nn::{
    head::HostHead,
    ops::host::dense::sized,
    trunk::host::{HostTrunk, TrunkBuffers},
};

/// A [`Model`] with its weights in the host's memory, for one sample at a time: without tensors, and on one thread.
pub(crate) struct HostModel {
    members: Vec<Member<HostTrunk>>,
}

/// A member, with a trunk of some form.
pub(super) struct Member<T> {
    pub(super) trunk: T,
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
    rest: Rest,
    means: Vec<f32>,
}

/// The memory of what follows a trunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    scratch: Vec<f32>,
    logits: Vec<f32>,
}

impl Rest {
    /// The logits of the last sample.
    pub(super) fn logits(&self) -> &Vec<f32> {
        &self.logits
    }
}

impl Model {
    /// Copies the model to the host's memory, for one sample at a time. None for layers of 16 bits.
    pub(crate) fn to_host(&self) -> Option<HostModel> {
        Some(HostModel { members: self.to_members(Trunk::to_host)? })
    }

    /// Copies each member to the host's memory, its trunk by a function.
    pub(super) fn to_members<T>(&self, to_trunk: impl Fn(&Trunk) -> Option<T>) -> Option<Vec<Member<T>>> {
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
                trunk: to_trunk(&member.trunk)?,
                head,
                adapters: member.adapters.as_ref().map(TaskAdapters::to_host),
                shares: shares.iter().flat_map(|share| std::iter::repeat_n(*share, classes)).collect(),
            })
        };
        self.members().enumerate().map(member).collect()
    }
}

impl<T> Member<T> {
    /// The number of logits.
    pub(super) fn logits(&self) -> usize {
        self.head.logits()
    }

    /// Computes the logits of one sample.
    pub(super) fn logits_of(&self, features: &[f32], pooled: &[f32], rest: &mut Rest) {
        let Rest { scratch, logits } = rest;
        let logits = sized(logits, self.head.logits());
        self.head.forward(features, scratch, logits);
        if let Some(adapters) = &self.adapters {
            adapters.add(pooled, scratch, logits);
        }
    }

    /// Adds the member's share of the mean.
    pub(super) fn add_share(&self, logits: &[f32], means: &mut [f32]) {
        for ((mean, logit), share) in means.iter_mut().zip(logits).zip(&self.shares) {
            *mean += share * *logit;
        }
    }

    /// Turns mean logits into the log-odds of being bound.
    pub(super) fn bound_log_odds(&self, means: &[f32], log_odds: &mut [f32]) {
        self.head.bound_log_odds(means, log_odds);
    }
}

impl HostModel {
    /// Computes the log-odds of being bound, a number for each task. The codes are 0 to 4, as many as the context has;
    /// the signal has a value for each, or is empty if the model reads none.
    pub(crate) fn bound_log_odds(&self, codes: &[u8], signal: &[f32], buffers: &mut HostBuffers, log_odds: &mut [f32]) {
        let HostBuffers { trunk, pooled, features, rest, means } = buffers;
        means.clear();
        for member in &self.members {
            member.trunk.pooled(codes, signal, trunk, pooled);
            member.trunk.shared(pooled, features);
            member.logits_of(features, pooled, rest);
            member.add_share(&rest.logits, sized(means, rest.logits.len()));
        }
        self.members[0].bound_log_odds(means, log_odds);
    }
}

impl fmt::Debug for HostModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostModel").field("members", &self.members.len()).finish_non_exhaustive()
    }
}
