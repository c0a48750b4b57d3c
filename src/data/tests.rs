//! From files to batches.

mod batch;
mod dataset;
mod fingerprint;
mod input;
mod real;
mod sampler;
mod world;
