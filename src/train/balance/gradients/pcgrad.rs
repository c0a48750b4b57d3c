//! PCGrad: projection of conflicting gradients.

use rand::seq::SliceRandom;

use crate::{
    random::stream,
    train::balance::{Gram, TaskBalancer, TaskStep},
};

/// Removes from each task's gradient the components that conflict with others, one after the other in random order, and
/// sums the results (projecting conflicting gradients).
///
/// # References
///
/// Yu et al. 2020, "Gradient surgery for multi-task learning",
/// [doi:10.48550/arXiv.2001.06782](https://doi.org/10.48550/arXiv.2001.06782).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PcGrad {
    seed: u64,
    steps: u64,
}

impl PcGrad {
    /// Separates its random streams from others with the same seed.
    const STREAM: u64 = u64::from_be_bytes(*b"pcgrad  ");

    /// Creates a balancer with the seed of the random orders.
    pub fn new(seed: u64) -> Self {
        Self { seed, steps: 0 }
    }
}

/// The weight of each gradient in the sum, given the order of projections for each task.
pub(in crate::train::balance) fn projected(gram: &Gram, mut order: impl FnMut(usize) -> Vec<usize>) -> Vec<f64> {
    let tasks = gram.tasks();
    let mut sum = vec![0.0; tasks];
    for task in 0..tasks {
        let mut weights = vec![0.0; tasks];
        weights[task] = 1.0;
        for other in order(task) {
            let along: f64 = weights.iter().enumerate().map(|(index, weight)| weight * gram.at(index, other)).sum();
            if along < 0.0 {
                weights[other] -= along / gram.at(other, other);
            }
        }
        sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
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
        step.scatter(&tasks, weights)
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
