//! A dense layer for one sample, on slices.

use burn::nn::Linear;

use super::{memory::values, panels::Panels};

/// A dense layer for one sample.
#[derive(Debug)]
pub(crate) struct Dense {
    weight: Panels,
    bias: Vec<f32>,
}

impl Dense {
    /// Copies the weights of a layer.
    pub(crate) fn new(layer: &Linear) -> Self {
        let shape = layer.weight.dims();
        let bias = layer.bias.as_ref().map_or_else(|| vec![0.0; shape[1]], |bias| values(bias.val()));
        Self { weight: Panels::new(&values(layer.weight.val()), shape), bias }
    }

    /// Returns the number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Computes the outputs.
    pub(crate) fn forward(&self, input: &[f32], output: &mut [f32]) {
        output.copy_from_slice(&self.bias);
        self.weight.add_product(input, output);
    }
}

/// Writes 0 for values below it. NaN stays.
pub(crate) fn relu(values: &mut [f32]) {
    for value in values {
        *value = if *value <= 0.0 { 0.0 } else { *value };
    }
}

/// Returns the greater of two values, NaN if one of them is.
pub(crate) fn max(a: f32, b: f32) -> f32 {
    if a >= b || a.is_nan() { a } else { b }
}

/// Replaces values by their softmax.
pub(crate) fn softmax(values: &mut [f32]) {
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for value in &mut *values {
        *value = (*value - greatest).exp();
    }
    let total: f32 = values.iter().sum();
    for value in values {
        *value /= total;
    }
}

/// Returns the sum of the products of two lists.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Returns so many values of a buffer, which grows in the first call alone.
pub(crate) fn sized(buffer: &mut Vec<f32>, count: usize) -> &mut [f32] {
    buffer.resize(count, 0.0);
    buffer
}
