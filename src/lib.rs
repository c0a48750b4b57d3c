#![doc = include_str!("../README.md")]
//!
//! # The road
//!
//! [`genome`] and [`motif`] read files; [`data`] makes a data set, draws samples and builds batches; [`nn`] has the
//! layers; [`predict`] applies a model to samples or to a whole genome; [`train`] fits one; [`metric`] has scores, and
//! [`eval`] compares models by them; [`baseline`] has what there was before deep models; [`strategy`]
//! trains shared and single models, compares and joins them. Each room uses only those before
//! it, and anything may use [`metric`].

mod error;
mod file;
mod names;
mod random;
#[cfg(test)]
mod testing;

pub mod baseline;
pub mod data;
pub mod device;
pub mod eval;
pub mod genome;
pub mod metric;
pub mod motif;
pub mod nn;
pub mod predict;
pub mod strategy;
pub mod train;

/// The burn that this crate was built with: its tensors, modules and devices, in the version that fits, and with the features
/// that are wanted here and no others.
pub use burn;
pub use error::{Difference, Error, Result};
pub use file::FolderLock;
