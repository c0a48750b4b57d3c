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

mod batch;
mod bits;
mod config;
mod context;
mod dataset;
mod pattern;
mod prefetch;
mod region;
mod sample;
mod sampler;
pub mod simulate;
mod split;
mod tensors;
#[cfg(test)]
mod tests;
mod toml_file;
mod transform;

pub use self::{
    batch::{BatchBuilder, HostBatch},
    config::{AccessibilityConfig, DatasetConfig, PeaksConfig, SplitConfig, TaskUnit, TasksConfig, WindowsConfig},
    dataset::{Cell, Dataset, DatasetBuilder, DatasetOptions, SequenceSplit, Task, Track, find_factors},
    prefetch::prefetch,
    sample::{Sample, SampleSet},
    sampler::{Draw, LabelShares, PriorCorrection, Sampler, SamplerConfig, UnboundPool},
    split::Split,
    tensors::Batch,
    transform::SignalTransform,
};
pub(crate) use self::{
    context::context_start,
    dataset::Fingerprint,
    region::check_interval,
    tensors::base_codes,
    toml_file::{check_toml, keep_toml, read_toml, write_toml},
};
