//! Tests of the road from files to batches.

mod batch;
mod builder;
mod dataset;
mod fingerprint;
mod input;
mod named;
mod profiles;
mod real;
mod sampler;
mod sequences;
mod world;
