//! Dropout that draws its mask again in the backward pass.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]
// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    nn::Dropout,
    tensor::{Device, Distribution, Tensor},
};
use rayon::prelude::*;

use super::host::{
    fits_kernel,
    memory::{self, to_float},
    simd,
};
use crate::random::seeded;

/// Runs burn's dropout layer, in one pass if the tensor lives in the host's memory and has up to 32 bits.
///
/// Two random numbers and each value's place decide what is dropped, so that no mask is kept for the backward
/// pass. Nothing is dropped outside training (see burn's `Dropout`).
///
/// # Shapes
///
/// - input and output: any, the same
///
/// # Examples
///
/// ```
/// use burn::{nn::DropoutConfig, tensor::{Device, Tensor}};
/// use multitf::nn::ops::dropout;
///
/// let layer = DropoutConfig::new(0.5).init();
/// let device = Device::default();
/// let trained = dropout(&layer, Tensor::<2>::ones([100, 100], &device.clone().autodiff()));
/// assert!((trained.mean().into_scalar::<f32>() - 1.0).abs() < 0.1);
/// let applied = dropout(&layer, Tensor::<2>::ones([100, 100], &device));
/// assert_eq!(applied.min().into_scalar::<f32>(), 1.0);
/// ```
pub fn dropout<const D: usize>(layer: &Dropout, input: Tensor<D>) -> Tensor<D> {
    let device = input.device();
    let drops = layer.training.is_enabled() && device.is_autodiff() && layer.prob > 0.0;
    if !drops || !fits_kernel(&input) {
        return layer.forward(input);
    }
    let seeds = seeded().map_or_else(|| burn_seeds(&device), |number| [number as u32, (number >> 32) as u32]);
    let mask = Mask { seeds, probability: layer.prob };
    Tensor::from_dispatch(<Dispatch as DropoutOps>::seeded_dropout(input.into_dispatch(), mask))
}

/// Two of burn's random numbers, for callers that have set its seed, if any.
fn burn_seeds(device: &Device) -> [u32; 2] {
    // Integers that an f32 represents exactly.
    let seeds = Tensor::<1>::random([2], Distribution::Uniform(0.0, f64::from(1 << 24)), &device.clone().inner());
    let seeds: Vec<u32> = seeds.into_data().iter::<f32>().map(|seed| seed as u32).collect();
    [seeds[0], seeds[1]]
}

/// The mask of dropped values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask {
    seeds: [u32; 2],
    probability: f64,
}

impl Mask {
    /// A 32-bit integer hash, after Wellons' search of hash functions.
    #[inline(always)]
    fn hash(&self, place: u32) -> u32 {
        let mut x = place.wrapping_add(self.seeds[0].wrapping_mul(0x9e37_79b9));
        x = (x ^ (x >> 16)).wrapping_mul(0x21f0_aaad) ^ self.seeds[1];
        x = (x ^ (x >> 15)).wrapping_mul(0xd35a_2d97);
        x ^ (x >> 15)
    }
}

/// A part of the values, of which the first has the place `first`.
struct Part<'a> {
    mask: Mask,
    first: u32,
    values: &'a mut [f32],
}

impl simd::Work for Part<'_> {
    type Output = ();

    /// Drops and scales.
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Mask { probability, .. } = self.mask;
        let threshold = (probability * 2f64.powi(32)) as u32;
        let scale = (1.0 / (1.0 - probability)) as f32;
        for (place, value) in self.values.iter_mut().enumerate() {
            let keeps = self.mask.hash(self.first.wrapping_add(place as u32)) >= threshold;
            *value = if keeps { *value * scale } else { 0.0 };
        }
    }
}

/// The operation as an extension of burn's backends.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub(crate) trait DropoutOps: Backend {
    /// Drops and scales.
    fn seeded_dropout(input: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        const PART: usize = 1 << 14;
        let (device, dtype) = (input.device(), input.dtype());
        let mut data = memory::take::<Self>(input);
        let values = data.as_mut_slice::<f32>().expect("what is taken is f32");
        values.par_chunks_mut(PART).enumerate().for_each(|(part, values)| {
            simd::run(Part { mask, first: (part * PART) as u32, values });
        });
        to_float::<Self>(data, dtype, &device)
    }
}

#[cfg(feature = "flex")]
impl DropoutOps for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl DropoutOps for burn_ndarray::NdArray {}

impl<B: DropoutOps, C: CheckpointStrategy> DropoutOps for Autodiff<B, C> {
    fn seeded_dropout(input: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let node = input.node();
        let output = B::seeded_dropout(input.into_primitive(), mask);
        match DropoutBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(step) => step.finish(mask, output),
            OpsKind::UnTracked(step) => step.finish(output),
        }
    }
}

#[derive(Debug)]
struct DropoutBackward;

impl<B: DropoutOps> Backward<B, 1> for DropoutBackward {
    type State = Mask;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [node] = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        if let Some(node) = node {
            grads.register::<B>(node.id, B::seeded_dropout(gradient, ops.state));
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{
        nn::DropoutConfig,
        tensor::{DType, TensorData},
    };

    use super::*;
    use crate::{device::is_host, random::with_seed};

    const SHAPE: [usize; 2] = [50, 2000];

    fn ones(device: &Device) -> Tensor<2> {
        Tensor::ones(SHAPE, device)
    }

    fn floats(data: TensorData) -> Vec<f32> {
        data.iter::<f32>().collect()
    }

    fn dropped(probability: f64, seed: u64) -> Vec<f32> {
        let device = Device::default().autodiff();
        let layer = DropoutConfig::new(probability).init();
        with_seed(&device, seed, || floats(dropout(&layer, ones(&device)).into_data()))
    }

    #[test]
    fn a_share_is_dropped_and_the_mean_stays() {
        for probability in [0.2, 0.5, 0.9] {
            let values = dropped(probability, 1);
            let count = values.len() as f64;
            let share = values.iter().filter(|value| **value == 0.0).count() as f64 / count;
            // Five standard deviations.
            let bound = 5.0 * (probability * (1.0 - probability) / count).sqrt();
            assert!((share - probability).abs() < bound, "{share}");
            let scale = (1.0 / (1.0 - probability)) as f32;
            assert!(values.iter().all(|value| *value == 0.0 || (value - scale).abs() < 1e-5));
        }
    }

    #[test]
    fn neighbours_and_rows_are_dropped_independently() {
        let values = dropped(0.5, 3);
        for distance in [1, 2, 8, 16, 64, SHAPE[1]] {
            let both = values.iter().zip(&values[distance..]).filter(|(a, b)| **a == 0.0 && **b == 0.0).count();
            let (pairs, share) = ((values.len() - distance) as f64, 0.25);
            // Five standard deviations of a mean of pairs, each of which shares a value with two others.
            let bound = 5.0 * ((share * (1.0 - share) + 2.0 * (0.125 - share * share)) / pairs).sqrt();
            assert!((both as f64 / pairs - share).abs() < bound, "distance {distance}: {both} of {pairs}");
        }
    }

    #[test]
    fn a_seed_decides_what_is_dropped() {
        assert_eq!(dropped(0.5, 1), dropped(0.5, 1));
        assert_ne!(dropped(0.5, 1), dropped(0.5, 2));
    }

    #[test]
    fn threads_do_not_draw_each_others_numbers() {
        let drops_apart = |seed: u64| {
            let (device, expected) = (Device::default().autodiff(), dropped(0.5, seed));
            let layer = DropoutConfig::new(0.5).init();
            for _ in 0..20 {
                let found = with_seed(&device, seed, || dropout(&layer, ones(&device)));
                assert_eq!(floats(found.into_data()), expected);
            }
        };
        std::thread::scope(|scope| {
            for seed in 1..5 {
                scope.spawn(move || drops_apart(seed));
            }
            // Numbers that are drawn without a seed. Elsewhere than on the host, burn's dropout draws the same numbers.
            scope.spawn(|| {
                for _ in 0..if is_host(&Device::default()) { 2000 } else { 0 } {
                    Tensor::<1>::random([1], Distribution::Default, &Device::default());
                }
            });
        });
    }

    #[test]
    fn the_gradient_passes_where_the_value_did() {
        let device = Device::default().autodiff();
        let layer = DropoutConfig::new(0.3).init();
        let input = ones(&device).require_grad();
        let output = with_seed(&device, 1, || dropout(&layer, input.clone()));
        let grads = output.clone().sum().backward();
        assert_eq!(floats(input.grad(&grads).unwrap().into_data()), floats(output.into_data()));
    }

    #[test]
    fn numbers_of_64_bits_keep_all_of_them() {
        let device = Device::default().autodiff();
        if !device.supports_dtype(DType::F64) {
            return;
        }
        // An f32 does not hold it.
        let number = f64::from(1 << 24) + 1.0;
        let input = Tensor::<2>::full(SHAPE, number, (&device, DType::F64));
        let output = with_seed(&device, 1, || dropout(&DropoutConfig::new(0.5).init(), input));
        assert_eq!((output.dtype(), output.max().into_scalar::<f64>()), (DType::F64, 2.0 * number));
    }

    #[test]
    fn nothing_is_dropped_outside_training() {
        let layer = DropoutConfig::new(0.3).init();
        let device = Device::default();
        assert_eq!(floats(dropout(&layer, ones(&device)).into_data()), floats(ones(&device).into_data()));
    }
}
