//! Tests of the road from files to batches.

mod batch;
mod builder;
mod dataset;
mod factor_motifs;
mod fingerprint;
mod input;
mod named;
mod real;
mod sampler;
mod sequences;
mod world;
