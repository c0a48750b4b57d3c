//! Binary cross-entropy of weighted labels, summed for each task, as one differentiable operation.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

pub(crate) mod fallback;
mod host;
mod options;
#[cfg(test)]
mod tests;

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::{DType, Tensor},
};

pub(crate) use self::options::{BceOptions, BceSums};
use super::host::fits_kernel;

/// Sums the binary cross-entropies of each task, and computes the gradient in the same pass. A label of weight 0 has no
/// effect, whatever its logit and target.
///
/// The sums are differentiable in the logits only, and have their type, but at least 32 bits. They do not depend on the
/// number of threads.
///
/// # Shapes
///
/// - `logits`, `targets`, `weights`: `[batch, task]`
///
/// # Panics
///
/// Panics if the shapes differ, or the number of tasks is not that of the weights of bound labels.
pub(crate) fn bce_sums(
    logits: Tensor<2>,
    targets: Tensor<2>,
    weights: Tensor<2>,
    options: BceOptions,
    with_slopes: bool,
) -> BceSums {
    check_shapes(&logits, &targets, &weights, &options);
    // In 16 bits the sums of a batch would lose labels.
    let logits = if logits.dtype().size() < size_of::<f32>() { logits.cast(DType::F32) } else { logits };
    if !fits_kernel(&logits) {
        return fallback::bce_sums(logits, targets, weights, &options, with_slopes);
    }
    let (losses, weights, slopes) = <Dispatch as BceOps>::bce_sums(
        logits.into_dispatch(),
        targets.into_dispatch(),
        weights.into_dispatch(),
        options,
    );
    BceSums {
        losses: Tensor::from_dispatch(losses),
        weights: Tensor::from_dispatch(weights),
        slopes: with_slopes.then(|| Tensor::from_dispatch(slopes)),
    }
}

/// Checks that there is a target and a weight for each logit.
pub(crate) fn check_shapes(logits: &Tensor<2>, targets: &Tensor<2>, weights: &Tensor<2>, options: &BceOptions) {
    let [_, tasks] = logits.dims();
    assert_eq!(logits.dims(), targets.dims(), "the shape of the logits and of the targets");
    assert_eq!(logits.dims(), weights.dims(), "the shape of the logits and of the mask");
    if let Some(bound_weights) = &options.bound_weights {
        assert_eq!(tasks, bound_weights.len(), "the number of tasks and of their weights");
    }
}

/// The operation as an extension of burn's backends.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub(crate) trait BceOps: Backend {
    /// Returns the sums of losses, the sums of weights, and the slopes.
    fn bce_sums(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        options: BceOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        host::run::<Self>(&logits, &targets, &weights, &options)
    }
}

#[cfg(feature = "flex")]
impl BceOps for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl BceOps for burn_ndarray::NdArray {}

impl<B: BceOps, C: CheckpointStrategy> BceOps for Autodiff<B, C> {
    fn bce_sums(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        options: BceOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let node = logits.node();
        let (targets, weights) = (targets.into_primitive(), weights.into_primitive());
        let (losses, weights, slopes) = B::bce_sums(logits.into_primitive(), targets, weights, options);
        let losses = match BceBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(slopes.clone(), losses),
            OpsKind::UnTracked(step) => step.finish(losses),
        };
        (losses, FloatTensor::<Self>::new(weights), FloatTensor::<Self>::new(slopes))
    }
}

#[derive(Debug)]
struct BceBackward;

impl<B: BceOps> Backward<B, 1> for BceBackward {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = node {
            let row = [1, gradient.shape().num_elements()].into();
            let gradient = B::float_reshape(gradient, row);
            grads.register::<B>(node.id, B::float_mul(ops.state, gradient));
        }
    }
}
