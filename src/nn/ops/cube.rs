//! The kernel of [`super::motif_pool`] for the runtimes of CubeCL: wgpu, CUDA, CPU.
//!
//! As on the host, three bases are looked up at once in tables of partial sums; here each unit takes four motifs, so
//! that one letter or signal value that is read serves four sums. No activation leaves the registers, nothing comes
//! back to the host, and no unit adds to what another one writes, so that a result does not depend on their order.

// What the macro expands into.
#![allow(clippy::pedantic)]
// Kernels have comparisons, no ranges.
#![allow(clippy::manual_range_contains)]

mod backward;
mod forward;
mod table;

use burn::{
    backend::{
        TensorMetadata,
        fusion::custom::TensorSpec,
        ops::IntTensorOps,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{DType, IntDType, Shape},
};
use burn_cubecl::{
    CubeBackend, kernel::into_contiguous, ops::numeric::empty_device_contiguous_dtype, tensor::CubeTensor,
};

use super::{Axes, MotifPool, Strands, motif_pool::MotifOps};

/// Motifs of one unit.
const LANES: usize = 4;

/// What a kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Scan {
    channels: usize,
    both_strands: bool,
    positions_first: bool,
}

/// The sizes of one call.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch: usize,
    motifs: usize,
    width: usize,
    pool: usize,
    pools: usize,
    scan: Scan,
}

impl Sizes {
    fn new(codes: &Shape, weight: &Shape, options: MotifPool) -> Self {
        let ([batch, length], [motifs, rows, width]) = (codes.dims(), weight.dims());
        let scan = Scan {
            channels: rows - 4,
            both_strands: options.strands == Strands::Both,
            positions_first: options.axes == Axes::PositionsFirst,
        };
        Self { batch, motifs, width, pool: options.pool, pools: (length - width + 1) / options.pool, scan }
    }

    fn pooled(&self) -> Shape {
        let Self { batch, motifs, pools, scan, .. } = *self;
        if scan.positions_first { [batch, pools, motifs].into() } else { [batch, motifs, pools].into() }
    }

    fn winners(&self) -> Shape {
        [self.batch, self.pools, self.motifs.next_multiple_of(LANES)].into()
    }
}

/// Describes what [`MotifOps::motif_pool`] returns.
pub(super) fn pooled_shape(codes: &Shape, weight: &Shape, options: &MotifPool) -> Shape {
    Sizes::new(codes, weight, *options).pooled()
}

/// Describes what [`MotifOps::motif_pool_with_winners`] returns.
pub(super) fn tracked_specs(
    codes: &TensorSpec,
    _signal: &TensorSpec,
    weight: &TensorSpec,
    _bias: &TensorSpec,
    options: &MotifPool,
) -> (TensorSpec, TensorSpec) {
    let sizes = Sizes::new(&codes.shape, &weight.shape, *options);
    (TensorSpec::new(sizes.pooled(), weight.dtype), TensorSpec::new(sizes.winners(), DType::I32))
}

/// Describes what [`MotifOps::motif_pool_backward`] returns.
pub(super) fn gradient_specs(
    _codes: &TensorSpec,
    _signal: &TensorSpec,
    weight: &TensorSpec,
    _winners: &TensorSpec,
    _gradient: &TensorSpec,
    _options: &MotifPool,
) -> (TensorSpec, TensorSpec) {
    (weight.clone(), TensorSpec::new([weight.shape[0]].into(), weight.dtype))
}

impl MotifOps for CubeBackend {
    fn motif_pool(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPool,
    ) -> FloatTensor<Self> {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        forward::run(&sizes, in_order(codes), into_contiguous(signal), table::run(&sizes, weight, bias), None)
    }

    fn motif_pool_with_winners(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: MotifPool,
    ) -> (FloatTensor<Self>, IntTensor<Self>) {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        let winners = empty(&codes, sizes.winners(), DType::I32);
        let tables = table::run(&sizes, weight, bias);
        let pooled = forward::run(&sizes, in_order(codes), into_contiguous(signal), tables, Some(winners.clone()));
        (pooled, winners)
    }

    fn motif_pool_backward(
        codes: IntTensor<Self>,
        signal: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        winners: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        options: MotifPool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let sizes = Sizes::new(&codes.shape(), &weight.shape(), options);
        backward::run(&sizes, in_order(codes), into_contiguous(signal), winners, into_contiguous(gradient))
    }
}

/// Returns codes as the kernels read them.
fn in_order(codes: CubeTensor) -> CubeTensor {
    into_contiguous(CubeBackend::int_cast(codes, IntDType::I32))
}

/// A tensor on the device of another one, to be written as a whole.
fn empty(like: &CubeTensor, shape: Shape, dtype: DType) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), shape, dtype)
}
