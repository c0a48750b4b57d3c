//! The kernel of [`super::conv`] for backends whose tensors live in the host's memory.
//!
//! A kernel of three positions takes six matrix products for four positions of a sample; of another one, each position
//! is a product of its own. The mask of the ReLU is kept as bits.

mod backward;
mod forward;
mod mask;
mod sample;
mod sizes;
mod sums;
#[cfg(test)]
mod tests;
mod winograd;

use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::TensorData,
};

pub(crate) use self::sample::HostConv;
use self::sizes::Sizes;
use crate::nn::ops::{
    Activation, ConvOptions,
    host::memory::{int_data, integers, read, take, to_float},
};

/// Runs [`forward::forward`] on a backend's tensors.
pub(super) fn run_forward<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    options: ConvOptions,
) -> (FloatTensor<B>, IntTensor<B>) {
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), options);
    let weights = transposed(&read::<B>(&weight), weight.shape().dims());
    let (output, mask) = forward::forward(&sizes, &read::<B>(&input), &weights, &read::<B>(&bias));
    let shape = [sizes.batch, sizes.length, sizes.outputs];
    let (dtype, device) = (input.dtype(), input.device());
    (
        to_float::<B>(TensorData::new(output, shape), dtype, &device),
        B::int_from_data(TensorData::new(mask, [sizes.batch, sizes.words()]), &device),
    )
}

/// As [`run_forward`] without the mask, in place where that is possible.
pub(super) fn run_untracked<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    options: ConvOptions,
) -> FloatTensor<B> {
    if options.activation != Activation::Residual {
        return run_forward::<B>(input, weight, bias, options).0;
    }
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), options);
    let weights = transposed(&read::<B>(&weight), weight.shape().dims());
    let (dtype, device) = (input.dtype(), input.device());
    let mut input = take::<B>(input);
    let values = input.as_mut_slice::<f32>().expect("what is taken is f32");
    forward::residual(&sizes, values, &weights, &read::<B>(&bias));
    to_float::<B>(input, dtype, &device)
}

/// Runs [`backward::backward`] on a backend's tensors.
pub(super) fn run_backward<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    mask: IntTensor<B>,
    gradient: FloatTensor<B>,
    options: ConvOptions,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), options);
    let weights = transposed(&read::<B>(&weight), weight.shape().dims());
    let (mask, values) = (int_data::<B>(mask), read::<B>(&input));
    let run = |gradient: Option<&[f32]>, input_gradient: &mut [f32]| {
        backward::backward(&sizes, &values, &weights, &integers(&mask), gradient, input_gradient)
    };
    let (input_gradient, gradients) = if options.activation == Activation::Residual {
        let mut gradient = take::<B>(gradient);
        let gradients = run(None, gradient.as_mut_slice::<f32>().expect("what is taken is f32"));
        (gradient, gradients)
    } else {
        let mut input_gradient = vec![0.0; values.len()];
        let gradients = run(Some(&read::<B>(&gradient)), &mut input_gradient);
        (TensorData::new(input_gradient, input.shape()), gradients)
    };
    let (dtype, device) = (input.dtype(), input.device());
    let weight_gradient =
        TensorData::new(transposed(&gradients.weight, [sizes.kernel, sizes.inputs, sizes.outputs]), weight.shape());
    let bias_gradient = TensorData::new(gradients.bias, [sizes.outputs]);
    let tensor = |data| to_float::<B>(data, dtype, &device);
    (tensor(input_gradient), tensor(weight_gradient), tensor(bias_gradient))
}

/// Turns `[a, b, c]` into `[c, b, a]`: `[output, input, kernel]` into `[kernel, input, output]`, or back.
fn transposed(values: &[f32], [a, b, c]: [usize; 3]) -> Vec<f32> {
    let mut transposed = vec![0.0; values.len()];
    for (i, values) in values.chunks_exact(b * c).enumerate() {
        for (j, values) in values.chunks_exact(c).enumerate() {
            for (k, value) in values.iter().enumerate() {
                transposed[(k * b + j) * a + i] = *value;
            }
        }
    }
    transposed
}
