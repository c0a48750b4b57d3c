//! The losses of steps, which stay on the device until somebody looks.

use burn::tensor::Tensor;

use super::super::step::StepLoss;

/// The losses since the last validation.
#[derive(Default)]
pub(super) struct Losses {
    /// Those that are on the device still.
    waiting: Vec<Step>,
    sum: f64,
    count: usize,
}

/// A step's place in the run, and its loss.
struct Step {
    draws: usize,
    learning_rate: f64,
    loss: StepLoss,
}

/// A step whose loss is no finite number.
pub(super) struct Diverged {
    pub(super) draws: usize,
    pub(super) learning_rate: f64,
    pub(super) loss: f64,
    /// The tasks whose losses are not, as the model counts them, where that is known.
    pub(super) tasks: Vec<usize>,
}

impl Losses {
    /// A look waits for the device: so many steps go by without one.
    const UNSEEN: usize = 100;

    pub(super) fn push(&mut self, draws: usize, learning_rate: f64, loss: StepLoss) {
        self.waiting.push(Step { draws, learning_rate, loss });
    }

    pub(super) fn is_due(&self) -> bool {
        self.waiting.len() >= Self::UNSEEN
    }

    /// Looks at the losses, and returns the first step whose loss is not finite.
    pub(super) fn look(&mut self) -> Result<(), Diverged> {
        let steps = std::mem::take(&mut self.waiting);
        if steps.is_empty() {
            return Ok(());
        }
        let values = Tensor::cat(steps.iter().map(|step| step.loss.mean.clone()).collect(), 0).into_data();
        for (step, loss) in steps.iter().zip(values.iter::<f64>()) {
            if !loss.is_finite() {
                let Step { draws, learning_rate, .. } = *step;
                return Err(Diverged { draws, learning_rate, loss, tasks: step.loss.not_finite() });
            }
            self.sum += loss;
        }
        self.count += steps.len();
        Ok(())
    }

    /// Returns the mean of all that were looked at, and begins anew.
    pub(super) fn mean(&mut self) -> f64 {
        let Self { sum, count, .. } = std::mem::take(self);
        sum / count as f64
    }
}
