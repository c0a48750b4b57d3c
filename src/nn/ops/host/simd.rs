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

/// Returns `exp(x)` for `x <= 0`, to 3e-7 of itself; 0 below -87, NaN for NaN.
#[inline(always)]
pub(crate) fn exp_negative<const FUSED: bool>(x: f32) -> f32 {
    const LEAST: f32 = -87.0;
    /// Its last bits are the nearest integer of what is added to it.
    const ROUNDING: f32 = 12_582_912.0;
    /// The natural logarithm of 2, as the sum of a number with few bits and the rest.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    /// 1 / n!
    const TERMS: [f32; 6] = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    let clamped = if x < LEAST { LEAST } else { x };
    let shifted = multiply_add::<FUSED>(clamped, std::f32::consts::LOG2_E, ROUNDING);
    let power = shifted - ROUNDING;
    let rest = multiply_add::<FUSED>(power, -LN_2[0], clamped);
    let rest = multiply_add::<FUSED>(power, -LN_2[1], rest);
    let mut sum = 1.0 / 5040.0;
    for term in TERMS {
        sum = multiply_add::<FUSED>(sum, rest, term);
    }
    let sum = multiply_add::<FUSED>(sum, rest, 1.0);
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    if x < LEAST { 0.0 } else { sum * scale }
}

/// Returns `ln(1 + x)` for `x` from 0 to 1, to 3e-7 of itself; NaN for NaN.
#[inline(always)]
pub(crate) fn log_1p_share<const FUSED: bool>(x: f32) -> f32 {
    /// Of the inverse hyperbolic tangent: ln(1 + x) = 2 artanh(x / (2 + x)).
    const TERMS: [f32; 6] = [1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0];
    let ratio = x / (2.0 + x);
    let square = ratio * ratio;
    let mut sum = 1.0 / 13.0;
    for term in TERMS {
        sum = multiply_add::<FUSED>(sum, square, term);
    }
    2.0 * ratio * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(found: f32, expected: f64, x: f32) {
        assert!((f64::from(found) - expected).abs() <= 3e-7 * expected, "{x}: {found} {expected}");
    }

    #[test]
    fn exponentials_and_logarithms_are_those_of_double_precision() {
        for step in 0..=87_000 {
            let x = step as f32 / -1000.0;
            assert_near(exp_negative::<true>(x), f64::from(x).exp(), x);
            assert_near(exp_negative::<false>(x), f64::from(x).exp(), x);
            let share = (-x / 4.0).exp2().recip();
            assert_near(log_1p_share::<true>(share), f64::from(share).ln_1p(), share);
            assert_near(log_1p_share::<false>(share), f64::from(share).ln_1p(), share);
        }
    }

    #[test]
    fn exponentials_and_logarithms_have_their_limits() {
        let exp = exp_negative::<true>;
        assert_eq!([exp(0.0), exp(-0.0), exp(-87.1), exp(f32::NEG_INFINITY)], [1.0, 1.0, 0.0, 0.0]);
        assert_eq!(log_1p_share::<true>(0.0), 0.0);
        assert!(exp(f32::NAN).is_nan() && log_1p_share::<true>(f32::NAN).is_nan());
    }
}
