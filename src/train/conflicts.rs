use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::{ConflictMap, balance::Gram};

/// The inner products of the tasks' gradients on the shared features, summed over the steps of a run.
///
/// For a head that is linear in the features, with weights `w` and residuals `r` (the derivative of a task's loss in its
/// logits, 0 where a label is missing), the gradients of two tasks on the features of a batch have the inner product
/// `(w_t . w_u) sum r_it r_iu`: a product of two small matrices, and no pass through the model. Only samples in which both
/// tasks have a label count, in the products as in the lengths that they are measured by.
#[derive(Debug, Clone)]
pub(super) struct Conflicts {
    /// `[task, task]`
    products: Tensor<2>,
    /// The squared length of the first task's gradient on the samples of the second, `[task, task]`.
    squares: Tensor<2>,
}

/// What a checkpoint holds of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedConflicts {
    products: Vec<f32>,
    squares: Vec<f32>,
}

impl SavedConflicts {
    /// How many numbers there are, of each kind.
    pub(super) fn lengths(&self) -> [usize; 2] {
        [self.products.len(), self.squares.len()]
    }

    /// The map of tasks with these names.
    pub(super) fn map(&self, tasks: Vec<String>) -> ConflictMap {
        let values = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect();
        ConflictMap::new(tasks, values(&self.products), values(&self.squares))
    }
}

/// What a step says of the tasks' gradients on the shared features.
#[derive(Debug)]
pub(super) struct Residuals {
    /// The derivative of each task's mean loss in its logits, `[batch, task]`.
    pub(super) values: Tensor<2>,
    /// 1 where a label counts, `[batch, task]`.
    pub(super) observed: Tensor<2>,
    /// What the logits are made with, `[feature, task]`.
    pub(super) weight: Tensor<2>,
}

impl Residuals {
    /// The inner products of the head's weights, `[task, task]`.
    fn weights(&self) -> Tensor<2> {
        self.weight.clone().transpose().matmul(self.weight.clone())
    }

    fn products(&self) -> Tensor<2> {
        self.values.clone().transpose().matmul(self.values.clone()) * self.weights()
    }

    /// The inner products of the gradients of a step.
    pub(super) fn gram(&self) -> Gram {
        let [_, tasks] = self.values.dims();
        Gram::new(tasks, self.products().into_data().iter::<f64>().collect())
    }
}

impl Conflicts {
    /// Starts from a first step.
    pub(super) fn new(first: &Residuals) -> Self {
        let lengths = first.weight.clone().powi_scalar(2).sum_dim(0).transpose();
        let squares = first.values.clone().powi_scalar(2).transpose().matmul(first.observed.clone()) * lengths;
        Self { products: first.products(), squares }
    }

    /// Adds those of another step.
    pub(super) fn add(self, next: &Residuals) -> Self {
        let next = Self::new(next);
        Self { products: self.products + next.products, squares: self.squares + next.squares }
    }

    pub(super) fn saved(&self) -> SavedConflicts {
        let values = |tensor: &Tensor<2>| tensor.clone().into_data().iter::<f32>().collect();
        SavedConflicts { products: values(&self.products), squares: values(&self.squares) }
    }

    pub(super) fn restored(saved: &SavedConflicts, tasks: usize, device: &Device) -> Self {
        let tensor = |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [tasks, tasks]), device);
        Self { products: tensor(&saved.products), squares: tensor(&saved.squares) }
    }
}
