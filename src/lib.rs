#![doc = include_str!("../README.md")]
//!
//! # The road
//!
//! [`genome`] and [`motif`] read files; [`data`] makes a data set, draws samples and builds batches; [`nn`] has the
//! layers; [`train`] fits a model; [`metric`] and [`eval`] score and compare. Each room uses only those before it.

mod error;
mod file;
mod random;

pub mod data;
pub mod device;
pub mod eval;
pub mod genome;
pub mod metric;
pub mod motif;
pub mod nn;
pub mod train;

pub use error::{Error, Result};
