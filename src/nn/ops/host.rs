//! What the kernels of the host share: tensors as slices, products of matrices, vector units.

pub(crate) mod matrix;
pub(crate) mod memory;
pub(crate) mod simd;
