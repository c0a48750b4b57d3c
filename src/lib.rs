//! Multi-task deep learning for transcription-factor binding, in pure Rust, on burn.

mod error;
mod file;
mod random;

pub mod genome;
pub mod metric;
pub mod motif;
pub mod nn;

pub use error::{Error, Result};
