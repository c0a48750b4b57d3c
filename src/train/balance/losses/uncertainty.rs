//! Weights by learned uncertainty.

use crate::train::balance::{TaskBalancer, TaskStep, adam::Adam};

/// Weighs each loss by a learned noise level.
///
/// With `s` the logarithm of a task's variance, `loss / (2 exp s) + s / 2` is also minimised in `s`: it converges to
/// the `s` where `exp s` is the loss, so that each task weighs 1 / (2 loss). `s` is -0.5 at first and moves by Adam.
///
/// # References
///
/// Kendall, Gal and Cipolla 2018, "Multi-task learning using uncertainty to weigh losses for scene geometry and
/// semantics", [doi:10.1109/CVPR.2018.00781](https://doi.org/10.1109/CVPR.2018.00781).
#[derive(Clone, Debug, PartialEq)]
pub struct UncertaintyWeighting {
    log_variances: Vec<f64>,
    adam: Adam,
}

impl UncertaintyWeighting {
    /// Creates a balancer with the learning rate of the log-variances.
    pub fn new(tasks: usize, learning_rate: f64) -> Self {
        Self { log_variances: vec![-0.5; tasks], adam: Adam::new(tasks, learning_rate, 0.0) }
    }
}

impl TaskBalancer for UncertaintyWeighting {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let mut weights = vec![0.0; step.losses.len()];
        for (task, loss) in step.seen() {
            let log_variance = &mut self.log_variances[task];
            weights[task] = 0.5 * (-*log_variance).exp();
            let gradient = 0.5 - loss * weights[task];
            self.adam.step(task, log_variance, gradient);
        }
        weights
    }

    fn state(&self) -> Vec<f64> {
        self.adam.state(&self.log_variances)
    }

    fn restore(&mut self, state: &[f64]) {
        self.adam.restore(&mut self.log_variances, state);
    }
}
