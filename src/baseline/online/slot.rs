//! The slots of weights, and the two passes of an update over the terms of an example.

use super::{rates::Rates, terms::Term};

/// Smaller values are raised to it for learning rates, so that squares are normal numbers.
const MIN_VALUE: f32 = 1.084_202e-19;

/// A weight, and the history that its learning rate depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(16))]
pub(super) struct Slot {
    pub(super) weight: f32,
    /// The sum of the squared gradients.
    pub(super) squared_gradients: f32,
    /// The largest magnitude of the feature.
    pub(super) scale: f32,
    /// The learning rate of the current update.
    rate: f32,
}

/// Sums over the terms of an example, named as in Vowpal Wabbit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct UpdateSums {
    /// The sum of the features' squares, each in units of its scale.
    pub(super) norm_x: f32,
    /// The change of the logit by a step of 1, without the factor that all rates share.
    pub(super) pred_per_update: f32,
}

impl Slot {
    pub(super) fn new(weight: f32, squared_gradients: f32, scale: f32) -> Self {
        Self { weight, squared_gradients, scale, rate: 0.0 }
    }

    /// Whether the weight has been learned.
    pub(super) fn is_used(&self) -> bool {
        self.weight != 0.0 || self.squared_gradients != 0.0 || self.scale != 0.0
    }

    /// Sets the learning rate for a value, and adds the value to the sums.
    #[inline]
    fn set_rate(&mut self, rates: &impl Rates, value: f32, squared_gradient: f32, sums: &mut UpdateSums) {
        let value = value.abs().max(MIN_VALUE);
        let square = (value * value).max(f32::MIN_POSITIVE);
        self.squared_gradients += squared_gradient * square;
        if value > self.scale {
            if self.scale > 0.0 {
                self.weight *= rates.rescaling(self.scale, value);
            }
            self.scale = value;
        }
        self.rate = rates.rate(self.squared_gradients, self.scale);
        sums.norm_x += square / (self.scale * self.scale);
        sums.pred_per_update += square * self.rate;
    }
}

/// The first pass: sets the learning rates.
pub(super) fn set_rates(slots: &mut [Slot], terms: &[Term], squared_gradient: f32, rates: &impl Rates) -> UpdateSums {
    let mut sums = UpdateSums { norm_x: 0.0, pred_per_update: 0.0 };
    for term in terms {
        slots[term.index as usize].set_rate(rates, term.value, squared_gradient, &mut sums);
    }
    sums
}

/// The second pass: moves the weights.
pub(super) fn move_weights(slots: &mut [Slot], terms: &[Term], step: f32) {
    for term in terms {
        let slot = &mut slots[term.index as usize];
        slot.weight += step * (term.value * slot.rate);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rates::Root, *};

    #[test]
    fn a_larger_value_makes_the_weight_smaller_by_as_much() {
        let mut slots = [Slot::new(3.0, 1.0, 2.0)];
        let sums = set_rates(&mut slots, &[Term { index: 0, value: -4.0 }], 0.5, &Root);
        assert_eq!(slots, [Slot { weight: 1.5, squared_gradients: 9.0, scale: 4.0, rate: 1.0 / 12.0 }]);
        assert_eq!(sums.norm_x, 1.0);
        assert!((sums.pred_per_update - 16.0 / 12.0).abs() < 1e-6);
    }

    #[test]
    fn the_smallest_values_give_finite_rates() {
        let mut slots = [Slot::default()];
        let sums = set_rates(&mut slots, &[Term { index: 0, value: -1e-40 }], 0.25, &Root);
        assert!(
            (sums.norm_x - 1.0).abs() < 1e-6 && sums.pred_per_update > 0.0 && slots[0].rate.is_finite(),
            "{sums:?}"
        );
    }

    #[test]
    fn colliding_terms_share_a_weight() {
        let mut slots = [Slot::default()];
        let terms = [1.0, 3.0].map(|value| Term { index: 0, value });
        set_rates(&mut slots, &terms, 1.0, &Root);
        assert_eq!((slots[0].squared_gradients, slots[0].scale), (10.0, 3.0));
        move_weights(&mut slots, &terms, 1.0);
        assert!((slots[0].weight - 4.0 / 10.0_f32.sqrt() / 3.0).abs() < 1e-6);
    }
}
