//! A dense layer for one sample or a few, on slices.

use burn::nn::Linear;

use super::{memory::values, panels::Panels};

/// A dense layer for one sample or a few.
#[derive(Debug)]
pub(crate) struct Dense {
    weight: Panels,
    bias: Vec<f32>,
}

/// Inputs of a layer that differ from those of another sample, and by how much.
pub(crate) type Changes = Vec<(usize, f32)>;

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

    /// Computes the outputs, a row for each row of inputs.
    pub(crate) fn forward(&self, input: &[f32], output: &mut [f32]) {
        output.chunks_exact_mut(self.bias.len()).for_each(|row| row.copy_from_slice(&self.bias));
        self.weight.add_product(input, output);
    }

    /// Computes the outputs of one input from those of another.
    pub(crate) fn forward_from(
        &self,
        known: (&[f32], &[f32]),
        input: &[f32],
        changes: &mut Changes,
        output: &mut [f32],
    ) {
        let (known_input, known_output) = known;
        changes.clear();
        let pairs = input.iter().zip(known_input).enumerate().filter(|(_, (new, old))| new != old);
        changes.extend(pairs.map(|(place, (new, old))| (place, new - old)));
        // Infinite values and NaN would stay in the sums.
        if changes.len() > input.len() / 2 || changes.iter().any(|(_, change)| !change.is_finite()) {
            return self.forward(input, output);
        }
        output.copy_from_slice(known_output);
        self.weight.add_rows(changes, output);
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
