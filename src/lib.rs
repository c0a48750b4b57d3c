//! Multi-task deep learning for transcription-factor binding, in pure Rust, on burn.

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
