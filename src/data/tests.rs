//! From files to batches.

mod batch;
mod dataset;
mod input;
mod real;
mod sampler;
mod world;
