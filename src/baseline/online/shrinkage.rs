//! Lazy regularisation of all weights.

/// The amount to be subtracted from every weight, and the factor on it.
///
/// With l1, every step moves every weight towards 0 by the same amount, and no further than 0; with l2, by the same
/// factor. Both are accumulated here, and applied when a weight is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shrinkage {
    /// L1: subtracted from the magnitude of each stored weight (`gravity` in Vowpal Wabbit).
    pub(super) gravity: f64,
    /// L2: the factor on each stored weight (`contraction` there).
    pub(super) contraction: f64,
}

impl Shrinkage {
    pub(super) const NONE: Self = Self { gravity: 0.0, contraction: 1.0 };

    /// Adds the shrinkage of one step, and returns the step in units of stored weights.
    pub(super) fn add(&mut self, step: f32, derivative: f32, l1: f32, l2: f32) -> f32 {
        // The limits are those of Vowpal Wabbit, in double precision as there.
        if f64::from(step.abs()) <= 1e-8 {
            return step;
        }
        let derivative = f64::from(derivative);
        if derivative.abs() > 1e-8 {
            let length = f64::from(-step) / derivative;
            // A step that would shrink weights past 0 nearly erases them.
            self.contraction *= (1.0 - f64::from(l2) * length).max(1e-10);
            self.gravity += length * f64::from(l1);
        }
        step / self.contraction as f32
    }

    /// Whether the shrinkage should be applied now, before it loses precision.
    pub(super) fn is_due(&self) -> bool {
        self.contraction < 1e-9 || self.gravity > 1e3
    }

    /// A stored weight after the subtraction, before the contraction.
    #[inline]
    pub(super) fn truncated(&self, weight: f32) -> f32 {
        let gravity = self.gravity as f32;
        if gravity < weight.abs() { weight - gravity.copysign(weight) } else { 0.0 }
    }

    /// The value of a stored weight.
    pub(super) fn apply(&self, weight: f32) -> f32 {
        self.truncated(weight) * self.contraction as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_pulled_to_0_and_no_further() {
        let shrinkage = Shrinkage { gravity: 0.5, contraction: 0.5 };
        assert_eq!([2.0, -2.0, 0.25, -0.25, 0.0].map(|weight| shrinkage.apply(weight)), [0.75, -0.75, 0.0, 0.0, 0.0]);
        assert_eq!([2.0, -2.0, 0.0].map(|weight| Shrinkage::NONE.apply(weight)), [2.0, -2.0, 0.0]);
    }

    #[test]
    fn shrinkage_grows_with_the_length_of_a_step() {
        let mut shrinkage = Shrinkage::NONE;
        assert_eq!(shrinkage.add(2.0, -0.5, 0.125, 0.0625), 2.0 / 0.75);
        assert_eq!(shrinkage, Shrinkage { gravity: 0.5, contraction: 0.75 });
    }

    #[test]
    fn too_long_a_step_erases_weights_and_is_due() {
        let mut shrinkage = Shrinkage::NONE;
        let step = shrinkage.add(2.0, -0.5, 0.0, 1.0);
        assert!(shrinkage.is_due() && (shrinkage.apply(step) - 2.0).abs() < 1e-6);
    }
}
