//! What the operation takes and gives, beside tensors.

use std::sync::Arc;

use burn::tensor::Tensor;

/// How labels count.
#[derive(Clone, Debug, Default)]
pub(crate) struct BceOptions {
    /// The weight of a bound label of each task; 1 for all if there are none.
    pub(crate) bound_weights: Option<Arc<[f32]>>,
    /// The share of each target that is spread evenly over bound and unbound.
    pub(crate) smoothing: f32,
}

/// The losses of a batch, summed for each task.
#[derive(Clone, Debug)]
pub(crate) struct BceSums {
    /// The weighted sum of the losses of each task's labels, `[task]`.
    pub(crate) losses: Tensor<1>,
    /// The sum of the weights of each task's labels, `[task]`.
    pub(crate) weights: Tensor<1>,
    /// The derivative of each task's sum in its logits, a constant, `[batch, task]`, if it was asked for.
    pub(crate) slopes: Option<Tensor<2>>,
}
