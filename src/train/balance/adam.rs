//! Adam on one number for each task.

/// Adam on one number for each task. Each counts its own steps: the number of an unseen task does not move.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Adam {
    rate: f64,
    decay: f64,
    /// Both moments and the number of steps of each task.
    moments: Vec<[f64; 3]>,
}

impl Adam {
    const BETAS: [f64; 2] = [0.9, 0.999];
    const EPSILON: f64 = 1e-8;

    /// Creates it with a learning rate, and a decay that is added to gradients.
    pub(super) fn new(tasks: usize, rate: f64, decay: f64) -> Self {
        Self { rate, decay, moments: vec![[0.0; 3]; tasks] }
    }

    /// Moves a task's number against its gradient.
    pub(super) fn step(&mut self, task: usize, value: &mut f64, gradient: f64) {
        let gradient = gradient + self.decay * *value;
        let [first, second, steps] = &mut self.moments[task];
        *steps += 1.0;
        *first += (gradient - *first) * (1.0 - Self::BETAS[0]);
        *second += (gradient * gradient - *second) * (1.0 - Self::BETAS[1]);
        let [bias_correction_1, bias_correction_2] = Self::BETAS.map(|beta| 1.0 - beta.powf(*steps));
        *value -= self.rate * (*first / bias_correction_1) / ((*second / bias_correction_2).sqrt() + Self::EPSILON);
    }

    /// The numbers and their moments, for a checkpoint.
    pub(super) fn state(&self, values: &[f64]) -> Vec<f64> {
        values.iter().zip(&self.moments).flat_map(|(value, moments)| [&[*value], moments.as_slice()].concat()).collect()
    }

    /// Restores a state.
    pub(super) fn restore(&mut self, values: &mut [f64], state: &[f64]) {
        assert_eq!(state.len(), 4 * values.len(), "the state of another balancer");
        for ((value, moments), saved) in values.iter_mut().zip(&mut self.moments).zip(state.chunks_exact(4)) {
            *value = saved[0];
            moments.copy_from_slice(&saved[1..]);
        }
    }
}
