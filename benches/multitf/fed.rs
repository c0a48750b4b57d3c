//! Training and prediction on batches in the host's memory, as those of a data set.

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use multitf::{
    data::{Batch, HostBatch},
    nn::{LabelLoss, LabelLossConfig, Loss, Model},
    train::AdamWConfig,
};

use crate::step::Shape;

/// A model in training on a batch that is copied to the device in each step.
pub struct FedTraining {
    /// None only while the optimizer has it: it changes weights in place that nobody else holds.
    model: Option<Model>,
    optimizer: ModuleOptimizer,
    loss: LabelLoss,
    host: HostBatch,
    device: Device,
}

impl FedTraining {
    pub fn new(shape: &Shape) -> Self {
        let model = shape.model();
        Self {
            loss: LabelLossConfig::new().init(&model.head),
            model: Some(model.train()),
            optimizer: AdamWConfig::new().init(),
            host: shape.host(),
            device: Device::default().autodiff(),
        }
    }

    /// Does one step after another, without waiting for the device; then reads the last one's loss.
    pub fn steps(&mut self, count: usize) -> f32 {
        for _ in 1..count {
            self.step();
        }
        self.step().into_scalar::<f32>()
    }

    fn step(&mut self) -> Tensor<1> {
        let batch = Batch::new(&self.host, &self.device).expect("the parts are of one shape");
        let model = self.model.take().expect("a step puts the model back");
        let logits = model.forward(batch.codes, batch.signal);
        let loss = self.loss.forward(logits, batch.labels, Some(batch.weights));
        let value = loss.clone().detach().inner();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        self.model = Some(self.optimizer.step(1e-3, model, gradients));
        value
    }
}

/// A model that predicts a batch which is copied to the device each time.
pub struct FedModel {
    model: Model,
    host: HostBatch,
    device: Device,
}

impl FedModel {
    pub fn new(shape: &Shape) -> Self {
        Self { model: shape.model(), host: shape.host(), device: Device::default() }
    }

    /// Predicts, and reads the predictions back.
    pub fn predict(&self) {
        let batch = Batch::new(&self.host, &self.device).expect("the parts are of one shape");
        self.model.bound_log_odds(batch.codes, batch.signal).into_data();
    }
}
