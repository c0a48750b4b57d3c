//! One step of gradient descent.

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};

use super::{AdamWConfig, TrainingConfig};
use crate::{
    Result,
    data::{Batch, HostBatch},
    nn::{Loss, MaskAudit, Model},
    random::{mixed, seeded},
};

/// A model with its loss and its optimizer.
pub(super) struct Learner<'a> {
    pub(super) model: Model,
    pub(super) optimizer: ModuleOptimizer,
    loss: Box<dyn Loss + 'a>,
    scale: f32,
    device: Device,
    seed: u64,
}

impl<'a> Learner<'a> {
    pub(super) fn new(
        model: Model,
        loss: Box<dyn Loss + 'a>,
        config: &TrainingConfig,
        seed: u64,
        device: &Device,
    ) -> Self {
        let scale = model.trunk.precision().loss_scale();
        let adamw = AdamWConfig::new().with_weight_decay(config.weight_decay);
        // Moments grow with their gradients: with the epsilon, all of them cancel.
        let epsilon = adamw.epsilon * scale;
        let optimizer = adamw.with_epsilon(epsilon).init();
        Self { model: model.train(), optimizer, loss, scale, device: device.clone().autodiff(), seed }
    }

    /// Checks that labels which are missing have no influence, and those which are there do.
    pub(super) fn audit(&self, host: &HostBatch) -> Result<MaskAudit> {
        MaskAudit::run(&self.model, &*self.loss, &Batch::new(host, &self.device))
    }

    /// Learns from a batch, and returns its loss.
    pub(super) fn step(&mut self, host: &HostBatch, drawn: usize, rate: f64) -> Tensor<1> {
        let batch = Batch::new(host, &self.device);
        let seed = mixed(&[self.seed, drawn as u64]);
        let logits = seeded(&self.device, seed, || self.model.forward(batch.codes, batch.signal));
        let loss = self.loss.forward(logits, batch.labels, Some(batch.weights));
        let value = loss.clone().detach().inner();
        let loss = if self.scale == 1.0 { loss } else { loss * self.scale };
        let gradients = GradientsParams::from_grads(loss.backward(), &self.model);
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        value
    }
}
