//! The kernel of [`crate::nn::ops::motif_pool`] for backends whose tensors live in the host's memory.
//!
//! Each lookup in a table of partial sums takes three bases, for 16 motifs side by side: a motif of width 19 costs 7
//! additions a position instead of 76 multiplications. Only the best position of a pool is kept, and the backward pass
//! visits only those.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

mod backward;
mod best_scores;
mod forward;
mod motif_tables;
mod sample;
mod sequence;
mod signal_track;
mod sizes;
mod substitutions;
mod triplets;
mod views;
mod window;

use std::borrow::Cow;

use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::TensorData,
};
use rayon::prelude::*;

pub(crate) use self::sizes::LANES;
use self::sizes::Sizes;
pub(crate) use self::{
    motif_tables::MotifTables,
    sample::{SampleBuffers, pool_sample},
    sequence::pool_sequence,
    substitutions::{Change, SiteScores, SubstitutionTables},
    views::{Stretch, View, ViewBuffers, ViewLayout, pool_views},
};
use crate::nn::ops::{
    Axes, MotifPoolOptions,
    host::memory::{base_codes, int_data, integers, read, to_float},
};

/// Runs [`forward::forward`] on a backend's tensors.
pub(crate) fn run_forward<B: Backend, const TRACKED: bool>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    options: MotifPoolOptions,
) -> (FloatTensor<B>, IntTensor<B>) {
    let sizes = Sizes::new(codes.shape().dims(), weight.shape().dims(), options);
    let (dtype, device) = (weight.dtype(), weight.device());
    let (pooled, winners) = forward::forward::<TRACKED>(
        &sizes,
        &base_codes(&int_data::<B>(codes)),
        &read::<B>(&signal),
        &read::<B>(&weight),
        &read::<B>(&bias),
    );
    let tracked = [if TRACKED { sizes.batch } else { 0 }, sizes.motifs, sizes.pools()];
    (
        to_float::<B>(TensorData::new(pooled, sizes.pooled()), dtype, &device),
        B::int_from_data(TensorData::new(winners, tracked), &device),
    )
}

/// Runs [`backward::backward`] on a backend's tensors.
pub(crate) fn run_backward<B: Backend>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    winners: IntTensor<B>,
    gradient: FloatTensor<B>,
    options: MotifPoolOptions,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let sizes = Sizes::new(codes.shape().dims(), weight.shape().dims(), options);
    let (dtype, device) = (weight.dtype(), weight.device());
    let (weights, biases) = backward::backward(
        &sizes,
        &base_codes(&int_data::<B>(codes)),
        &read::<B>(&signal),
        &integers(&int_data::<B>(winners)),
        &motifs_first(&sizes, read::<B>(&gradient)),
    );
    (
        to_float::<B>(TensorData::new(weights, weight.shape()), dtype, &device),
        to_float::<B>(TensorData::new(biases, [sizes.motifs]), dtype, &device),
    )
}

/// Turns gradients of pooled values into `[batch, motif, pool]`.
fn motifs_first<'a>(sizes: &Sizes, gradient: Cow<'a, [f32]>) -> Cow<'a, [f32]> {
    if sizes.axes == Axes::MotifsFirst {
        return gradient;
    }
    let (motifs, pools) = (sizes.motifs, sizes.pools());
    let mut turned = vec![0.0; gradient.len()];
    let samples = turned.par_chunks_mut(motifs * pools).zip(gradient.par_chunks(motifs * pools));
    samples.for_each(|(turned, gradient)| {
        for (motif, turned) in turned.chunks_exact_mut(pools).enumerate() {
            for (pool, value) in turned.iter_mut().enumerate() {
                *value = gradient[pool * motifs + motif];
            }
        }
    });
    turned.into()
}
