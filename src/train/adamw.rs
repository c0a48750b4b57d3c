//! The AdamW optimizer, in one pass over memory.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

use burn::{
    backend::{Autodiff, Backend, Dispatch, TensorMetadata, backend_extension, tensor::FloatTensor},
    config::Config,
    optim::{self, AdamWState, AdaptiveMomentumState, LearningRate, ModuleOptimizer, Optimizer},
    tensor::{Device, Tensor},
};
use rayon::prelude::*;

use crate::{
    device,
    nn::ops::host::{
        memory::{self, to_float},
        simd,
    },
};

/// Configuration of [`AdamW`], with PyTorch's defaults, which are not burn's.
#[derive(Config, Debug)]
pub struct AdamWConfig {
    /// Decay of the first moment (default 0.9).
    #[config(default = 0.9)]
    pub beta_1: f32,
    /// Decay of the second moment (default 0.999).
    #[config(default = 0.999)]
    pub beta_2: f32,
    /// Added to the root of the second moment, so that the division by it is finite (default 1e-8).
    #[config(default = 1e-8)]
    pub epsilon: f32,
    /// Decoupled weight decay: each step multiplies weights by `1 - learning_rate * weight_decay` (default 0.01).
    #[config(default = 0.01)]
    pub weight_decay: f32,
}

impl AdamWConfig {
    /// Makes an optimizer for modules.
    pub fn init(&self) -> ModuleOptimizer {
        self.build().into()
    }

    /// Makes an optimizer for tensors.
    pub fn build(&self) -> AdamW {
        let fallback = optim::AdamWConfig::new()
            .with_beta_1(self.beta_1)
            .with_beta_2(self.beta_2)
            .with_epsilon(self.epsilon)
            .with_weight_decay(self.weight_decay);
        AdamW { config: self.clone(), fallback: fallback.build() }
    }
}

/// AdamW, after Loshchilov and Hutter (2019),
/// [doi:10.48550/arXiv.1711.05101](https://doi.org/10.48550/arXiv.1711.05101).
///
/// It computes the same numbers as burn's optimizer of this name, and shares its records. In the host's memory, one
/// pass updates the weights and both moments in place.
///
/// # Examples
///
/// ```
/// use burn::{module::Module, optim::GradientsParams, tensor::{Device, Tensor}};
/// use multitf::{nn::{ModelConfig, MotifConvConfig, TrunkConfig}, train::AdamWConfig};
///
/// let device = Device::default().autodiff();
/// let model = ModelConfig::new(TrunkConfig::new(20, MotifConvConfig::new(4, 5)), 2).init(&device);
/// let mut optimizer = AdamWConfig::new().init();
/// let loss = model.bound_log_odds(Tensor::zeros([1, 20], &device), None).sum();
/// let gradients = GradientsParams::from_grads(loss.backward(), &model);
/// let model = optimizer.step(1e-3, model, gradients);
/// assert!(model.num_params() > 0);
/// ```
#[derive(Clone)]
pub struct AdamW {
    config: AdamWConfig,
    fallback: optim::AdamW,
}

impl Optimizer for AdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        rate: LearningRate,
        tensor: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamWState<D>>,
    ) -> (Tensor<D>, Option<AdamWState<D>>) {
        if !device::is_host(&tensor.device()) {
            return self.fallback.step(rate, tensor, gradient, state);
        }
        let first = || AdaptiveMomentumState::new(0, gradient.zeros_like(), gradient.zeros_like());
        let mut momentum = state.map_or_else(first, |state| state.momentum);
        momentum.time += 1;
        let update = Update::new(&self.config, rate, momentum.time);
        let (tensor, moment_1, moment_2) = <Dispatch as AdamWOps>::adamw(
            tensor.into_dispatch(),
            gradient.into_dispatch(),
            momentum.moment_1.into_dispatch(),
            momentum.moment_2.into_dispatch(),
            update,
        );
        momentum.moment_1 = Tensor::from_dispatch(moment_1);
        momentum.moment_2 = Tensor::from_dispatch(moment_2);
        (Tensor::from_dispatch(tensor), Some(AdamWState::new(momentum)))
    }

    fn to_device<const D: usize>(state: AdamWState<D>, device: &Device) -> AdamWState<D> {
        optim::AdamW::to_device(state, device)
    }
}

/// The numbers of one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update {
    beta_1: f32,
    beta_2: f32,
    epsilon: f32,
    rate: f32,
    /// The factor of the weight decay.
    decay_factor: f32,
    /// The bias corrections of the moments.
    bias_correction_1: f32,
    bias_correction_2: f32,
}

impl Update {
    fn new(config: &AdamWConfig, rate: LearningRate, time: usize) -> Self {
        let AdamWConfig { beta_1, beta_2, epsilon, weight_decay } = *config;
        let (decay_factor, time) = ((1.0 - rate * f64::from(weight_decay)) as f32, time as i32);
        let (bias_correction_1, bias_correction_2) = (1.0 - beta_1.powi(time), 1.0 - beta_2.powi(time));
        Self { beta_1, beta_2, epsilon, rate: rate as f32, decay_factor, bias_correction_1, bias_correction_2 }
    }
}

/// A slice of all four tensors.
struct Part<'a> {
    update: Update,
    weight: &'a mut [f32],
    gradient: &'a [f32],
    moment_1: &'a mut [f32],
    moment_2: &'a mut [f32],
}

impl simd::Work for Part<'_> {
    type Output = ();

    // The operations and their order are burn's, so that the numbers are the same.
    #[allow(clippy::inline_always)] // Otherwise it is compiled without the instructions of the vector unit.
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Update { beta_1, beta_2, epsilon, rate, decay_factor, bias_correction_1, bias_correction_2 } = self.update;
        let moments = self.moment_1.iter_mut().zip(self.moment_2);
        for ((weight, gradient), (m, v)) in self.weight.iter_mut().zip(self.gradient).zip(moments) {
            *m = *m * beta_1 + gradient * (1.0 - beta_1);
            *v = *v * beta_2 + gradient * gradient * (1.0 - beta_2);
            let change = (*m / bias_correction_1) / ((*v / bias_correction_2).sqrt() + epsilon);
            *weight = *weight * decay_factor - change * rate;
        }
    }
}

/// The update as an extension of burn's backends.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub(crate) trait AdamWOps: Backend {
    /// Returns the weights and both moments after a step.
    fn adamw(
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        moment_1: FloatTensor<Self>,
        moment_2: FloatTensor<Self>,
        update: Update,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        const PART: usize = 1 << 14;
        let (device, dtype) = (weight.device(), weight.dtype());
        let mut changed = [weight, moment_1, moment_2].map(memory::take::<Self>);
        let gradient = memory::read::<Self>(&gradient);
        let values = changed.each_mut().map(|data| data.as_mut_slice::<f32>().expect("a taken tensor is f32"));
        let [weight, moment_1, moment_2] = values.map(|values| values.par_chunks_mut(PART));
        let parts = weight.zip(gradient.par_chunks(PART)).zip(moment_1.zip(moment_2));
        parts.for_each(|((weight, gradient), (moment_1, moment_2))| {
            simd::run(Part { update, weight, gradient, moment_1, moment_2 });
        });
        changed.map(|data| to_float::<Self>(data, dtype, &device)).into()
    }
}

#[cfg(feature = "flex")]
impl AdamWOps for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl AdamWOps for burn_ndarray::NdArray {}

impl<B: AdamWOps, C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> AdamWOps for Autodiff<B, C> {}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::random::stream;
    use rand::RngExt;

    fn floats(data: TensorData) -> Vec<f32> {
        data.iter::<f32>().collect()
    }

    #[test]
    fn ten_steps_equal_those_of_burn_bit_for_bit() {
        let device = Device::default();
        // More than a part, and no multiple of a vector.
        let shape = [3, 6001];
        let tensor = |path: &[u64]| {
            let mut random = stream(path);
            let values: Vec<f32> = (0..shape[0] * shape[1]).map(|_| random.random_range(-1.0..1.0)).collect();
            Tensor::<2>::from_data(TensorData::new(values, shape), &device)
        };
        let ours = AdamWConfig::new().build();
        let (mut a, mut b) = ((tensor(&[0]), None), (tensor(&[0]), None));
        for step in 1..=10 {
            let (rate, gradient) = (1e-3 * step as f64, tensor(&[step]));
            a = ours.step(rate, a.0, gradient.clone(), a.1);
            b = ours.fallback.step(rate, b.0, gradient, b.1);
        }
        assert_eq!(floats(a.0.into_data()), floats(b.0.into_data()));
        let [a, b] = [a.1, b.1].map(|state| state.unwrap().momentum);
        assert_eq!(a.time, b.time);
        assert_eq!(floats(a.moment_2.into_data()), floats(b.moment_2.into_data()));
    }

    #[test]
    fn gradients_and_epsilon_of_another_scale_make_the_same_step() {
        const SCALE: f32 = 1024.0;
        let device = Device::default();
        let plain = AdamWConfig::new();
        let scaled = plain.clone().with_epsilon(plain.epsilon * SCALE);
        let steps = [(plain, 1.0), (scaled, SCALE)].map(|(config, scale)| {
            let (optimizer, mut weight, mut state) = (config.build(), Tensor::<1>::ones([2], &device), None);
            for gradient in [[1e-7_f32, -2.0], [3e-9, 0.5]] {
                let gradient = Tensor::from_data(gradient, &device) * scale;
                (weight, state) = optimizer.step(0.1, weight, gradient, state);
            }
            floats(weight.into_data())
        });
        assert_eq!(steps[0], steps[1]);
    }

    #[test]
    fn tensors_shared_with_others_are_not_changed() {
        let device = Device::default();
        let weight = Tensor::<1>::ones([5], &device);
        let optimizer = AdamWConfig::new().build();
        let (changed, _) = optimizer.step(0.1, weight.clone(), Tensor::ones([5], &device), None);
        assert_eq!(floats(weight.into_data()), [1.0; 5]);
        assert!(floats(changed.into_data()).iter().all(|value| *value < 1.0));
    }
}
