//! Who answers for a task.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Which members of a model answer for each task: the mean of their logits is the task's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers(Vec<Vec<usize>>);

impl Answers {
    /// The members of each task.
    pub(super) fn new(by_task: Vec<Vec<usize>>) -> Self {
        Self(by_task)
    }

    /// Returns the members that answer for a task.
    ///
    /// # Panics
    ///
    /// If there is no such task.
    pub fn of(&self, task: usize) -> &[usize] {
        &self.0[task]
    }

    /// Checks that each task has members that answer for it.
    pub(super) fn validate(&self, members: usize, tasks: usize) -> Result<()> {
        let key = || "model.answers".to_owned();
        Error::unless(self.0.len() == tasks, key(), format!("members for each of {tasks} tasks"), self.0.len())?;
        let known = |of_task: &Vec<usize>| !of_task.is_empty() && of_task.iter().all(|member| *member < members);
        let Some(unknown) = self.0.iter().find(|of_task| !known(of_task)) else { return Ok(()) };
        Error::unless(false, key(), format!("some of {members} members for each task"), format!("{unknown:?}"))
    }

    pub(super) fn of_tasks(&self, tasks: &[usize]) -> Self {
        Self(tasks.iter().map(|task| self.0[*task].clone()).collect())
    }

    /// The mean of the logits of those who answer for a task.
    pub(super) fn combined(&self, logits: Vec<Tensor<3>>) -> Tensor<3> {
        let tasks = self.0.len();
        let weighted = |(member, logits): (usize, Tensor<3>)| {
            let weight =
                |of_task: &Vec<usize>| if of_task.contains(&member) { 1.0 / of_task.len() as f32 } else { 0.0 };
            let weights: Vec<f32> = self.0.iter().map(weight).collect();
            let weights = Tensor::<3>::from_data(TensorData::new(weights, [1, tasks, 1]), &logits.device());
            logits * weights
        };
        let sum = logits.into_iter().enumerate().map(weighted).reduce(|sum, next| sum + next);
        sum.expect("a model has a member")
    }
}
