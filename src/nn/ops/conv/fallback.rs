//! The same operation from burn's own operations, for every backend.

use burn::tensor::{Tensor, activation::relu, ops::PadMode, s};

use super::{Activation, ConvOptions};

/// Returns the values, with the gradients, of [`super::conv`].
///
/// The samples lie in one long matrix with gaps of zeros between them. Each position of the kernel multiplies a part.
pub(crate) fn conv(input: Tensor<3>, weight: Tensor<3>, bias: Tensor<1>, options: ConvOptions) -> Tensor<3> {
    let [batch, length, _] = input.dims();
    let [outputs, inputs, kernel] = weight.dims();
    let margin = kernel / 2 * options.dilation;
    let (spaced, rows) = (spaced(input.clone(), margin), batch * (length + margin));
    let weight = weight.permute([2, 1, 0]).reshape([kernel * inputs, outputs]);
    let product = |position: usize| {
        let first = position * options.dilation;
        let weight = weight.clone().slice(s![position * inputs..(position + 1) * inputs]);
        spaced.clone().slice(s![first..first + rows]).matmul(weight)
    };
    let sum = (1..kernel).fold(product(0), |sum, position| sum + product(position)) + bias.unsqueeze();
    let sum = sum.reshape([batch, length + margin, outputs]).slice(s![.., ..length]);
    match options.activation {
        Activation::Linear => sum,
        Activation::Relu => relu(sum),
        Activation::Residual => input + relu(sum),
    }
}

/// Lays the samples below each other, with `margin` rows of zeros before each and twice as many at the end.
fn spaced(input: Tensor<3>, margin: usize) -> Tensor<2> {
    let [batch, length, channels] = input.dims();
    if margin == 0 {
        return input.reshape([batch * length, channels]);
    }
    let samples = input.pad([(0, 0), (margin, 0), (0, 0)], PadMode::Constant(0.0));
    samples.reshape([batch * (margin + length), channels]).pad([(0, 2 * margin), (0, 0)], PadMode::Constant(0.0))
}
