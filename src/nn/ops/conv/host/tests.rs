//! Tests of the kernel beside its definition.

use proptest::prelude::*;
use rand::RngExt;

use super::{backward::backward, forward, sizes::Sizes, winograd::Tiles};
use crate::{
    nn::ops::{Activation, ConvOptions},
    random::stream,
    testing::cases,
};

/// A layer, a batch and a gradient of the output.
struct Case {
    sizes: Sizes,
    input: Vec<f32>,
    /// `[kernel, input, output]`
    weights: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn new(sizes: Sizes, seed: u64) -> Self {
        let Sizes { batch, length, inputs, outputs, kernel, .. } = sizes;
        let values = |index: u64, count: usize| {
            let mut random = stream(&[seed, index]);
            (0..count).map(|_| random.random_range(-1.0..1.0)).collect::<Vec<f32>>()
        };
        Self {
            sizes,
            input: values(0, batch * length * inputs),
            weights: values(1, kernel * inputs * outputs),
            bias: values(2, outputs),
            gradient: values(3, batch * length * outputs),
        }
    }

    /// The positions of the output and of the input that meet at a position of the kernel.
    fn pairs(&self, position: usize) -> impl Iterator<Item = (usize, usize)> {
        let length = self.sizes.length as isize;
        let ahead = (position as isize - (self.sizes.kernel / 2) as isize) * self.sizes.options.dilation as isize;
        (0..length)
            .filter(move |to| (0..length).contains(&(to + ahead)))
            .map(move |to| (to as usize, (to + ahead) as usize))
    }

    /// Visits each product of the convolution by the places of output, input and weight.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let Sizes { batch, length, inputs, outputs, kernel, .. } = self.sizes;
        for (sample, position) in (0..batch).flat_map(|sample| (0..kernel).map(move |position| (sample, position))) {
            for (to, from) in self.pairs(position) {
                for (input, output) in (0..inputs).flat_map(|input| (0..outputs).map(move |output| (input, output))) {
                    let place =
                        |at: usize, channels: usize, channel: usize| (sample * length + at) * channels + channel;
                    let weight = (position * inputs + input) * outputs + output;
                    visit(place(to, outputs, output), place(from, inputs, input), weight);
                }
            }
        }
    }
}

fn assert_close(found: &[f32], expected: &[f64], scale: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() < 3e-6 * scale, "expected {expected}, found {found}");
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn values_and_gradients_are_those_of_the_definition(
        batch in 1_usize..6, length in 1_usize..70, dilation in 1_usize..9, half in 0_usize..3,
        channels in prop::sample::select(vec![(16, 16), (16, 24), (24, 16), (17, 16), (3, 5)]), seed: u64,
    ) {
        let options = ConvOptions { dilation, activation: Activation::Linear };
        let (inputs, outputs) = channels;
        let sizes = Sizes::new([batch, length, inputs], [outputs, inputs, 2 * half + 1], options);
        let case = Case::new(sizes, seed);
        let biases = case.bias.iter().cycle().take(batch * length * outputs);
        let mut output: Vec<f64> = biases.map(|bias| f64::from(*bias)).collect();
        let mut input_gradient = vec![0.0; case.input.len()];
        let mut weight_gradient = vec![0.0; case.weights.len()];
        case.products(|to, from, weight| {
            let [input, by, gradient] =
                [case.input[from], case.weights[weight], case.gradient[to]].map(f64::from);
            output[to] += input * by;
            input_gradient[from] += gradient * by;
            weight_gradient[weight] += gradient * input;
        });
        let scale = |terms: usize| (terms as f64).sqrt() + 1.0;
        let (found, mask) = forward::forward(&sizes, &case.input, &case.weights, &case.bias);
        assert_close(&found, &output, scale(sizes.kernel * inputs));
        let mut found = vec![0.0; case.input.len()];
        let gradients = backward(&sizes, &case.input, &case.weights, &mask, Some(&case.gradient), &mut found);
        assert_close(&found, &input_gradient, scale(sizes.kernel * outputs));
        assert_close(&gradients.weight, &weight_gradient, scale(batch * length));
        let mut bias_gradient = vec![0.0; outputs];
        for row in case.gradient.chunks_exact(outputs) {
            bias_gradient.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        assert_close(&gradients.bias, &bias_gradient, scale(batch * length));
    }
}

#[test]
fn tiles_are_taken_where_they_save_products() {
    let takes = |length, channels, kernel, dilation| {
        let options = ConvOptions { dilation, activation: Activation::Relu };
        Tiles::new(&Sizes::new([1, length, channels], [channels, channels, kernel], options)).is_some()
    };
    assert!(takes(245, 64, 3, 1) && takes(245, 64, 3, 16) && takes(64, 16, 3, 16));
    // Half of a block, few channels, channels that are no whole vectors, and another kernel.
    assert!(!takes(33, 64, 3, 16) && !takes(245, 8, 3, 1) && !takes(245, 60, 3, 1) && !takes(245, 64, 5, 1));
}

#[test]
fn a_relu_and_a_residual_connection_follow_the_sums_on_any_number_of_threads() {
    let sizes = |activation| Sizes::new([5, 41, 16], [16, 16, 3], ConvOptions { dilation: 2, activation });
    let linear = Case::new(sizes(Activation::Linear), 3);
    let (sums, _) = forward::forward(&linear.sizes, &linear.input, &linear.weights, &linear.bias);
    for activation in [Activation::Relu, Activation::Residual] {
        let case = Case { sizes: sizes(activation), ..Case::new(linear.sizes, 3) };
        assert!(Tiles::new(&case.sizes).is_some());
        let is_residual = activation == Activation::Residual;
        let expected = |(sum, input): (&f32, &f32)| sum.max(0.0) + if is_residual { *input } else { 0.0 };
        let expected: Vec<f32> = sums.iter().zip(&case.input).map(expected).collect();
        // What passes the ReLU is what a linear layer hands back.
        let passed = |(sum, gradient): (&f32, &f32)| if *sum > 0.0 { *gradient } else { 0.0 };
        let passed: Vec<f32> = sums.iter().zip(&case.gradient).map(passed).collect();
        let mut input_gradient = if is_residual { case.gradient.clone() } else { vec![0.0; case.input.len()] };
        let gradients = backward(&linear.sizes, &case.input, &case.weights, &[], Some(&passed), &mut input_gradient);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (output, mask) = forward::forward(&case.sizes, &case.input, &case.weights, &case.bias);
                assert_eq!(output, expected);
                let mut found = if is_residual { case.gradient.clone() } else { vec![0.0; case.input.len()] };
                let gradient = (!is_residual).then_some(case.gradient.as_slice());
                let own = backward(&case.sizes, &case.input, &case.weights, &mask, gradient, &mut found);
                assert_eq!((&found, &own.weight, &own.bias), (&input_gradient, &gradients.weight, &gradients.bias));
                if is_residual {
                    let mut in_place = case.input.clone();
                    forward::residual(&case.sizes, &mut in_place, &case.weights, &case.bias);
                    assert_eq!(in_place, expected);
                }
            });
        }
    }
}
