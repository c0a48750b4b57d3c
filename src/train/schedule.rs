//! The learning rate over a run.

use std::f64::consts::PI;

/// The learning rate over a run.
///
/// [`OneCycle`] is the configuration's. A closure from the completed share of the run to the rate is a schedule, too.
///
/// # Examples
///
/// ```
/// use multitf::train::{OneCycle, Schedule};
///
/// let halved = |done: f64| if done < 0.5 { 1e-3 } else { 5e-4 };
/// assert_eq!(halved.rate(0.75), 5e-4);
/// assert!(OneCycle { peak: 0.01, warmup: 0.25 }.rate(1.0) < 1e-7);
/// ```
pub trait Schedule {
    /// Returns the rate after a share `done` of the run, from 0 to 1.
    fn rate(&self, done: f64) -> f64;
}

impl<F: Fn(f64) -> f64> Schedule for F {
    fn rate(&self, done: f64) -> f64 {
        self(done)
    }
}

/// One cycle: up from a 25th of the peak over the first `warmup` share of the run, then down to nearly 0, both along
/// half a cosine.
///
/// # References
///
/// Smith and Topin 2019, [doi:10.1117/12.2520589](https://doi.org/10.1117/12.2520589); the shape and its constants are
/// those of PyTorch's `OneCycleLR`.
///
/// # Examples
///
/// ```
/// use multitf::train::{OneCycle, Schedule};
///
/// let schedule = OneCycle { peak: 0.01, warmup: 0.25 };
/// assert!((schedule.rate(0.0) - 0.01 / 25.0).abs() < 1e-12);
/// assert!((schedule.rate(0.25) - 0.01).abs() < 1e-12);
/// assert!(schedule.rate(1.0) < 1e-7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// The highest rate.
    pub peak: f64,
    /// The share of the run before the peak.
    pub warmup: f64,
}

impl OneCycle {
    const START: f64 = 1.0 / 25.0;
    const END: f64 = Self::START / 1e4;
}

impl Schedule for OneCycle {
    fn rate(&self, done: f64) -> f64 {
        let (from, to, share) = if done < self.warmup {
            (Self::START, 1.0, done / self.warmup)
        } else {
            (1.0, Self::END, (done - self.warmup) / (1.0 - self.warmup))
        };
        self.peak * (to + (from - to) * (1.0 + (PI * share).cos()) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_those_of_a_cosine_from_a_25th_to_the_peak_and_to_a_250_000th() {
        let schedule = OneCycle { peak: 0.02, warmup: 0.25 };
        // Half of the way up, of the way down, and a third of it: cosines of 0, 0 and 1/2.
        let expected = [
            (0.0, 0.02 / 25.0),
            (0.125, 0.02 * 0.52),
            (0.25, 0.02),
            (0.5, 0.02 * (0.75 + 0.25 / 250_000.0)),
            (0.625, 0.02 * (0.5 + 0.5 / 250_000.0)),
            (1.0, 0.02 / 250_000.0),
        ];
        for (done, rate) in expected {
            assert!((schedule.rate(done) - rate).abs() < 1e-12, "{done}: {} {rate}", schedule.rate(done));
        }
    }
}
