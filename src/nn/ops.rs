//! Operations of the crate's own, on any burn backend.
//!
//! [`motif_pool`] is motif convolution, bias, ReLU and max-pooling in one step on base codes. On the CPU
//! backends and on GPUs a kernel does it without ever holding the full activation; elsewhere plain burn operations do.
//! [`conv()`] and [`dropout()`] are what the layers behind the motifs run on.

pub(crate) mod conv;
#[cfg(feature = "cube")]
mod cube;
mod dense;
mod dropout;
pub(crate) mod host;
pub(crate) mod kernel;
mod matrix;
mod motif_pool;
pub(crate) mod vector;

pub use conv::{ConvStep, Finish, conv};
pub use dropout::dropout;
pub use motif_pool::{Axes, MotifPool, Strands, motif_pool};
