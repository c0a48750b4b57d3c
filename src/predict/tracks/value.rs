//! The values of a track: probabilities or log-odds.

use serde::{Deserialize, Serialize};

/// The kind of value that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackValue {
    /// The probability of being bound, to six decimals.
    #[default]
    Probability,
    /// The log-odds of being bound, to four decimals.
    LogOdds,
}

impl TrackValue {
    /// Converts log-odds.
    pub(crate) fn convert(self, log_odds: f32) -> f32 {
        self.precise(log_odds) as f32
    }

    pub(in crate::predict) fn decimals(self) -> u32 {
        match self {
            Self::Probability => 6,
            Self::LogOdds => 4,
        }
    }

    /// Converts log-odds to a whole number of units of the last decimal.
    pub(super) fn rounded(self, log_odds: f32) -> i64 {
        (self.precise(log_odds) * 10_f64.powi(self.decimals() as i32)).round() as i64
    }

    /// Returns the number that a bedGraph file has for so many units of the last decimal.
    pub(super) fn number(self, rounded: i64) -> f32 {
        // Exact but for the last step, up to more digits than 32 bits hold.
        (rounded as f64 / 10_f64.powi(self.decimals() as i32)) as f32
    }

    fn precise(self, log_odds: f32) -> f64 {
        match self {
            Self::Probability => 1.0 / (1.0 + (-f64::from(log_odds)).exp()),
            Self::LogOdds => f64::from(log_odds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_that_of_its_decimal_text() {
        for rounded in 0..=1_000_000 {
            let text = format!("{}.{:06}", rounded / 1_000_000, rounded % 1_000_000);
            assert_eq!(TrackValue::Probability.number(rounded), text.parse::<f32>().unwrap());
        }
        for rounded in (0..2_000_000).chain((2_000_000..1_000_000_000_000).step_by(1_234_567)) {
            let text = format!("-{}.{:04}", rounded / 10_000, rounded % 10_000);
            assert_eq!(TrackValue::LogOdds.number(-rounded), text.parse::<f32>().unwrap());
        }
    }
}
