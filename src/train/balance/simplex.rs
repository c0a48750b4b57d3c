//! Convex minimisation on the probability simplex.

use super::gram::dot;

/// Minimises a convex function of shares, which are not negative and sum to 1, by accelerated projected gradients.
///
/// `function` returns the value and the gradient. It stops within 1e-6 of the minimum, in units of the largest entry of
/// the first gradient, or after 500 steps.
pub(super) fn minimise(initial: Vec<f64>, function: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> Vec<f64> {
    const MOST_STEPS: usize = 500;
    const TOLERANCE: f64 = 1e-6;
    const ROUNDING: f64 = 1e-12;
    let (mut value, first) = function(&initial);
    let scale = first.iter().fold(f64::MIN_POSITIVE, |most, entry| most.max(entry.abs()));
    let mut step = scale.recip();
    let (mut shares, mut before) = (initial.clone(), initial);
    let mut momentum = 1.0_f64;
    for _ in 0..MOST_STEPS {
        let next_momentum = f64::midpoint(1.0, (1.0 + 4.0 * momentum * momentum).sqrt());
        let direction: Vec<f64> = shares.iter().zip(&before).map(|(now, before)| now - before).collect();
        let extrapolated = project(plus(&shares, &direction, (momentum - 1.0) / next_momentum));
        let (from, gradient) = function(&extrapolated);
        // Frank-Wolfe duality gap: the minimum is at most this far below the value here.
        let gap = dot(&gradient, &extrapolated) - gradient.iter().copied().fold(f64::INFINITY, f64::min);
        if gap <= TOLERANCE * scale {
            return extrapolated;
        }
        let (next, next_value) = loop {
            let next = project(plus(&extrapolated, &gradient, -step));
            let (next_value, _) = function(&next);
            let moved: Vec<f64> = next.iter().zip(&extrapolated).map(|(next, start)| next - start).collect();
            let (along, square) = (dot(&moved, &gradient), dot(&moved, &moved));
            if next_value <= from + along + square / (2.0 * step) + ROUNDING * from.abs() || square < ROUNDING.powi(2) {
                break (next, next_value);
            }
            step /= 2.0;
        };
        // Momentum that leads uphill is reset.
        momentum = if next_value > value { 1.0 } else { next_momentum };
        if next_value <= value {
            (before, shares, value) = (shares, next, next_value);
        } else {
            before.clone_from(&shares);
        }
        step *= 1.1;
    }
    shares
}

fn plus(a: &[f64], b: &[f64], factor: f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + factor * b).collect()
}

/// The nearest shares (Duchi et al. 2008, doi:10.1145/1390156.1390191).
fn project(mut values: Vec<f64>) -> Vec<f64> {
    let mut sorted = values.clone();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut threshold) = (0.0, 0.0);
    for (index, value) in sorted.into_iter().enumerate() {
        sum += value;
        let candidate = (sum - 1.0) / (index + 1) as f64;
        if value > candidate {
            threshold = candidate;
        }
    }
    for value in &mut values {
        *value = (*value - threshold).max(0.0);
    }
    values
}
