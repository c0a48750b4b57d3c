//! The sizes of one call, and the tensors that it makes.

use burn::{
    backend::fusion::custom::TensorSpec,
    tensor::{DType, Shape},
};
use burn_cubecl::{ops::numeric::empty_device_contiguous_dtype, tensor::CubeTensor};

use crate::nn::ops::{Axes, MotifPoolOptions, Strands};

/// Motifs of one unit.
pub(super) const LANES: usize = 4;

/// The properties of a scan for which a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scan {
    pub(super) channels: usize,
    pub(super) both_strands: bool,
    pub(super) positions_first: bool,
}

/// The sizes of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) motifs: usize,
    pub(super) width: usize,
    pub(super) pool: usize,
    pub(super) pools: usize,
    pub(super) scan: Scan,
}

impl Sizes {
    pub(super) fn new(codes: &Shape, weight: &Shape, options: MotifPoolOptions) -> Self {
        let ([batch, length], [motifs, rows, width]) = (codes.dims(), weight.dims());
        let scan = Scan {
            channels: rows - 4,
            both_strands: options.strands == Strands::Both,
            positions_first: options.axes == Axes::PositionsFirst,
        };
        Self { batch, motifs, width, pool: options.pool, pools: (length - width + 1) / options.pool, scan }
    }

    pub(super) fn pooled(&self) -> Shape {
        let Self { batch, motifs, pools, scan, .. } = *self;
        if scan.positions_first { [batch, pools, motifs].into() } else { [batch, motifs, pools].into() }
    }

    pub(super) fn winners(&self) -> Shape {
        [self.batch, self.pools, self.motifs.next_multiple_of(LANES)].into()
    }
}

/// Describes the pooled values.
pub(crate) fn pooled_shape(codes: &Shape, weight: &Shape, options: &MotifPoolOptions) -> Shape {
    Sizes::new(codes, weight, *options).pooled()
}

/// Describes the pooled values and their winners.
pub(crate) fn tracked_specs(
    codes: &TensorSpec,
    _signal: &TensorSpec,
    weight: &TensorSpec,
    _bias: &TensorSpec,
    options: &MotifPoolOptions,
) -> (TensorSpec, TensorSpec) {
    let sizes = Sizes::new(&codes.shape, &weight.shape, *options);
    (TensorSpec::new(sizes.pooled(), weight.dtype), TensorSpec::new(sizes.winners(), DType::I32))
}

/// Describes the gradients of the weight and the bias.
pub(crate) fn gradient_specs(
    _codes: &TensorSpec,
    _signal: &TensorSpec,
    weight: &TensorSpec,
    _winners: &TensorSpec,
    _gradient: &TensorSpec,
    _options: &MotifPoolOptions,
) -> (TensorSpec, TensorSpec) {
    (weight.clone(), TensorSpec::new([weight.shape[0]].into(), weight.dtype))
}

/// Makes a tensor on the device of another one, which a kernel then fills.
pub(super) fn empty(like: &CubeTensor, shape: Shape, dtype: DType) -> CubeTensor {
    empty_device_contiguous_dtype(like.client.clone(), like.device.clone(), shape, dtype)
}
