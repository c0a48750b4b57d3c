//! Initial weights, drawn on the host: the same on every backend.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Device, Tensor, TensorData},
};
use rand::RngExt;

use crate::random::stream;

/// The random streams of a model's layers, no two of which share their numbers.
pub(crate) const MOTIFS: u64 = 1;
pub(crate) const HIDDEN: u64 = 2;
pub(crate) const HEAD: u64 = 3;
pub(crate) const BODY: u64 = 8;
pub(crate) const PARALLEL: u64 = 9;
pub(crate) const ADAPTERS: u64 = 10;
pub(crate) const MEMBERS: u64 = 11;

/// Makes a parameter from values on the host.
pub(crate) fn param<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_data(TensorData::new(values, shape), device)
}

/// Draws values between `-bound` and `bound`.
pub(crate) fn uniform(count: usize, bound: f32, path: &[u64]) -> Vec<f32> {
    let mut random = stream(path);
    (0..count).map(|_| random.random_range(-bound..=bound)).collect()
}

/// Draws weights and biases, uniform in `+-1/sqrt(fan_in)`: PyTorch's default.
pub(crate) fn layer(fan_in: usize, outputs: usize, path: &[u64]) -> (Vec<f32>, Vec<f32>) {
    let mut weights = uniform((fan_in + 1) * outputs, (fan_in as f32).sqrt().recip(), path);
    let biases = weights.split_off(fan_in * outputs);
    (weights, biases)
}

/// Makes a dense layer with the weights and biases of [`layer`].
pub(crate) fn linear(inputs: usize, outputs: usize, path: &[u64], device: &Device) -> Linear {
    let (weights, biases) = layer(inputs, outputs, path);
    Linear { weight: param(weights, [inputs, outputs], device), bias: Some(param(biases, [outputs], device)) }
}
