//! What the numbers of a track are.

use serde::{Deserialize, Serialize};

/// What the value of a track is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackValue {
    /// The probability of being bound, to six decimals.
    #[default]
    Probability,
    /// The log-odds of being bound, to four decimals.
    LogOdds,
}

impl TrackValue {
    /// The value of log-odds.
    pub(in crate::predict) fn of(self, log_odds: f32) -> f32 {
        match self {
            Self::Probability => (1.0 / (1.0 + (-f64::from(log_odds)).exp())) as f32,
            Self::LogOdds => log_odds,
        }
    }

    pub(in crate::predict) fn decimals(self) -> u32 {
        match self {
            Self::Probability => 6,
            Self::LogOdds => 4,
        }
    }

    /// The value as a whole number of its last decimals.
    pub(super) fn rounded(self, log_odds: f32) -> i64 {
        let value = match self {
            Self::Probability => 1.0 / (1.0 + (-f64::from(log_odds)).exp()),
            Self::LogOdds => f64::from(log_odds),
        };
        (value * 10_f64.powi(self.decimals() as i32)).round() as i64
    }
}
