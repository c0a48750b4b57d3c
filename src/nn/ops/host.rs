//! What the kernels of the host share: tensors as slices, products of matrices, vector units.

pub(crate) mod dense;
pub(crate) mod matrix;
pub(crate) mod memory;
pub(crate) mod panels;
pub(crate) mod simd;

use burn::tensor::{DType, Tensor};

use crate::device;

/// Whether the kernels take a tensor: they compute in 32 bits, in the host's memory.
pub(super) fn fits_kernel<const D: usize>(tensor: &Tensor<D>) -> bool {
    device::is_host(&tensor.device()) && tensor.dtype() != DType::F64
}
