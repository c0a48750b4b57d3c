//! What the kernels of the host share: tensors as slices, products of matrices, vector units.

pub(crate) mod dense;
pub(super) mod matrix;
pub(crate) mod memory;
pub(crate) mod panels;
pub(crate) mod simd;
