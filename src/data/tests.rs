//! From files to batches.

mod batch;
mod dataset;
mod fingerprint;
mod input;
mod named;
mod profiles;
mod real;
mod sampler;
mod world;
