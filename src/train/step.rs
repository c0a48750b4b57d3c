//! One step of gradient descent.

use std::sync::{Mutex, PoisonError};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};

use super::TrainingConfig;
use crate::{
    data::{Batch, HostBatch},
    nn::{MaskedMultiTaskBce, MaskedMultiTaskBceConfig, Model},
    random::mixed,
};

/// Guards burn's random state, which is one for all threads of the process, from the seed to the last dropout.
static RANDOM_STATE: Mutex<()> = Mutex::new(());

/// A model with its optimizer.
pub(super) struct Learner {
    pub(super) model: Model,
    pub(super) optimizer: ModuleOptimizer,
    loss: MaskedMultiTaskBce,
    device: Device,
    seed: u64,
}

impl Learner {
    pub(super) fn new(model: Model, tasks: usize, config: &TrainingConfig, seed: u64, device: &Device) -> Self {
        let loss = MaskedMultiTaskBceConfig::new()
            .with_mean(config.task_mean)
            .with_bound_weights((config.bound_weight != 1.0).then(|| vec![config.bound_weight; tasks]));
        // PyTorch's epsilon, not burn's.
        let optimizer = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(config.weight_decay).init();
        Self { model: model.train(), optimizer, loss: loss.init(), device: device.clone().autodiff(), seed }
    }

    /// Learns from a batch, and returns its loss.
    pub(super) fn step(&mut self, host: &HostBatch, drawn: usize, rate: f64) -> Tensor<1> {
        let batch = Batch::new(host, &self.device);
        let (targets, observed) = (batch.targets(), batch.observed());
        let logits = {
            let _guard = RANDOM_STATE.lock().unwrap_or_else(PoisonError::into_inner);
            self.device.seed(mixed(&[self.seed, drawn as u64]));
            self.model.forward(batch.codes, batch.signal)
        };
        let loss = self.loss.forward(logits, targets, observed, Some(batch.weights));
        let value = loss.clone().detach().inner();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        value
    }
}
