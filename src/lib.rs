#![doc = include_str!("../README.md")]
//!
//! # The road
//!
//! [`genome`] and [`motif`] read files, and [`metric`] has the scores. [`data`] makes a data set, draws samples and
//! builds batches; [`simulate`] writes small worlds as such files. [`nn`] has the layers and models, [`predict`]
//! applies a model to samples or to a whole genome, and [`train`] fits one. [`eval`] scores and compares models,
//! [`explain`] says what a model reads in a sequence, [`baseline`] has the classical baselines, and [`strategy`]
//! trains, compares and combines shared and single models. Each module uses only those named before it.

mod error;
mod file;
mod random;
#[cfg(test)]
mod testing;

pub mod baseline;
pub mod data;
pub mod device;
pub mod eval;
pub mod explain;
pub mod genome;
pub mod metric;
pub mod motif;
pub mod nn;
pub mod predict;
pub mod simulate;
pub mod strategy;
pub mod train;

/// The burn that this crate is built with: its tensors, modules and devices, in the fitting version and with only the
/// features that this crate needs.
pub use burn;
pub use error::{Difference, Error, Result};
pub use file::FolderLock;
