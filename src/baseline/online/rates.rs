//! Learning rates, from the squared gradients of a weight and the scale of its feature.

/// The powers in the learning rates, for `power_t`.
pub(super) trait Rates {
    /// The learning rate of a weight, without the factor that all weights share.
    fn rate(&self, squared_gradients: f32, scale: f32) -> f32;

    /// The factor on a weight when the scale of its feature grows.
    fn rescaling(&self, old_scale: f32, new_scale: f32) -> f32;

    /// The factor that all weights share: `norm` is the sum of the features' squares, each in units of its scale.
    fn shared(&self, weight: f32, norm: f32) -> f32;
}

/// `power_t` is one half.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root;

/// `power_t` is something else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Power {
    pub(super) power_t: f32,
}

impl Rates for Root {
    #[inline]
    fn rate(&self, squared_gradients: f32, scale: f32) -> f32 {
        1.0 / squared_gradients.sqrt() * (1.0 / scale)
    }

    #[inline]
    fn rescaling(&self, old_scale: f32, new_scale: f32) -> f32 {
        old_scale / new_scale
    }

    fn shared(&self, weight: f32, norm: f32) -> f32 {
        (weight / norm).sqrt()
    }
}

impl Rates for Power {
    #[inline]
    fn rate(&self, squared_gradients: f32, scale: f32) -> f32 {
        squared_gradients.powf(-self.power_t) * (scale * scale).powf(self.power_t - 1.0)
    }

    #[inline]
    fn rescaling(&self, old_scale: f32, new_scale: f32) -> f32 {
        let ratio = new_scale / old_scale;
        (ratio * ratio).powf(self.power_t - 1.0)
    }

    fn shared(&self, weight: f32, norm: f32) -> f32 {
        (norm / weight).powf(self.power_t - 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_one_half_is_a_root() {
        let power = Power { power_t: 0.5 };
        for (a, b) in [(0.3, 2.0), (7.0, 0.01), (1e6, 1e4)] {
            for (root, power) in [
                (Root.rate(a, b), power.rate(a, b)),
                (Root.rescaling(a, b), power.rescaling(a, b)),
                (Root.shared(a, b), power.shared(a, b)),
            ] {
                assert!((root / power - 1.0).abs() < 1e-6, "{root} {power}");
            }
        }
    }
}
