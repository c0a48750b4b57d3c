//! The forward pass.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]

use rayon::prelude::*;

use super::{mask::rectify, sizes::Sizes, sums::Layer};
use crate::nn::ops::{Activation, host::simd};

/// Returns the output, `[batch, length, output]`, and the ReLU's mask, `[batch, word]`.
///
/// The weights come as `[kernel, input, output]`.
pub(super) fn forward(sizes: &Sizes, input: &[f32], weights: &[f32], bias: &[f32]) -> (Vec<f32>, Vec<i32>) {
    let Sizes { batch, length, inputs, outputs, .. } = *sizes;
    let mut output = vec![0.0; batch * length * outputs];
    let mut mask = vec![0; batch * sizes.words()];
    let mut masks: Vec<&mut [i32]> = mask.chunks_mut(sizes.words().max(1)).collect();
    masks.resize_with(batch, Default::default);
    let layer = Layer::new(sizes, weights, bias);
    let samples = output.par_chunks_mut(length * outputs).zip(input.par_chunks(length * inputs)).zip(masks);
    samples.for_each_init(
        || layer.sums(),
        |sums, ((output, input), mask)| {
            output.copy_from_slice(sums.compute(input));
            match sizes.options.activation {
                Activation::Linear => {}
                Activation::Relu => simd::run(Rectify { sums: output, mask }),
                Activation::Residual => {
                    simd::run(Rectify { sums: output, mask });
                    simd::run(Add { sums: output, values: input });
                }
            }
        },
    );
    (output, mask)
}

/// Computes the output of a residual step in place of its input.
pub(super) fn residual(sizes: &Sizes, input: &mut [f32], weights: &[f32], bias: &[f32]) {
    let layer = Layer::new(sizes, weights, bias);
    let samples = input.par_chunks_mut(sizes.length * sizes.inputs);
    samples.for_each_init(
        || (layer.sums(), vec![0; sizes.words()]),
        |(sums, mask), input| {
            let output = sums.compute(input);
            simd::run(Rectify { sums: output, mask });
            simd::run(Add { sums: input, values: output });
        },
    );
}

/// A sample's ReLU.
struct Rectify<'a> {
    sums: &'a mut [f32],
    mask: &'a mut [i32],
}

impl simd::Work for Rectify<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        rectify(self.sums, self.mask);
    }
}

struct Add<'a> {
    sums: &'a mut [f32],
    values: &'a [f32],
}

impl simd::Work for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        for (sum, value) in self.sums.iter_mut().zip(self.values) {
            *sum += value;
        }
    }
}
