//! The factors of the tasks' gradients on the shared features.

use burn::tensor::Tensor;

use crate::{
    nn::{Network, TaskLosses, as_model},
    train::balance::Gram,
};

/// The factors of the tasks' gradients on the shared features in a step.
///
/// For a head that is linear in the features, with weights `w` and residuals `r` (the derivative of a task's loss in
/// its logits, 0 where a label is missing), the gradients of two tasks on the features of a batch have the inner
/// product `(w_t . w_u) sum r_it r_iu`: a product of two small matrices, without a pass through the model.
#[derive(Debug)]
pub(super) struct Residuals {
    /// The derivative of each task's mean loss in its logits, `[batch, task]`.
    values: Tensor<2>,
    /// The weights of the head, `[feature, task]`.
    weight: Tensor<2>,
}

impl Residuals {
    /// The residuals of a batch, where losses have slopes and the logits are linear in the shared features.
    pub(super) fn new(network: &impl Network, losses: &TaskLosses) -> Option<Self> {
        let linear = as_model(network)?.head.linear()?;
        Some(Self { values: losses.slopes.clone()?.inner(), weight: linear.weight.val().inner() })
    }

    /// The inner products of the gradients.
    pub(super) fn gram(&self) -> Gram {
        let [_, tasks] = self.values.dims();
        let product = |matrix: &Tensor<2>| matrix.clone().transpose().matmul(matrix.clone());
        let products = product(&self.values) * product(&self.weight);
        Gram::new(tasks, products.into_data().iter::<f64>().collect())
    }
}
