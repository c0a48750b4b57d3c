//! Starting weights, drawn on the host: the same on every backend.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Device, Tensor, TensorData},
};
use rand::RngExt;

use crate::random::stream;

/// The streams of the layers of a model, so that no two share their numbers.
pub(crate) const MOTIFS: u64 = 1;
pub(crate) const HIDDEN: u64 = 2;
pub(crate) const HEAD: u64 = 3;
pub(crate) const BODY: u64 = 8;
pub(crate) const PARALLEL: u64 = 9;
pub(crate) const ADAPTERS: u64 = 10;
pub(crate) const MEMBERS: u64 = 11;

/// A parameter from values on the host.
pub(crate) fn param<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_data(TensorData::new(values, shape), device)
}

/// Draws values between `-bound` and `bound`.
pub(crate) fn uniform(count: usize, bound: f32, path: &[u64]) -> Vec<f32> {
    let mut random = stream(path);
    (0..count).map(|_| random.random_range(-bound..=bound)).collect()
}

/// A dense layer whose weights and biases lie within one over the square root of its inputs, as in PyTorch.
pub(crate) fn linear(inputs: usize, outputs: usize, path: &[u64], device: &Device) -> Linear {
    let bound = (inputs as f32).sqrt().recip();
    let mut values = uniform((inputs + 1) * outputs, bound, path);
    let biases = values.split_off(inputs * outputs);
    Linear { weight: param(values, [inputs, outputs], device), bias: Some(param(biases, [outputs], device)) }
}
