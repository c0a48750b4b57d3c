//! The sums of a convolution, sample by sample.

use std::borrow::Cow;

use gemm::Parallelism;

use super::{
    sizes::Sizes,
    winograd::{Products, Tiles, Transformed},
};
use crate::nn::ops::host::matrix::{Matrix, add_product};

/// A layer, ready to convolve.
pub(super) struct Layer<'a> {
    sizes: &'a Sizes,
    tiles: Option<Tiles>,
    /// `[kernel, input, output]`, or transformed for tiles.
    weights: Cow<'a, [f32]>,
    bias: &'a [f32],
}

impl<'a> Layer<'a> {
    /// Takes weights, `[kernel, input, output]`.
    pub(super) fn new(sizes: &'a Sizes, weights: &'a [f32], bias: &'a [f32]) -> Self {
        let tiles = Tiles::new(sizes);
        let weights = tiles.map_or(weights.into(), |tiles| tiles.weights(weights).into());
        Self { sizes, tiles, weights, bias }
    }

    /// Makes room for a sample.
    pub(super) fn sums(&self) -> Sums<'_> {
        let Sizes { length, inputs, outputs, .. } = *self.sizes;
        let place = match self.tiles {
            Some(tiles) => Place::Tiles(Box::new((Transformed::new(tiles, inputs), Products::new(tiles, outputs)))),
            None => Place::Positions(vec![0.0; length * outputs]),
        };
        Sums { layer: self, place }
    }
}

/// Room for the sums of a sample.
pub(super) struct Sums<'a> {
    layer: &'a Layer<'a>,
    place: Place,
}

enum Place {
    /// Product by product of tiles.
    Tiles(Box<(Transformed, Products)>),
    /// Position by position of the kernel.
    Positions(Vec<f32>),
}

impl Sums<'_> {
    /// Convolves a sample, `[length, input]`, to `[length, output]`.
    pub(super) fn compute(&mut self, input: &[f32]) -> &mut [f32] {
        let Layer { sizes, weights, bias, .. } = self.layer;
        match &mut self.place {
            Place::Tiles(place) => {
                let (transformed, products) = &mut **place;
                transformed.values().copy_from_slice(input);
                transformed.transform();
                products.convolve(transformed, weights, bias)
            }
            Place::Positions(output) => {
                positions(sizes, input, weights, bias, output);
                output
            }
        }
    }
}

/// Convolves a sample position by position of the kernel.
fn positions(sizes: &Sizes, input: &[f32], weights: &[f32], bias: &[f32], output: &mut [f32]) {
    let Sizes { inputs, outputs, .. } = *sizes;
    for row in output.chunks_exact_mut(outputs) {
        row.copy_from_slice(bias);
    }
    for (position, weight) in weights.chunks_exact(inputs * outputs).enumerate() {
        let [to, from] = sizes.rows(position);
        let output = &mut output[to.start * outputs..to.end * outputs];
        let input = Matrix::new(&input[from.start * inputs..from.end * inputs], inputs);
        add_product(output, input, Matrix::new(weight, outputs), Parallelism::None);
    }
}
