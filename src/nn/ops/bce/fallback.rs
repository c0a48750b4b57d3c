//! The same operation from burn's own operations, for every backend.

use burn::tensor::{
    Tensor,
    activation::{log_sigmoid, sigmoid},
};

use super::options::{BceOptions, BceSums};

/// Returns the sums, with the gradients, of [`super::bce_sums`].
pub(crate) fn bce_sums(
    logits: Tensor<2>,
    targets: Tensor<2>,
    weights: Tensor<2>,
    options: &BceOptions,
    with_slopes: bool,
) -> BceSums {
    let (targets, weights) = (targets.cast(logits.dtype()), weights.cast(logits.dtype()));
    let inputs = with_slopes.then(|| (logits.clone().detach(), targets.clone(), weights.clone()));
    let slopes = inputs.map(|(logits, targets, weights)| slopes(logits, targets, weights, options));
    let losses = label_losses(logits, targets, &weights, options) * weights.clone();
    BceSums { losses: losses.sum_dim(0).squeeze_dim(0), weights: weights.sum_dim(0).squeeze_dim(0), slopes }
}

/// The loss of each label, 0 where its weight is 0, `[batch, task]`.
pub(crate) fn label_losses(
    logits: Tensor<2>,
    targets: Tensor<2>,
    weights: &Tensor<2>,
    options: &BceOptions,
) -> Tensor<2> {
    let (logits, bound, unbound) = parts(logits, targets, weights, options);
    // A product with 0 would keep NaN and infinity: what does not count is replaced, before and after.
    let losses = bound * log_sigmoid(logits.clone()) + unbound * log_sigmoid(logits.neg());
    losses.neg().mask_fill(weights.clone().equal_elem(0.0), 0.0)
}

/// The derivative of each weighted loss in its logit.
fn slopes(logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>, options: &BceOptions) -> Tensor<2> {
    let (logits, bound, unbound) = parts(logits, targets, &weights, options);
    (unbound * sigmoid(logits.clone()) - bound * sigmoid(logits.neg())) * weights
}

/// The logits that count, and how much each label counts as bound and as unbound.
fn parts(
    logits: Tensor<2>,
    targets: Tensor<2>,
    weights: &Tensor<2>,
    options: &BceOptions,
) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
    let nothing = weights.clone().equal_elem(0.0);
    let logits = logits.mask_fill(nothing.clone(), 0.0);
    let bound = targets.mask_fill(nothing, 0.0) * (1.0 - options.smoothing) + options.smoothing / 2.0;
    let unbound = bound.clone().neg() + 1.0;
    let Some(bound_weights) = &options.bound_weights else { return (logits, bound, unbound) };
    let bound_weights = Tensor::<1>::from_data(&bound_weights[..], (&bound.device(), bound.dtype()));
    (logits, bound * bound_weights.unsqueeze_dim(0), unbound)
}
