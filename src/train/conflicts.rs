//! Inner products of the tasks' gradients, collected during training.

pub(super) mod map;
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{ConflictMap, balance::Gram};

/// The inner products of the tasks' gradients on the shared features, summed over the counted steps of a
/// run.
///
/// For a head that is linear in the features, with weights `w` and residuals `r` (the derivative of a task's loss in
/// its logits, 0 where a label is missing), the gradients of two tasks on the features of a batch have the inner
/// product `(w_t . w_u) sum r_it r_iu`: a product of two small matrices, without a pass through the model. Products and
/// lengths are over the samples in which both tasks have a label.
#[derive(Clone, Debug)]
pub(super) struct Conflicts {
    /// `[task, task]`
    products: Tensor<2>,
    /// The squared length of the first task's gradient on the samples of the second, `[task, task]`.
    squares: Tensor<2>,
    /// The samples in which both tasks have a label, `[task, task]`; integers, since f32 is exact only up to 2^24.
    samples: Tensor<2, Int>,
}

/// Conflicts in a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedConflicts {
    products: Vec<f32>,
    squares: Vec<f32>,
    samples: Vec<u64>,
}

impl SavedConflicts {
    /// The lengths of the three tables.
    pub(super) fn lengths(&self) -> [usize; 3] {
        [self.products.len(), self.squares.len(), self.samples.len()]
    }

    /// The map of tasks with these names.
    pub(super) fn map(&self, tasks: Vec<String>) -> ConflictMap {
        let values = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect();
        ConflictMap::new(tasks, values(&self.products), values(&self.squares), self.samples.clone())
    }
}

/// The factors of the tasks' gradients on the shared features in a step.
#[derive(Debug)]
pub(super) struct Residuals {
    /// The derivative of each task's mean loss in its logits, `[batch, task]`.
    pub(super) values: Tensor<2>,
    /// 1 where a label counts, `[batch, task]`.
    pub(super) observed: Tensor<2>,
    /// The weights of the head, `[feature, task]`.
    pub(super) weight: Tensor<2>,
}

impl Residuals {
    fn products(&self) -> Tensor<2> {
        let weights = self.weight.clone().transpose().matmul(self.weight.clone());
        self.values.clone().transpose().matmul(self.values.clone()) * weights
    }

    /// The inner products of the gradients of a step.
    pub(super) fn gram(&self) -> Gram {
        let [_, tasks] = self.values.dims();
        Gram::new(tasks, self.products().into_data().iter::<f64>().collect())
    }
}

impl Conflicts {
    /// Whether a step counts: every step with up to 64 tasks, one of two with up to 128, and so on, since the products
    /// of a step grow with the square of the tasks.
    pub(super) fn has_step(step: usize, tasks: usize) -> bool {
        const EACH_STEP: usize = 64;
        step.is_multiple_of(tasks.div_ceil(EACH_STEP))
    }

    /// Computes the conflicts of a first step.
    pub(super) fn new(first: &Residuals) -> Self {
        let lengths = first.weight.clone().powi_scalar(2).sum_dim(0).transpose();
        let squares = first.values.clone().powi_scalar(2).transpose().matmul(first.observed.clone()) * lengths;
        let samples = first.observed.clone().transpose().matmul(first.observed.clone()).round().int();
        Self { products: first.products(), squares, samples }
    }

    /// Adds a step to those before it, if any.
    pub(super) fn record(conflicts: &mut Option<Self>, step: &Residuals) {
        *conflicts = Some(conflicts.take().map_or_else(|| Self::new(step), |before| before.add(step)));
    }

    /// Adds another step.
    pub(super) fn add(self, next: &Residuals) -> Self {
        let next = Self::new(next);
        Self {
            products: self.products + next.products,
            squares: self.squares + next.squares,
            samples: self.samples + next.samples,
        }
    }

    pub(super) fn saved(&self) -> SavedConflicts {
        let values = |tensor: &Tensor<2>| tensor.clone().into_data().iter::<f32>().collect();
        let samples = self.samples.clone().into_data().iter::<u64>().collect();
        SavedConflicts { products: values(&self.products), squares: values(&self.squares), samples }
    }

    pub(super) fn restored(saved: &SavedConflicts, tasks: usize, device: &Device) -> Self {
        let tensor = |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [tasks, tasks]), device);
        let samples = TensorData::new(saved.samples.clone(), [tasks, tasks]);
        Self {
            products: tensor(&saved.products),
            squares: tensor(&saved.squares),
            samples: Tensor::from_data(samples, device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two features, two tasks with the weights (1, 2) and (3, -1), whose inner products are 5, 10 and 1.
    fn step(values: [[f32; 2]; 2], observed: [[f32; 2]; 2]) -> Residuals {
        let device = Device::default();
        Residuals {
            values: Tensor::from_data(values, &device),
            observed: Tensor::from_data(observed, &device),
            weight: Tensor::from_data([[1.0, 3.0], [2.0, -1.0]], &device),
        }
    }

    fn two_steps() -> [Residuals; 2] {
        // The second step's second sample has no label of the second task.
        [step([[1.0, 2.0], [3.0, -1.0]], [[1.0; 2]; 2]), step([[2.0, 1.0], [4.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]])]
    }

    #[test]
    fn steps_add_up_to_sums_worked_out_by_hand() {
        let [first, second] = two_steps();
        let saved = Conflicts::new(&first).add(&second).saved();
        // Residuals: (1 + 9 + 4 + 16) 5, (2 - 3 + 2) 1, and (4 + 1 + 1) 10.
        assert_eq!(saved.products, [150.0, 1.0, 1.0, 60.0]);
        // On common samples the first task's are (1 + 9 + 4) 5.
        assert_eq!(saved.squares, [150.0, 70.0, 60.0, 60.0]);
        assert_eq!(saved.samples, [4, 3, 3, 3]);
    }

    #[test]
    fn restored_conflicts_go_on_as_they_were() {
        let [first, second] = two_steps();
        let whole = Conflicts::new(&first).add(&second).saved();
        let text = serde_json::to_string(&Conflicts::new(&first).saved()).unwrap();
        let saved: SavedConflicts = serde_json::from_str(&text).unwrap();
        assert_eq!(saved.lengths(), [4; 3]);
        assert_eq!(Conflicts::restored(&saved, 2, &Device::default()).add(&second).saved(), whole);
    }

    #[test]
    fn the_more_tasks_the_fewer_steps_count_and_the_first_always_does() {
        let steps = |tasks| (0..40).filter(|&step| Conflicts::has_step(step, tasks)).collect::<Vec<_>>();
        assert_eq!(steps(64), (0..40).collect::<Vec<_>>());
        assert_eq!(steps(65), (0..40).step_by(2).collect::<Vec<_>>());
        assert_eq!(steps(1_000), [0, 16, 32]);
    }

    #[test]
    fn samples_are_counted_beyond_what_a_float_can() {
        let [first, _] = two_steps();
        let saved = SavedConflicts { samples: vec![16_777_216; 4], ..Conflicts::new(&first).saved() };
        let first = step([[1.0, 2.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]);
        let samples = Conflicts::restored(&saved, 2, &Device::default()).add(&first).saved().samples;
        assert_eq!(samples, [16_777_217; 4]);
    }
}
