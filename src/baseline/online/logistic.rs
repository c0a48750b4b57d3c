//! The logistic loss, and steps for which an example of weight 1,000 equals 1,000 examples.

/// The loss of a logit, for a label of -1 or 1, rounded as in Vowpal Wabbit.
pub(super) fn loss(logit: f32, label: f32) -> f32 {
    (1.0 + (-label * logit).exp()).ln()
}

/// The derivative of the loss by the logit.
pub(super) fn derivative(logit: f32, label: f32) -> f32 {
    -label / (1.0 + (label * logit).exp())
}

/// The sum of infinitely many infinitely small steps.
///
/// `scale` is the learning rate times the example's weight, and a step of 1 moves the logit by `sensitivity`. The logit
/// `p` follows `p' = label * sensitivity / (1 + exp(label * p))`, whose solution at time `scale` is, with Lambert's
/// function W, `p = label * (c - W(exp(c)))` for `c = scale * sensitivity + label * p + exp(label * p)` at the start.
pub(super) fn step(logit: f32, label: f32, scale: f32, sensitivity: f32) -> f32 {
    let odds = (label * logit).exp();
    // In f64, like the constant 1e-6 in C++. Below it, the difference would be lost in rounding.
    if f64::from(scale * sensitivity) < 1e-6 {
        return label * scale / (1.0 + odds);
    }
    let moved = lambert_minus(scale * sensitivity + label * logit + odds);
    -(label * moved + logit) / sensitivity
}

/// `W(exp(x)) - x`, by one step of Fritsch, Shafer and Crowley from the guess of Vowpal Wabbit; within 9e-5.
fn lambert_minus(x: f32) -> f32 {
    let x = f64::from(x);
    let (guess, residual) = if x >= 1.0 {
        let guess = 0.86 * x + 0.01;
        (guess, x - guess.ln() - guess)
    } else {
        let guess = (0.8 * x - 0.65).exp();
        (guess, 0.2 * x + 0.65 - guess)
    };
    let above = 1.0 + guess;
    let twice = 2.0 * above * (above + 2.0 * residual / 3.0);
    (guess * (1.0 + residual / above * (twice - residual) / (twice - 2.0 * residual)) - x) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derivative_is_that_of_the_loss() {
        for label in [-1.0, 1.0] {
            for logit in [-8.0_f32, -1.0, 0.0, 0.5, 6.0] {
                let difference = (loss(logit + 0.01, label) - loss(logit - 0.01, label)) / 0.02;
                assert!((derivative(logit, label) - difference).abs() < 1e-4);
            }
        }
        assert_eq!(loss(0.0, 1.0), 2.0_f32.ln());
    }

    #[test]
    fn lambert_s_function_solves_its_equation() {
        for tenth in -100..1000 {
            let x = tenth as f32 / 10.0;
            let w = f64::from(lambert_minus(x)) + f64::from(x);
            // The slope of w + ln w is 1 + 1 / w, so that this is the error of w.
            let error = (w + w.ln() - f64::from(x)) / (1.0 + 1.0 / w);
            assert!(error.abs() < 9e-5, "{x}: {error}");
        }
    }

    #[test]
    fn a_step_is_the_sum_of_many_small_ones() {
        for (label, logit, scale, sensitivity) in [(1.0, 0.0, 0.5, 2.0), (-1.0, 3.0, 40.0, 0.7), (1.0, -2.0, 5.0, 9.0)]
        {
            let mut walker = f64::from(logit);
            let (label64, count) = (f64::from(label), 100_000);
            for _ in 0..count {
                let slope = label64 / (1.0 + (label64 * walker).exp());
                walker += slope * f64::from(scale * sensitivity) / f64::from(count);
            }
            let jumper = f64::from(logit + sensitivity * step(logit, label, scale, sensitivity));
            assert!((walker - jumper).abs() < 1e-3, "{walker} {jumper}");
        }
    }

    #[test]
    fn a_step_is_smooth_where_the_formula_changes() {
        let [below, above] = [0.999e-6_f32, 1.001e-6].map(|scale| step(0.3, 1.0, scale, 1.0) / scale);
        // The formula above has the error of Lambert's function, 9e-5, in a step of 1e-6.
        assert!(below > 0.42 && (above - below).abs() < 200.0);
    }
}
