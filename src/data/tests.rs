//! From files to batches.

mod batch;
mod dataset;
mod input;
mod profiles;
mod real;
mod sampler;
mod world;
