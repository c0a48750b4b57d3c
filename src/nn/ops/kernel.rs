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
mod table;

use burn::{
    backend::{
        Backend, TensorMetadata,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::TensorData,
};

use super::{
    MotifPool, Strands,
    host::{base_codes, float_data, floats, int_data, integers, to_float},
};

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
}

impl Sizes {
    fn new(codes: &TensorData, weight: &TensorData, options: MotifPool) -> Self {
        Self {
            batch: codes.shape()[0],
            length: codes.shape()[1],
            channels: weight.shape()[1] - 4,
            motifs: weight.shape()[0],
            width: weight.shape()[2],
            pool: options.pool,
            strands: options.strands,
        }
    }

    fn positions(&self) -> usize {
        self.length - self.width + 1
    }

    fn pools(&self) -> usize {
        self.positions() / self.pool
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
    let (codes, device) = (int_data::<B>(codes), weight.device());
    let (signal, weight, bias) = (float_data::<B>(signal), float_data::<B>(weight), float_data::<B>(bias));
    let sizes = Sizes::new(&codes, &weight, options);
    let (pooled, winners) =
        forward::forward::<TRACKED>(&sizes, &base_codes(&codes), &floats(&signal), &floats(&weight), &floats(&bias));
    let [batch, motifs, pools] = [sizes.batch, sizes.motifs, sizes.pools()];
    (
        to_float::<B>(TensorData::new(pooled, [batch, motifs, pools]), weight.dtype(), &device),
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
    let (codes, device) = (int_data::<B>(codes), weight.device());
    let (signal, weight, gradient) = (float_data::<B>(signal), float_data::<B>(weight), float_data::<B>(gradient));
    let sizes = Sizes::new(&codes, &weight, options);
    let winners = int_data::<B>(winners);
    let (weights, biases) =
        backward::backward(&sizes, &base_codes(&codes), &floats(&signal), &integers(&winners), &floats(&gradient));
    (
        to_float::<B>(TensorData::new(weights, weight.shape().clone()), weight.dtype(), &device),
        to_float::<B>(TensorData::new(biases, [sizes.motifs]), weight.dtype(), &device),
    )
}
