//! Work that is compiled for each vector unit (SIMD), and runs on the best one of the processor.

// What is not inlined into the function that has the vector unit's instructions is compiled without them.
#![allow(clippy::inline_always)]

use pulp::{Arch, Simd, WithSimd};

/// Work for a vector unit. All that `run` calls must be inlined into it, since the rest is compiled without the unit's
/// instructions. A closure would not do.
pub(crate) trait Work {
    type Output;

    /// Runs the work, with a product and a sum in one instruction if `FUSED`.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs work on the best vector unit.
pub(crate) fn run<W: Work>(work: W) -> W::Output {
    Arch::new().dispatch(Dispatched(work))
}

struct Dispatched<W>(W);

impl<W: Work> WithSimd for Dispatched<W> {
    type Output = W::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        // Elsewhere a fused operation may be a call of a function.
        let fuses = cfg!(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64"));
        if fuses && !S::IS_SCALAR { self.0.run::<true>() } else { self.0.run::<false>() }
    }
}

/// Returns `a * b + c`.
#[inline(always)]
pub(crate) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
