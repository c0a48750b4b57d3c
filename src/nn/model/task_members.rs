//! The members that predict each task.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which members of a model predict each task: the mean of their logits is the task's logit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskMembers(Vec<Vec<usize>>);

impl TaskMembers {
    /// Takes the members of each task.
    pub(super) fn new(by_task: Vec<Vec<usize>>) -> Self {
        Self(by_task)
    }

    /// Returns the members that predict a task.
    ///
    /// # Panics
    ///
    /// Panics if there is no such task.
    pub fn for_task(&self, task: usize) -> &[usize] {
        &self.0[task]
    }

    /// Refuses a task without members, and members that do not exist.
    pub(super) fn validate(&self, members: usize, tasks: usize) -> Result<()> {
        let key = || "model.answers".to_owned();
        Error::unless(self.0.len() == tasks, key(), format!("members for each of {tasks} tasks"), self.0.len())?;
        let is_known = |own: &Vec<usize>| !own.is_empty() && own.iter().all(|member| *member < members);
        let Some(unknown) = self.0.iter().find(|own| !is_known(own)) else { return Ok(()) };
        Error::unless(false, key(), format!("some of {members} members for each task"), format!("{unknown:?}"))
    }

    /// Keeps some of the tasks.
    pub(super) fn select_tasks(&self, tasks: &[usize]) -> Self {
        Self(tasks.iter().map(|task| self.0[*task].clone()).collect())
    }

    /// Returns a member's share of the mean of each task.
    pub(super) fn shares(&self, member: usize) -> Vec<f32> {
        let share = |own: &Vec<usize>| if own.contains(&member) { 1.0 / own.len() as f32 } else { 0.0 };
        self.0.iter().map(share).collect()
    }

    /// Averages the members' logits, for each task over its own members.
    pub(super) fn average(&self, logits: Vec<Tensor<3>>) -> Tensor<3> {
        let weighted = |(member, logits): (usize, Tensor<3>)| {
            let shares = TensorData::new(self.shares(member), [1, self.0.len(), 1]);
            let shares = Tensor::from_data(shares, &logits.device());
            logits * shares
        };
        let sum = logits.into_iter().enumerate().map(weighted).reduce(|sum, next| sum + next);
        sum.expect("a model has a member")
    }
}
