//! The losses of steps, which stay on the device until they are read.

use burn::tensor::Tensor;

use crate::train::learner::StepLoss;

/// The losses since the last validation.
#[derive(Default)]
pub(super) struct Losses {
    /// The losses that are still on the device.
    unread: Vec<Step>,
    sum: f64,
    count: usize,
}

/// A step's place in the run, and its loss.
struct Step {
    draws: usize,
    learning_rate: f64,
    loss: StepLoss,
}

/// A step whose loss is not finite.
pub(super) struct DivergedStep {
    pub(super) draws: usize,
    pub(super) learning_rate: f64,
    pub(super) loss: f64,
    /// The tasks whose losses are not finite, by their indices in the model, as far as known.
    pub(super) tasks: Vec<usize>,
}

impl Losses {
    /// The steps between two reads, which wait for the device.
    const READ_EVERY: usize = 100;

    pub(super) fn push(&mut self, draws: usize, learning_rate: f64, loss: StepLoss) {
        self.unread.push(Step { draws, learning_rate, loss });
    }

    pub(super) fn is_due(&self) -> bool {
        self.unread.len() >= Self::READ_EVERY
    }

    /// Reads the losses.
    ///
    /// # Errors
    ///
    /// The first step whose loss is not finite.
    pub(super) fn read(&mut self) -> Result<(), DivergedStep> {
        let steps = std::mem::take(&mut self.unread);
        if steps.is_empty() {
            return Ok(());
        }
        let values = Tensor::cat(steps.iter().map(|step| step.loss.mean.clone()).collect(), 0).into_data();
        for (step, loss) in steps.iter().zip(values.iter::<f64>()) {
            if !loss.is_finite() {
                let Step { draws, learning_rate, .. } = *step;
                return Err(DivergedStep { draws, learning_rate, loss, tasks: step.loss.not_finite() });
            }
            self.sum += loss;
        }
        self.count += steps.len();
        Ok(())
    }

    /// Returns the mean of all losses that were read since the last call.
    pub(super) fn mean(&mut self) -> f64 {
        let Self { sum, count, .. } = std::mem::take(self);
        sum / count as f64
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn loss(mean: f32, tasks: Option<[f32; 3]>) -> StepLoss {
        let device = Device::default();
        let tasks = tasks.map(|tasks| Tensor::from_data(tasks, &device));
        StepLoss { mean: Tensor::from_data([mean], &device), tasks }
    }

    #[test]
    fn the_mean_is_over_all_steps_since_the_last_one_however_often_losses_are_read() {
        let mut losses = Losses::default();
        for value in [1.0, 2.0, 6.0] {
            losses.push(0, 0.1, loss(value, None));
        }
        assert!(losses.read().is_ok() && losses.read().is_ok());
        losses.push(0, 0.1, loss(3.0, None));
        assert!(losses.read().is_ok());
        assert_eq!(losses.mean(), 3.0);
        losses.push(0, 0.1, loss(0.5, None));
        assert!(losses.read().is_ok());
        assert_eq!(losses.mean(), 0.5);
    }

    #[test]
    fn the_first_step_that_is_not_finite_is_found_with_its_tasks() {
        let mut losses = Losses::default();
        losses.push(0, 0.1, loss(1.0, Some([1.0; 3])));
        losses.push(64, 0.2, loss(f32::INFINITY, Some([1.0, f32::INFINITY, f32::NAN])));
        losses.push(128, 0.3, loss(f32::NAN, Some([f32::NAN; 3])));
        let Err(DivergedStep { draws, learning_rate, loss, tasks }) = losses.read() else { panic!("nothing found") };
        assert_eq!((draws, learning_rate, loss, tasks), (64, 0.2, f64::INFINITY, vec![1, 2]));
    }

    #[test]
    fn a_read_is_due_after_a_hundred_steps() {
        let mut losses = Losses::default();
        for step in 0..100 {
            assert!(!losses.is_due());
            losses.push(step, 0.1, loss(1.0, None));
        }
        assert!(losses.is_due());
        assert!(losses.read().is_ok() && !losses.is_due());
    }
}
