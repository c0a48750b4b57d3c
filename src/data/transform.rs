//! Transforms of accessibility.

mod quantiles;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::quantiles::{QuantileMap, SignalReference};

/// The transform of accessibility before a model sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalTransform {
    /// `ln(1 + x)`; below 0 it is `-ln(1 - x)`, so that no value gives NaN.
    #[default]
    Log1p,
    /// Nothing.
    None,
    /// `ln(1 + height)` of the height that is as rare in the mean of the cell types to train on ([`SignalReference`])
    /// as the value in its own cell type: the same for tracks in other units or of other depths.
    Quantile,
}

impl SignalTransform {
    /// Transforms values in place. [`Quantile`](Self::Quantile) leaves them as they are, since it takes a whole track.
    ///
    /// ```
    /// use multitf::data::SignalTransform;
    ///
    /// let mut values = [0.0, 1.0, -1.0];
    /// SignalTransform::Log1p.apply(&mut values);
    /// assert_eq!(values, [0.0, 2f32.ln(), -2f32.ln()]);
    /// ```
    pub fn apply(self, values: &mut [f32]) {
        if self != Self::Log1p {
            return;
        }
        // A track has runs of equal values, and a logarithm costs more than a comparison.
        let mut last = (0.0, 0.0);
        for value in values {
            if *value != last.0 {
                last = (*value, value.abs().ln_1p().copysign(*value));
            }
            *value = last.1;
        }
    }
}

impl fmt::Display for SignalTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log1p => "log1p",
            Self::None => "none",
            Self::Quantile => "quantile",
        })
    }
}

impl FromStr for SignalTransform {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "log1p" => Ok(Self::Log1p),
            "none" => Ok(Self::None),
            "quantile" => Ok(Self::Quantile),
            _ => Err(format!("transform: expected \"log1p\", \"none\" or \"quantile\", found {word:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_equal_values_get_equal_logarithms() {
        let mut values = [3.0, 3.0, 0.0, 3.0, 7.0, 7.0];
        SignalTransform::Log1p.apply(&mut values);
        assert_eq!(values, [3.0, 3.0, 0.0, 3.0, 7.0, 7.0].map(f32::ln_1p));
    }

    #[test]
    fn a_transform_is_read_back_from_its_text() {
        for transform in [SignalTransform::Log1p, SignalTransform::None, SignalTransform::Quantile] {
            assert_eq!(transform.to_string().parse(), Ok(transform));
            assert_eq!(serde_json::to_value(transform).unwrap(), transform.to_string());
        }
    }

    #[test]
    fn none_changes_nothing() {
        let mut values = [-3.0, 0.5];
        SignalTransform::None.apply(&mut values);
        assert_eq!(values, [-3.0, 0.5]);
    }
}
