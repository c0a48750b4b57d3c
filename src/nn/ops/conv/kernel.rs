//! The kernel of [`super::conv`] for backends whose tensors live in the host's memory.
//!
//! Each of the kernel's positions is one product of matrices for each sample, without a copy of the input. What the
//! ReLU let through is kept as bits.

mod backward;
mod forward;
mod mask;

use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::TensorData,
};

use super::{
    super::{
        host::{int_data, integers, read, take, to_float},
        matrix::{Matrix, add_product},
        vector,
    },
    ConvStep, Finish,
};

/// The sizes of one call.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    length: usize,
    inputs: usize,
    outputs: usize,
    kernel: usize,
    step: ConvStep,
}

impl Sizes {
    fn new(input: [usize; 3], weight: [usize; 3], step: ConvStep) -> Self {
        let ([batch, length, inputs], [outputs, _, kernel]) = (input, weight);
        Self { batch, length, inputs, outputs, kernel, step }
    }

    /// Returns the rows of the output that one of the kernel's positions adds to, and the rows of the input it reads.
    fn rows(&self, position: usize) -> [std::ops::Range<usize>; 2] {
        let (ahead, behind) = (position * self.step.dilation, self.kernel / 2 * self.step.dilation);
        let (skipped, shift) = (behind.saturating_sub(ahead), ahead.saturating_sub(behind));
        let count = self.length.saturating_sub(skipped + shift);
        if count == 0 { [0..0, 0..0] } else { [skipped..skipped + count, shift..shift + count] }
    }

    fn has_relu(&self) -> bool {
        self.step.finish != Finish::Linear
    }

    /// Numbers that hold the bits of a sample.
    fn words(&self) -> usize {
        if self.has_relu() { (self.length * self.outputs).div_ceil(mask::BITS) } else { 0 }
    }
}

/// Runs [`forward::forward`] on a backend's tensors.
pub(super) fn run_forward<B: Backend>(
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    step: ConvStep,
) -> (FloatTensor<B>, IntTensor<B>) {
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), step);
    let weights = by_position(&sizes, &read::<B>(&weight));
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
    step: ConvStep,
) -> FloatTensor<B> {
    if step.finish != Finish::Residual {
        return run_forward::<B>(input, weight, bias, step).0;
    }
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), step);
    let weights = by_position(&sizes, &read::<B>(&weight));
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
    step: ConvStep,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let sizes = Sizes::new(input.shape().dims(), weight.shape().dims(), step);
    let weights = by_position(&sizes, &read::<B>(&weight));
    let (mask, seen) = (int_data::<B>(mask), read::<B>(&input));
    let run = |gradient: Option<&[f32]>, input_gradient: &mut [f32]| {
        backward::backward(&sizes, &seen, &weights, &integers(&mask), gradient, input_gradient)
    };
    let (input_gradient, gradients) = if step.finish == Finish::Residual {
        let mut gradient = take::<B>(gradient);
        let gradients = run(None, gradient.as_mut_slice::<f32>().expect("what is taken is f32"));
        (gradient, gradients)
    } else {
        let mut values = vec![0.0; seen.len()];
        let gradients = run(Some(&read::<B>(&gradient)), &mut values);
        (TensorData::new(values, input.shape()), gradients)
    };
    let (dtype, device) = (input.dtype(), input.device());
    let weight_gradient = TensorData::new(from_positions(&sizes, &gradients.weight), weight.shape());
    let bias_gradient = TensorData::new(gradients.bias, [sizes.outputs]);
    let tensor = |data| to_float::<B>(data, dtype, &device);
    (tensor(input_gradient), tensor(weight_gradient), tensor(bias_gradient))
}

/// Turns `[output, input, kernel]` into `[kernel, input, output]`.
fn by_position(sizes: &Sizes, weight: &[f32]) -> Vec<f32> {
    let Sizes { inputs, outputs, kernel, .. } = *sizes;
    let mut turned = vec![0.0; weight.len()];
    for (output, weight) in weight.chunks_exact(inputs * kernel).enumerate() {
        for (input, weight) in weight.chunks_exact(kernel).enumerate() {
            for (position, weight) in weight.iter().enumerate() {
                turned[(position * inputs + input) * outputs + output] = *weight;
            }
        }
    }
    turned
}

/// Turns `[kernel, input, output]` into `[output, input, kernel]`.
fn from_positions(sizes: &Sizes, weight: &[f32]) -> Vec<f32> {
    let Sizes { inputs, outputs, kernel, .. } = *sizes;
    let mut turned = vec![0.0; weight.len()];
    for (position, weight) in weight.chunks_exact(inputs * outputs).enumerate() {
        for (input, weight) in weight.chunks_exact(outputs).enumerate() {
            for (output, weight) in weight.iter().enumerate() {
                turned[(output * inputs + input) * kernel + position] = *weight;
            }
        }
    }
    turned
}
