//! The kernel of [`super::motif_pool`] for backends whose tensors live in the host's memory.
//!
//! Three bases are looked up at once in tables of partial sums, for 16 motifs side by side, so that a motif of width
//! 19 costs 7 additions a position instead of 76 multiplications. Only the best position of a pool is kept, and the
//! backward pass visits only those.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]
// A loop over lanes is what the compiler turns into one instruction.
#![allow(clippy::needless_range_loop)]

mod backward;
mod best;
mod forward;
mod letters;
mod pieces;
mod table;
mod track;
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

pub(crate) use self::{
    pieces::{Pieces, best_of_pieces},
    table::MotifTables,
};
use super::{
    Axes, MotifPool, Strands,
    host::{base_codes, int_data, integers, read, to_float},
};

/// Positions that are scored together: with two vectors each, sums that do not wait for each other and fit into 16
/// registers.
const ABREAST: usize = 6;

/// The sizes of one call.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    length: usize,
    channels: usize,
    motifs: usize,
    width: usize,
    pool: usize,
    strands: Strands,
    axes: Axes,
}

impl Sizes {
    fn new([batch, length]: [usize; 2], [motifs, rows, width]: [usize; 3], options: MotifPool) -> Self {
        let MotifPool { strands, axes, pool } = options;
        Self { batch, length, channels: rows - 4, motifs, width, pool, strands, axes }
    }

    fn positions(&self) -> usize {
        self.length - self.width + 1
    }

    fn pools(&self) -> usize {
        self.positions() / self.pool
    }

    /// From one motif's pooled values to the next, and from one pool's.
    fn strides(&self) -> [usize; 2] {
        match self.axes {
            Axes::MotifsFirst => [self.pools(), 1],
            Axes::PositionsFirst => [1, self.motifs],
        }
    }
}

/// Runs [`forward::forward`] on a backend's tensors.
pub(super) fn run_forward<B: Backend, const TRACKED: bool>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    options: MotifPool,
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
    let [batch, motifs, pools] = [sizes.batch, sizes.motifs, sizes.pools()];
    let shape = match sizes.axes {
        Axes::MotifsFirst => [batch, motifs, pools],
        Axes::PositionsFirst => [batch, pools, motifs],
    };
    (
        to_float::<B>(TensorData::new(pooled, shape), dtype, &device),
        B::int_from_data(TensorData::new(winners, [if TRACKED { batch } else { 0 }, motifs, pools]), &device),
    )
}

/// Runs [`backward::backward`] on a backend's tensors.
pub(super) fn run_backward<B: Backend>(
    codes: IntTensor<B>,
    signal: FloatTensor<B>,
    weight: FloatTensor<B>,
    winners: IntTensor<B>,
    gradient: FloatTensor<B>,
    options: MotifPool,
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
