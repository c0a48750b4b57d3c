//! The backward pass.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]

use std::borrow::Cow;

use gemm::Parallelism;
use rayon::prelude::*;

use super::{
    mask::pass,
    sizes::Sizes,
    winograd::{self, Products, Tiles, Transformed, add_gradients, turned},
};
use crate::nn::ops::host::{
    matrix::{Matrix, add_product},
    simd,
};

/// Samples whose gradients of the weights are summed on their own before all are added. The number of threads does not
/// change it, so that it does not change the sums either.
const SAMPLES: usize = 4;

/// The gradients of the weights and biases.
pub(super) struct Gradients {
    /// `[kernel, input, output]`
    pub(super) weight: Vec<f32>,
    /// `[output]`
    pub(super) bias: Vec<f32>,
}

/// Returns the gradients of the weights, `[kernel, input, output]`, and of the biases, and adds that of the input to
/// `input_gradient`. Without a gradient of the output, `input_gradient` holds it: a residual connection hands it on.
pub(super) fn backward(
    sizes: &Sizes,
    input: &[f32],
    weights: &[f32],
    mask: &[i32],
    gradient: Option<&[f32]>,
    input_gradient: &mut [f32],
) -> Gradients {
    let Sizes { length, inputs, outputs, .. } = *sizes;
    let layer = Layer::new(sizes, weights);
    let parts = input_gradient.par_chunks_mut(SAMPLES * length * inputs).enumerate();
    let sums: Vec<Gradients> = parts
        .map_init(
            || layer.sums(),
            |sums, (part, input_gradient)| {
                let mut bias = vec![0.0; outputs];
                for (index, input_gradient) in input_gradient.chunks_exact_mut(length * inputs).enumerate() {
                    let sample = part * SAMPLES + index;
                    let input = &input[sample * length * inputs..][..length * inputs];
                    let gradient = gradient.map(|gradient| &gradient[sample * length * outputs..][..length * outputs]);
                    let gradient = gradient.unwrap_or(input_gradient);
                    let mask = &mask[sample * sizes.words()..][..sizes.words()];
                    simd::run(Pass { sizes, gradient, mask, passed: sums.passed(), bias: &mut bias });
                    sums.add(input, input_gradient);
                }
                Gradients { weight: sums.drain(), bias }
            },
        )
        .collect();
    let mut total = Gradients { weight: vec![0.0; weights.len()], bias: vec![0.0; outputs] };
    for part in &sums {
        add(&mut total.weight, &part.weight);
        add(&mut total.bias, &part.bias);
    }
    total
}

fn add(sum: &mut [f32], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

/// A layer, ready to hand gradients back.
struct Layer<'a> {
    sizes: &'a Sizes,
    tiles: Option<Tiles>,
    /// `[kernel, input, output]`, or transformed for tiles: `[product, output, input]`.
    weights: Cow<'a, [f32]>,
    /// The bias of a gradient: 0.
    bias: Vec<f32>,
}

impl<'a> Layer<'a> {
    fn new(sizes: &'a Sizes, weights: &'a [f32]) -> Self {
        let tiles = Tiles::new(sizes);
        let transformed = |tiles: Tiles| tiles.weights(&turned(weights, sizes)).into();
        Self { sizes, tiles, weights: tiles.map_or(weights.into(), transformed), bias: vec![0.0; sizes.inputs] }
    }

    fn sums(&self) -> Sums<'_> {
        let Sizes { length, inputs, outputs, kernel, .. } = *self.sizes;
        let place = match self.tiles {
            Some(tiles) => Place::Tiles(Box::new(TilePlace {
                tiles,
                input: Transformed::new(tiles, inputs),
                gradient: Transformed::new(tiles, outputs),
                products: Products::new(tiles, inputs),
            })),
            None => Place::Positions(vec![0.0; length * outputs]),
        };
        let products = if self.tiles.is_some() { winograd::INPUTS } else { kernel };
        Sums { layer: self, place, weight: vec![0.0; products * inputs * outputs] }
    }
}

/// The sums of some samples' gradients of the weights, and room for a sample.
struct Sums<'a> {
    layer: &'a Layer<'a>,
    place: Place,
    /// `[kernel, input, output]`, or transformed.
    weight: Vec<f32>,
}

enum Place {
    Tiles(Box<TilePlace>),
    /// A sample's gradient of the output behind the ReLU.
    Positions(Vec<f32>),
}

struct TilePlace {
    tiles: Tiles,
    input: Transformed,
    gradient: Transformed,
    products: Products,
}

impl Sums<'_> {
    /// The place of a sample's gradient of the output behind the ReLU.
    fn passed(&mut self) -> &mut [f32] {
        match &mut self.place {
            Place::Tiles(place) => place.gradient.values(),
            Place::Positions(passed) => passed,
        }
    }

    /// Adds a sample's gradients of the input and of the weights.
    fn add(&mut self, input: &[f32], input_gradient: &mut [f32]) {
        match &mut self.place {
            Place::Tiles(place) => {
                let TilePlace { input: transformed, gradient, products, .. } = &mut **place;
                transformed.values().copy_from_slice(input);
                transformed.transform();
                gradient.transform_gradient();
                add_gradients(transformed, gradient, &mut self.weight);
                gradient.transform();
                add(input_gradient, products.convolve(gradient, &self.layer.weights, &self.layer.bias));
            }
            Place::Positions(passed) => {
                positions(self.layer.sizes, input, &self.layer.weights, passed, input_gradient, &mut self.weight);
            }
        }
    }

    /// Returns the gradients of the weights, and sets the sums to 0.
    fn drain(&mut self) -> Vec<f32> {
        let Sizes { inputs, outputs, kernel, .. } = *self.layer.sizes;
        let mut gradient = vec![0.0; kernel * inputs * outputs];
        match &self.place {
            Place::Tiles(place) => place.tiles.weight_gradient(&self.weight, &mut gradient),
            Place::Positions(_) => gradient.copy_from_slice(&self.weight),
        }
        self.weight.fill(0.0);
        gradient
    }
}

/// Adds a sample's gradients of the input and of the weights, position by position of the kernel.
fn positions(
    sizes: &Sizes,
    input: &[f32],
    weights: &[f32],
    passed: &[f32],
    input_gradient: &mut [f32],
    weight_gradient: &mut [f32],
) {
    let Sizes { inputs, outputs, .. } = *sizes;
    let matrices = weights.chunks_exact(inputs * outputs).zip(weight_gradient.chunks_exact_mut(inputs * outputs));
    for (position, (weight, weight_gradient)) in matrices.enumerate() {
        let [to, from] = sizes.rows(position);
        let passed = Matrix::new(&passed[to.start * outputs..to.end * outputs], outputs);
        let seen = from.start * inputs..from.end * inputs;
        let weight = Matrix::new(weight, outputs).transposed();
        add_product(&mut input_gradient[seen.clone()], passed, weight, Parallelism::None);
        add_product(weight_gradient, Matrix::new(&input[seen], inputs).transposed(), passed, Parallelism::None);
    }
}

/// Masks a sample's gradient by the ReLU, and adds it to the sum of each output.
struct Pass<'a> {
    sizes: &'a Sizes,
    gradient: &'a [f32],
    mask: &'a [i32],
    passed: &'a mut [f32],
    bias: &'a mut [f32],
}

impl simd::Work for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        if self.sizes.has_relu() {
            pass(self.gradient, self.mask, self.passed);
        } else {
            self.passed.copy_from_slice(self.gradient);
        }
        for row in self.passed.chunks_exact(self.sizes.outputs) {
            for (sum, value) in self.bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }
}
