//! The convolution of one sample, in memory that is given.

use super::{sizes::Sizes, transposed};
use crate::nn::ops::{
    Activation, ConvOptions,
    host::{
        dense::{relu, sized},
        panels::Panels,
    },
};

/// A convolution for one sample at a time.
#[derive(Debug)]
pub(crate) struct HostConv {
    /// A matrix `[input, output]` for each position of the kernel.
    weights: Vec<Panels>,
    bias: Vec<f32>,
    shape: [usize; 3],
    options: ConvOptions,
}

impl HostConv {
    /// Copies `[output, input, kernel]` weights and `[output]` biases.
    pub(crate) fn new(shape: [usize; 3], weight: &[f32], bias: Vec<f32>, options: ConvOptions) -> Self {
        let [outputs, inputs, _] = shape;
        let by_position = transposed(weight, shape);
        let weights = by_position.chunks_exact(inputs * outputs).map(|weight| Panels::new(weight, [inputs, outputs]));
        Self { weights: weights.collect(), bias, shape, options }
    }

    /// Returns the number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Convolves `[length, input]` values, which become `[length, output]`; the scratch is for the sums.
    pub(crate) fn forward(&self, values: &mut Vec<f32>, scratch: &mut Vec<f32>) {
        let [outputs, inputs, _] = self.shape;
        let sizes = Sizes::new([1, values.len() / inputs, inputs], self.shape, self.options);
        let sums = sized(scratch, sizes.length * outputs);
        for row in sums.chunks_exact_mut(outputs) {
            row.copy_from_slice(&self.bias);
        }
        for (position, weight) in self.weights.iter().enumerate() {
            let [to, from] = sizes.rows(position);
            let sums = &mut sums[to.start * outputs..to.end * outputs];
            weight.add_product(&values[from.start * inputs..from.end * inputs], sums);
        }
        if self.options.activation != Activation::Linear {
            relu(sums);
        }
        if self.options.activation == Activation::Residual {
            for (value, sum) in values.iter_mut().zip(&*sums) {
                *value += *sum;
            }
        } else {
            // A swap would be no copy, but the smaller of the two would have to grow in the next call.
            values.clear();
            values.extend_from_slice(sums);
        }
    }
}
