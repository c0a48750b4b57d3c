use rand::seq::SliceRandom;

use super::{Gram, TaskBalancer, TaskStep};
use crate::random::stream;

/// Takes out of each task's gradient what works against another's, one after the other in random order, and sums what is
/// left (projecting conflicting gradients).
///
/// # References
///
/// Yu et al. 2020, "Gradient surgery for multi-task learning",
/// [doi:10.48550/arXiv.2001.06782](https://doi.org/10.48550/arXiv.2001.06782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PcGrad {
    seed: u64,
    steps: u64,
}

impl PcGrad {
    /// Keeps its random streams apart from those of others with the same seed.
    const STREAM: u64 = u64::from_be_bytes(*b"pcgrad  ");

    /// Starts, with the seed of the orders.
    pub fn new(seed: u64) -> Self {
        Self { seed, steps: 0 }
    }
}

/// What each gradient weighs in the sum, given the order in which each task meets the others.
pub(super) fn projected(gram: &Gram, mut order_of: impl FnMut(usize) -> Vec<usize>) -> Vec<f64> {
    let tasks = gram.tasks();
    let mut sum = vec![0.0; tasks];
    for task in 0..tasks {
        let mut own = vec![0.0; tasks];
        own[task] = 1.0;
        for other in order_of(task) {
            let along: f64 = own.iter().enumerate().map(|(index, weight)| weight * gram.at(index, other)).sum();
            if along < 0.0 {
                own[other] -= along / gram.at(other, other);
            }
        }
        sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
    }
    sum
}

impl TaskBalancer for PcGrad {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let (tasks, gram) = step.gradients();
        let mut random = stream(&[self.seed, Self::STREAM, self.steps]);
        self.steps += 1;
        let weights = projected(&gram, |_| {
            let mut order: Vec<usize> = (0..tasks.len()).collect();
            order.shuffle(&mut random);
            order
        });
        step.spread(&tasks, weights)
    }

    fn wants_gradients(&self) -> bool {
        true
    }

    fn state(&self) -> Vec<f64> {
        vec![self.steps as f64]
    }

    fn restore(&mut self, state: &[f64]) {
        assert_eq!(state.len(), 1, "the state of another balancer");
        self.steps = state[0] as u64;
    }
}
