//! The kernel of [`crate::nn::ops::motif_pool`] for the runtimes of CubeCL: wgpu, CUDA, CPU.
//!
//! As on the host, each lookup in a table of partial sums takes three bases. Each unit takes four motifs, so that one
//! triplet or signal value that is read serves four sums. No activation leaves the registers, and nothing returns to
//! the host. No unit adds to what another one writes, so that the result does not depend on their order.

// What the macro expands into.
#![allow(clippy::pedantic)]
// Kernels have comparisons and remainders, no ranges and no methods of integers.
#![allow(clippy::manual_range_contains, clippy::manual_is_multiple_of)]

mod backward;
mod forward;
mod layout;
mod motif_tables;
mod sizes;

use burn::{
    backend::{
        TensorMetadata,
        ops::IntTensorOps,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{DType, IntDType},
};
use burn_cubecl::{CubeBackend, kernel::into_contiguous, tensor::CubeTensor};

use self::sizes::{Sizes, empty};
pub(crate) use self::sizes::{gradient_specs, pooled_shape, tracked_specs};
use super::MotifOps;
use crate::nn::ops::MotifPoolOptions;

impl MotifOps for CubeBackend {
    fn motif_pool(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> FloatTensor<Self> {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        forward::run(&sizes, in_order(codes), into_contiguous(signal), motif_tables::run(&sizes, weight, bias), None)
    }

    fn motif_pool_with_winners(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> (FloatTensor<Self>, IntTensor<Self>) {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        let winners = empty(&codes, sizes.winners(), DType::I32);
        let tables = motif_tables::run(&sizes, weight, bias);
        let pooled = forward::run(&sizes, in_order(codes), into_contiguous(signal), tables, Some(winners.clone()));
        (pooled, winners)
    }

    fn motif_pool_backward(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        winners: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        options: MotifPoolOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        backward::run(&sizes, in_order(codes), into_contiguous(signal), winners, into_contiguous(gradient))
    }
}

/// Returns codes in the form that the kernels read.
fn in_order(codes: CubeTensor) -> CubeTensor {
    into_contiguous(CubeBackend::int_cast(codes, IntDType::I32))
}
