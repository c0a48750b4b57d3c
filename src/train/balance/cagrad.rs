//! CAGrad: conflict-averse gradient descent.

use super::{Gram, TaskBalancer, TaskStep, gram::dot, simplex::minimise};

/// Finds the step near the mean gradient that improves the worst task most (conflict-averse gradient descent).
///
/// With `g` the mean of the gradients, it is the `d` within `radius |g|` of `g` that maximises the smallest inner
/// product with a task's gradient: `g + radius |g| h / |h|` for the mixture `h` of gradients that minimises `h . g +
/// radius |g| |h|`. As in the authors' code, `d` is divided by `1 + radius^2`.
///
/// # References
///
/// Liu, Liu, Jin, Stone and Liu 2021, "Conflict-averse gradient descent for multi-task learning",
/// [doi:10.48550/arXiv.2110.14048](https://doi.org/10.48550/arXiv.2110.14048).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaGrad {
    radius: f64,
}

impl CaGrad {
    /// Creates a balancer with the largest distance from the mean, relative to the mean's length.
    pub fn new(radius: f64) -> Self {
        Self { radius }
    }

    /// The shares of the mixture, and the factor on them.
    pub(super) fn mixture(self, gram: &Gram) -> (Vec<f64>, f64) {
        let tasks = gram.tasks() as f64;
        let even = vec![1.0 / tasks; gram.tasks()];
        let with_mean = gram.times(&even);
        let reach = self.radius * dot(&even, &with_mean).max(0.0).sqrt();
        let length = |with_mixture: &[f64], shares: &[f64]| dot(with_mixture, shares).max(0.0).sqrt().max(LEAST);
        let shares = minimise(even, |shares| {
            let with_mixture = gram.times(shares);
            let length = length(&with_mixture, shares);
            let gradient = with_mean.iter().zip(&with_mixture).map(|(mean, own)| mean + reach * own / length).collect();
            (dot(shares, &with_mean) + reach * length, gradient)
        });
        let factor = reach / length(&gram.times(&shares), &shares);
        (shares, factor)
    }
}

/// The smallest length.
const LEAST: f64 = 1e-30;

impl TaskBalancer for CaGrad {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let (tasks, gram) = step.gradients();
        if tasks.is_empty() {
            return step.scatter(&tasks, []);
        }
        let (shares, factor) = self.mixture(&gram);
        let scale = (1.0 + self.radius * self.radius).recip();
        let count = tasks.len() as f64;
        step.scatter(&tasks, shares.into_iter().map(|share| scale * (1.0 + count * factor * share)))
    }

    fn wants_gradients(&self) -> bool {
        true
    }
}
