//! The same operation from burn's own operations: for every backend, and differentiable in the signal.

use burn::tensor::{
    Device, Int, Tensor,
    activation::relu,
    module::{conv1d, max_pool1d},
    ops::{ConvOptions, MaxPoolOptions},
    s,
};

use crate::nn::ops::{Axes, MotifPoolOptions, Strands};

/// Returns the values, with the gradients, of [`crate::nn::ops::motif_pool`].
pub(crate) fn motif_pool(
    codes: Tensor<2, Int>,
    signal: Option<Tensor<3>>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    options: MotifPoolOptions,
) -> Tensor<3> {
    let columns = one_hot(&codes, &weight.device());
    motif_pool_of_columns(columns, signal, weight, bias, options)
}

/// As [`motif_pool`], of bases as columns `[batch, 4, length]`, in which it is differentiable.
pub(crate) fn motif_pool_of_columns(
    columns: Tensor<3>,
    signal: Option<Tensor<3>>,
    weight: Tensor<3>,
    bias: Tensor<1>,
    options: MotifPoolOptions,
) -> Tensor<3> {
    let [motifs, ..] = weight.dims();
    let dtype = weight.dtype();
    let bases = columns.cast(dtype);
    let input = match signal {
        Some(signal) => Tensor::cat(vec![bases, signal.cast(dtype)], 1),
        None => bases,
    };
    let scan = |weight| conv1d(input.clone(), weight, None, ConvOptions::new([1], [0], [1], 1));
    let mut scores = scan(weight.clone());
    if options.strands == Strands::Both {
        let reverse = scan(reverse_complement(weight));
        let better = reverse.clone().greater(scores.clone());
        scores = scores.mask_where(better, reverse);
    }
    let pooled = max_pool1d(scores, MaxPoolOptions::new([options.pool]));
    let pooled = relu(pooled + bias.reshape([1, motifs, 1]));
    if options.axes == Axes::PositionsFirst { pooled.swap_dims(1, 2) } else { pooled }
}

/// Makes `[batch, 4, length]` from codes `[batch, length]`; N is a column of zeros.
fn one_hot(codes: &Tensor<2, Int>, device: &Device) -> Tensor<3> {
    let rows = (0..4).map(|base| codes.clone().equal_elem(base).float().unsqueeze_dim::<3>(1)).collect();
    Tensor::cat(rows, 1).to_device(device)
}

/// Returns the motifs as they read on the other strand: `[motif, 4 + channel, width]`, bases complemented, everything
/// reversed.
fn reverse_complement(weight: Tensor<3>) -> Tensor<3> {
    let [_, rows, _] = weight.dims();
    let bases = weight.clone().slice(s![.., 0..4]).flip([1, 2]);
    if rows == 4 {
        return bases;
    }
    Tensor::cat(vec![bases, weight.slice(s![.., 4..rows]).flip([2])], 1)
}
