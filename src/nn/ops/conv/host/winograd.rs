//! Winograd's minimal filtering, which takes six products for four outputs of a kernel of three, in place of twelve
//! (<https://doi.org/10.1109/CVPR.2016.435>).
//!
//! A tile is four positions of the output a dilation apart, and the six of the input that they read. As many tiles as
//! the dilation lie side by side: they are a block, in which all that is read together is contiguous.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// Letters, as in the formulas.
#![allow(clippy::many_single_char_names)]

use gemm::Parallelism;

use super::sizes::Sizes;
use crate::nn::ops::host::{
    matrix::{Matrix, add_product, set_product},
    simd,
};

/// Positions of the kernel.
const KERNEL: usize = 3;
/// Positions of the output in a tile.
const OUTPUTS: usize = 4;
/// Positions of the input in a tile, and products for it.
pub(super) const INPUTS: usize = 6;
/// Values that are computed at once.
const LANES: usize = 8;
/// With fewer channels the sums around the products cost more than they save.
const MIN_CHANNELS: usize = 16;

type Lanes = [f32; LANES];

/// The tiles of a sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiles {
    sizes: Sizes,
    blocks: usize,
}

impl Tiles {
    /// Cuts samples into tiles, where that takes at most three quarters of the products of all positions: the sums
    /// around them take some time, too.
    pub(super) fn new(sizes: &Sizes) -> Option<Self> {
        let blocks = sizes.length.div_ceil(OUTPUTS * sizes.options.dilation);
        let tiles = Self { sizes: *sizes, blocks };
        let channels = [sizes.inputs, sizes.outputs];
        let fits = channels.iter().all(|channels| *channels >= MIN_CHANNELS && channels.is_multiple_of(LANES));
        let pays = 4 * INPUTS * tiles.len() <= 3 * KERNEL * sizes.length;
        (sizes.kernel == KERNEL && fits && pays).then_some(tiles)
    }

    /// Tiles of a sample.
    fn len(&self) -> usize {
        self.blocks * self.sizes.options.dilation
    }

    /// Positions of a sample with those that tiles read before and behind it.
    fn padded(&self) -> usize {
        (OUTPUTS * self.blocks + 2) * self.sizes.options.dilation
    }

    /// Transforms the weights, `[kernel, input, output]`, to `[product, input, output]`.
    pub(super) fn weights(&self, weights: &[f32]) -> Vec<f32> {
        let size = self.sizes.inputs * self.sizes.outputs;
        let mut transformed = vec![0.0; INPUTS * size];
        for place in 0..size {
            let [a, b, c] = std::array::from_fn(|position| weights[position * size + place]);
            let (even, far) = ((a + c) / 6.0, a / 24.0 + c / 6.0);
            let products = [a / 4.0, -even - b / 6.0, b / 6.0 - even, far + b / 12.0, far - b / 12.0, c];
            for (product, value) in products.into_iter().enumerate() {
                transformed[product * size + place] = value;
            }
        }
        transformed
    }

    /// Transforms the gradient of transformed weights to that of the weights.
    pub(super) fn weight_gradient(&self, transformed: &[f32], gradient: &mut [f32]) {
        let size = self.sizes.inputs * self.sizes.outputs;
        for place in 0..size {
            let [a, b, c, d, e, f] = std::array::from_fn(|product| transformed[product * size + place]);
            let positions =
                [a / 4.0 - (b + c) / 6.0 + (d + e) / 24.0, (c - b) / 6.0 + (d - e) / 12.0, (d + e - b - c) / 6.0 + f];
            for (position, value) in positions.into_iter().enumerate() {
                gradient[position * size + place] += value;
            }
        }
    }
}

/// The weights that a gradient of the input is convolved with: `[kernel, output, input]`, the last position first.
pub(super) fn turned(weights: &[f32], sizes: &Sizes) -> Vec<f32> {
    let (inputs, outputs) = (sizes.inputs, sizes.outputs);
    let mut turned = vec![0.0; weights.len()];
    for (weights, turned) in weights.chunks_exact(inputs * outputs).rev().zip(turned.chunks_exact_mut(inputs * outputs))
    {
        for (input, weights) in weights.chunks_exact(outputs).enumerate() {
            for (output, weight) in weights.iter().enumerate() {
                turned[output * inputs + input] = *weight;
            }
        }
    }
    turned
}

/// Values of a sample with room around them, and their transform.
pub(super) struct Transformed {
    tiles: Tiles,
    channels: usize,
    /// `[position, channel]`
    padded: Vec<f32>,
    /// `[product, tile, channel]`
    products: Vec<f32>,
}

impl Transformed {
    pub(super) fn new(tiles: Tiles, channels: usize) -> Self {
        let products = vec![0.0; INPUTS * tiles.len() * channels];
        Self { tiles, channels, padded: vec![0.0; tiles.padded() * channels], products }
    }

    /// The place of the sample's values, `[length, channel]`.
    pub(super) fn values(&mut self) -> &mut [f32] {
        let start = self.tiles.sizes.options.dilation * self.channels;
        &mut self.padded[start..start + self.tiles.sizes.length * self.channels]
    }

    /// Transforms values that are read.
    pub(super) fn transform(&mut self) {
        simd::run(Transform::<true>(self));
    }

    /// Transforms gradients of what is written.
    pub(super) fn transform_gradient(&mut self) {
        simd::run(Transform::<false>(self));
    }

    fn product(&self, product: usize) -> Matrix<'_> {
        let size = self.tiles.len() * self.channels;
        Matrix::new(&self.products[product * size..][..size], self.channels)
    }
}

/// Transforms what tiles read if `READ`, else the gradients of what they write.
struct Transform<'a, const READ: bool>(&'a mut Transformed);

impl<const READ: bool> simd::Work for Transform<'_, READ> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Transformed { tiles, channels, padded, products: transformed } = self.0;
        let span = tiles.sizes.options.dilation * *channels / LANES;
        let (padded, _) = padded.as_chunks::<LANES>();
        let (transformed, _) = transformed.as_chunks_mut::<LANES>();
        let size = tiles.blocks * span;
        for block in 0..tiles.blocks {
            for place in 0..span {
                let values = std::array::from_fn(|phase| padded[(OUTPUTS * block + phase) * span + place]);
                let products = if READ { input_transform(values) } else { gradient_transform(values) };
                for (product, value) in products.into_iter().enumerate() {
                    transformed[product * size + block * span + place] = value;
                }
            }
        }
    }
}

/// What the products take from the six values of a tile.
#[inline(always)]
fn input_transform([a, b, c, d, e, f]: [Lanes; INPUTS]) -> [Lanes; INPUTS] {
    let mut out = [[0.0; LANES]; INPUTS];
    for i in 0..LANES {
        let (even, odd) = (e[i] - 4.0 * c[i], d[i] - 4.0 * b[i]);
        let (near, far) = (e[i] - c[i], 2.0 * (d[i] - b[i]));
        out[0][i] = 4.0 * a[i] - 5.0 * c[i] + e[i];
        out[1][i] = even + odd;
        out[2][i] = even - odd;
        out[3][i] = near + far;
        out[4][i] = near - far;
        out[5][i] = 4.0 * b[i] - 5.0 * d[i] + f[i];
    }
    out
}

/// What the gradients of the products take from those of the four values of a tile, which are the second to the fifth.
#[inline(always)]
fn gradient_transform([_, a, b, c, d, _]: [Lanes; INPUTS]) -> [Lanes; INPUTS] {
    let mut out = [[0.0; LANES]; INPUTS];
    for i in 0..LANES {
        let (even, odd) = (a[i] + c[i], b[i] + d[i]);
        let (far, odd_far) = (a[i] + 4.0 * c[i], 2.0 * b[i] + 8.0 * d[i]);
        out[0][i] = a[i];
        out[1][i] = even + odd;
        out[2][i] = even - odd;
        out[3][i] = far + odd_far;
        out[4][i] = far - odd_far;
        out[5][i] = d[i];
    }
    out
}

/// The products of a sample, and the sums that they make.
pub(super) struct Products {
    tiles: Tiles,
    channels: usize,
    /// `[product, tile, channel]`
    values: Vec<f32>,
    /// `[position, channel]`, and more positions behind the sample.
    sums: Vec<f32>,
}

impl Products {
    pub(super) fn new(tiles: Tiles, channels: usize) -> Self {
        let positions = OUTPUTS * tiles.len();
        let values = vec![0.0; INPUTS * tiles.len() * channels];
        Self { tiles, channels, values, sums: vec![0.0; positions * channels] }
    }

    /// Convolves a sample with transformed weights, `[product, from, to]`, and returns `[position, to]`.
    pub(super) fn convolve(&mut self, from: &Transformed, weights: &[f32], bias: &[f32]) -> &mut [f32] {
        let size = self.tiles.len() * self.channels;
        let parts = self.values.chunks_exact_mut(size).zip(weights.chunks_exact(from.channels * self.channels));
        for (product, (out, weight)) in parts.enumerate() {
            set_product(out, from.product(product), Matrix::new(weight, self.channels), Parallelism::None);
        }
        simd::run(Sum { products: self, bias });
        &mut self.sums[..self.tiles.sizes.length * self.channels]
    }
}

/// Adds the gradients of transformed weights, `[product, input, output]`, for what was read and the gradients of what
/// was written.
pub(super) fn add_gradients(input: &Transformed, gradient: &Transformed, sums: &mut [f32]) {
    for (product, sums) in sums.chunks_exact_mut(input.channels * gradient.channels).enumerate() {
        add_product(sums, input.product(product).transposed(), gradient.product(product), Parallelism::None);
    }
}

/// Sums products to the values of tiles.
struct Sum<'a> {
    products: &'a mut Products,
    bias: &'a [f32],
}

impl simd::Work for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Products { tiles, channels, values, sums } = self.products;
        let span = tiles.sizes.options.dilation * *channels / LANES;
        let (values, _) = values.as_chunks::<LANES>();
        let (sums, _) = sums.as_chunks_mut::<LANES>();
        let (bias, _) = self.bias.as_chunks::<LANES>();
        let size = tiles.blocks * span;
        for block in 0..tiles.blocks {
            let biases = bias.iter().cycle();
            for (place, bias) in (0..span).zip(biases) {
                let products = std::array::from_fn(|product| values[product * size + block * span + place]);
                for (phase, value) in output_transform(products, bias).into_iter().enumerate() {
                    sums[(OUTPUTS * block + phase) * span + place] = value;
                }
            }
        }
    }
}

/// The four values of a tile.
#[inline(always)]
fn output_transform([a, b, c, d, e, f]: [Lanes; INPUTS], bias: &Lanes) -> [Lanes; OUTPUTS] {
    let mut out = [[0.0; LANES]; OUTPUTS];
    for i in 0..LANES {
        let (near, odd) = (b[i] + c[i], b[i] - c[i]);
        let (far, odd_far) = (d[i] + e[i], d[i] - e[i]);
        out[0][i] = a[i] + near + far + bias[i];
        out[1][i] = odd + 2.0 * odd_far + bias[i];
        out[2][i] = near + 4.0 * far + bias[i];
        out[3][i] = odd + 8.0 * odd_far + f[i] + bias[i];
    }
    out
}
