//! One batch through one model: outputs, loss and gradients.

use burn::{
    module::{Module, ModuleVisitor, Param},
    tensor::{Device, Gradients, Tensor},
};
use multitf::{
    Result,
    data::{Batch, BatchBuilder, Dataset, HostBatch, Sampler},
    nn::{DataSummary, LabelLossConfig, Loss},
    train::RunConfig,
};

/// A batch, and the configuration of a model for it.
pub struct Probe<'a> {
    config: &'a RunConfig,
    summary: DataSummary,
    batch: HostBatch,
}

impl<'a> Probe<'a> {
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig) -> Result<Self> {
        let (architecture, training) = (&config.architecture, &config.training);
        let sampler = Sampler::new(dataset, tasks, architecture.context_bp, &training.sampler, 0)?;
        let summary = DataSummary::new(dataset, &sampler, training.ambiguous);
        let draws = sampler.epoch(0);
        let draws = &draws[..training.batch_size.min(draws.len())];
        let batch = BatchBuilder::new(dataset, tasks, architecture.context_bp).build(draws, 0);
        Ok(Self { config, summary, batch })
    }

    /// Builds the model on a device, and does a forward and a backward pass.
    pub fn outcome(&self, device: &Device) -> Result<Outcome> {
        let device = device.clone().autodiff();
        let model = self.config.architecture.build(&self.summary, 0, &device)?.train();
        let loss = LabelLossConfig::new().with_ambiguous(self.config.training.ambiguous).init(&model.head);
        let batch = Batch::new(&self.batch, &device)?;
        let logits = model.forward(batch.codes, batch.signal);
        let loss = loss.forward(logits.clone(), batch.labels, Some(batch.weights));
        let value = loss.clone().into_scalar::<f32>();
        let mut collector = Collector { gradients: &loss.backward(), values: Vec::new() };
        model.visit(&mut collector);
        let gradients = collector.values;
        Ok(Outcome { logits: logits.into_data().iter::<f32>().collect(), loss: value, gradients })
    }
}

/// The results of a backend.
pub struct Outcome {
    logits: Vec<f32>,
    loss: f32,
    /// One for each parameter.
    gradients: Vec<Vec<f32>>,
}

/// The largest differences, as shares of the largest expected value.
pub struct Deviation {
    pub forward: f32,
    pub loss: f32,
    pub gradient: f32,
}

impl Outcome {
    pub fn deviation(&self, expected: &Self) -> Deviation {
        assert_eq!(self.gradients.len(), expected.gradients.len(), "backends return as many gradients");
        let gradients = self.gradients.iter().zip(&expected.gradients);
        Deviation {
            forward: largest(&self.logits, &expected.logits),
            loss: largest(&[self.loss], &[expected.loss]),
            gradient: gradients.map(|(found, expected)| largest(found, expected)).fold(0.0, f32::max),
        }
    }
}

/// The largest difference, as a share of the largest expected value; infinite for NaN.
fn largest(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "backends return as many numbers");
    let scale = expected.iter().fold(f32::MIN_POSITIVE, |scale, value| scale.max(value.abs()));
    let distance = |(a, b): (&f32, &f32)| if (a - b).is_finite() { (a - b).abs() / scale } else { f32::INFINITY };
    found.iter().zip(expected).map(distance).fold(0.0, f32::max)
}

struct Collector<'a> {
    gradients: &'a Gradients,
    values: Vec<Vec<f32>>,
}

impl ModuleVisitor for Collector<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(self.gradients) {
            self.values.push(gradient.into_data().iter::<f32>().collect());
        }
    }
}
