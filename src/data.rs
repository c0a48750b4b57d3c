//! Data sets: from a `dataset.toml`, or from values in memory, to batches.
//!
//! A [`Dataset`] comes from files ([`Dataset::open`]), from a genome in memory ([`Dataset::builder`]) or from sequences
//! without one ([`Dataset::from_sequences`]). It has the label of every task in every [`Sample`], a bin in a cell type.
//! A [`Split`] is train, valid or test. A [`Sampler`] draws training samples and weights them, a [`BatchBuilder`] turns
//! draws into a [`HostBatch`], and [`prefetch`] does so on another thread while a model learns. A [`Batch`] is on a
//! device.
//!
//! # Examples
//!
//! ```no_run
//! use multitf::data::{BatchBuilder, Dataset, Sampler, SamplerConfig, prefetch};
//!
//! let dataset = Dataset::open("yeast/dataset.toml")?;
//! let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
//! let sampler = Sampler::new(&dataset, &tasks, 1000, &SamplerConfig::default(), 1)?;
//! let builder = BatchBuilder::new(&dataset, &tasks, 1000).with_reverse_complement(1);
//! let draws = sampler.epoch(0);
//! let batches = draws.chunks(128).enumerate().map(|(step, draws)| builder.build(draws, step as u64));
//! prefetch(4, batches, |ready| {
//!     for batch in ready {
//!         println!("{} samples", batch.size);
//!     }
//! });
//! # Ok::<(), multitf::Error>(())
//! ```

mod bit_set;
mod config;
mod context;
mod dataset;
mod device_batch;
mod host_batch;
mod pattern;
mod prefetch;
mod region;
mod sample;
mod sampler;
mod split;
#[cfg(test)]
mod tests;
mod transform;

pub use self::{
    config::{AccessibilityConfig, DatasetConfig, PeaksConfig, SplitConfig, TaskUnit, TasksConfig, WindowsConfig},
    dataset::{Cell, Dataset, DatasetBuilder, DatasetOptions, SequenceSplit, Task, Track, find_factors},
    device_batch::Batch,
    host_batch::{BatchBuilder, HostBatch},
    prefetch::prefetch,
    sample::{Sample, SampleSet},
    sampler::{Draw, LabelShares, PriorCorrection, Sampler, SamplerConfig, UnboundPool},
    split::Split,
    transform::{QuantileMap, SignalReference, SignalTransform},
};
pub(crate) use self::{
    context::context_start, dataset::Fingerprint, device_batch::base_codes, pattern::check_name, region::check_interval,
};
