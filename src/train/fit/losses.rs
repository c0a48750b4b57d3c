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
    fn the_mean_is_that_of_all_steps_since_the_one_before_however_often_somebody_looked() {
        let mut losses = Losses::default();
        for looked in [1.0, 2.0, 6.0] {
            losses.push(0, 0.1, loss(looked, None));
        }
        assert!(losses.look().is_ok() && losses.look().is_ok());
        losses.push(0, 0.1, loss(3.0, None));
        assert!(losses.look().is_ok());
        assert_eq!(losses.mean(), 3.0);
        losses.push(0, 0.1, loss(0.5, None));
        assert!(losses.look().is_ok());
        assert_eq!(losses.mean(), 0.5);
    }

    #[test]
    fn the_first_step_that_is_not_finite_is_found_with_its_tasks() {
        let mut losses = Losses::default();
        losses.push(0, 0.1, loss(1.0, Some([1.0; 3])));
        losses.push(64, 0.2, loss(f32::INFINITY, Some([1.0, f32::INFINITY, f32::NAN])));
        losses.push(128, 0.3, loss(f32::NAN, Some([f32::NAN; 3])));
        let Err(Diverged { draws, learning_rate, loss, tasks }) = losses.look() else { panic!("nothing found") };
        assert_eq!((draws, learning_rate, loss, tasks), (64, 0.2, f64::INFINITY, vec![1, 2]));
    }

    #[test]
    fn a_look_is_due_after_a_hundred_steps() {
        let mut losses = Losses::default();
        for step in 0..100 {
            assert!(!losses.is_due());
            losses.push(step, 0.1, loss(1.0, None));
        }
        assert!(losses.is_due());
        assert!(losses.look().is_ok() && !losses.is_due());
    }
}
