//! Smooth Tchebycheff scalarization.

use crate::train::balance::{TaskBalancer, TaskStep};

/// Weighs the worst losses most (smooth Tchebycheff scalarization).
///
/// In the first steps, the sum of the logarithms of the losses is minimised. Later steps minimise the smooth maximum
/// `mu log sum exp(log(loss / first) / mu)`, times the number of tasks, where `first` is the mean loss in the first
/// steps: the smaller `mu`, the more the worst task counts.
///
/// # References
///
/// Lin et al. 2024, "Smooth Tchebycheff scalarization for multi-objective optimization",
/// [doi:10.48550/arXiv.2402.19078](https://doi.org/10.48550/arXiv.2402.19078).
#[derive(Clone, Debug, PartialEq)]
pub struct SmoothTchebycheff {
    smoothing: f64,
    first_steps: usize,
    steps: usize,
    /// Sum and number of each task's losses in the first steps.
    first: Vec<[f64; 2]>,
}

impl SmoothTchebycheff {
    /// Keeps losses of 0 away from infinity.
    const LEAST: f64 = 1e-8;

    /// Creates a balancer with `mu` and the number of first steps.
    pub fn new(tasks: usize, smoothing: f64, first_steps: usize) -> Self {
        Self { smoothing, first_steps, steps: 0, first: vec![[0.0; 2]; tasks] }
    }

    /// The logarithm of a loss relative to the first ones, or to itself if the task was not seen in the first steps.
    fn relative(&self, task: usize, loss: f64) -> f64 {
        let [sum, count] = self.first[task];
        let first = if count > 0.0 { sum / count } else { loss };
        ((loss + Self::LEAST) / (first + Self::LEAST)).ln()
    }
}

impl TaskBalancer for SmoothTchebycheff {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        let (tasks, losses): (Vec<usize>, Vec<f64>) = step.seen().unzip();
        self.steps += 1;
        if self.steps <= self.first_steps {
            for (&task, loss) in tasks.iter().zip(&losses) {
                self.first[task][0] += loss;
                self.first[task][1] += 1.0;
            }
            return step.scatter(&tasks, losses.iter().map(|loss| (loss + Self::LEAST).recip()));
        }
        let relative: Vec<f64> = tasks.iter().zip(&losses).map(|(&task, loss)| self.relative(task, *loss)).collect();
        let greatest = relative.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exps: Vec<f64> = relative.iter().map(|value| ((value - greatest) / self.smoothing).exp()).collect();
        let scale = tasks.len() as f64 / exps.iter().sum::<f64>();
        step.scatter(&tasks, exps.iter().zip(&losses).map(|(exp, loss)| scale * exp / (loss + Self::LEAST)))
    }

    fn state(&self) -> Vec<f64> {
        std::iter::once(self.steps as f64).chain(self.first.iter().flatten().copied()).collect()
    }

    fn restore(&mut self, state: &[f64]) {
        assert_eq!(state.len(), 1 + 2 * self.first.len(), "the state of another balancer");
        self.steps = state[0] as usize;
        self.first.iter_mut().zip(state[1..].chunks_exact(2)).for_each(|(first, saved)| first.copy_from_slice(saved));
    }
}
