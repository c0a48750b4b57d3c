//! Training with burn's own `SupervisedTraining`, for its checkpoints, renderers or several devices.
//!
//! [`Fit`](super::Fit) is shorter and does more: a budget of draws, the mask audit, the model file at the end. These
//! are the parts with which burn-train does the same: a [`ModelWithLoss`], an [`EpochLoader`] for training, burn's own
//! loader with a [`DrawBatcher`] for validation (a [`SampleSet`](crate::data::SampleSet) is a burn data set), and
//! [`TrackMean`], whose scores skip ambiguous and missing labels, which burn's metrics cannot. Batches, weights and
//! dropout depend on the seed alone and are those of [`Fit`](super::Fit).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use burn::{
//!     data::dataloader::DataLoaderBuilder,
//!     optim::AdamWConfig,
//!     tensor::Device,
//!     train::{Learner, SupervisedTraining, metric::LossMetric},
//! };
//! use multitf::{
//!     data::{Dataset, Sampler, SamplerConfig, Split},
//!     nn::{LabelLossConfig, ModelConfig, MotifConvConfig, TrunkConfig},
//!     train::supervised::{DrawBatcher, EpochLoader, ModelWithLoss, TrackMean},
//! };
//!
//! let (device, seed, context_bp) = (Device::default(), 0, 300);
//! let dataset = Arc::new(Dataset::open("world/dataset.toml")?);
//! let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
//! let batcher = DrawBatcher::new(dataset.clone(), &tasks, context_bp);
//! let sampler = Sampler::new(&dataset, &tasks, context_bp, &SamplerConfig::default(), seed)?;
//! let train = EpochLoader::new(sampler, batcher.clone().with_reverse_complement(seed), 128, &device);
//! let samples = dataset.samples_for(&tasks, Split::Valid, context_bp)?;
//! let valid = DataLoaderBuilder::new(batcher).batch_size(256).set_device(device.clone()).build(samples);
//!
//! let model = ModelConfig::new(TrunkConfig::new(context_bp, MotifConvConfig::new(64, 19)), tasks.len()).init(&device);
//! let loss = LabelLossConfig::new().init(&model.head);
//! let model = ModelWithLoss::new(model, loss, seed);
//! let result = SupervisedTraining::new("out", Arc::new(train), valid)
//!     .metrics((LossMetric::new(),))
//!     .metric_valid_numeric(TrackMean::average_precision())
//!     .num_epochs(10)
//!     .launch(Learner::new(model, AdamWConfig::new().with_epsilon(1e-8).init(), 1e-3));
//! let model = result.model.model;
//! # Ok::<(), multitf::Error>(())
//! ```

mod batcher;
mod epochs;
mod metric;
mod model;
#[cfg(test)]
mod tests;

pub use self::{
    batcher::{DrawBatcher, IndexedDraw, SampleBatch},
    epochs::EpochLoader,
    metric::{TrackMean, TrackScores},
    model::{ModelWithLoss, Scored},
};
