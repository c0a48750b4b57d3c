//! The profiles that the motifs of a layer stand for.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{MotifConv, MotifForm};
use crate::{
    Error, Result,
    motif::{Background, LogOddsMatrix, Motif},
};

/// The scale of a layer's motifs: their values are log-odds of profiles, times a factor.
///
/// With the scale of a layer that [starts from profiles](super::MotifConvConfig::init_from), [`MotifConv::to_motifs`]
/// gives the profiles back. [`Architecture`](crate::nn::Architecture) writes it into the configuration of its model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MotifScale {
    /// Factor on the log-odds, above 0; by default 0.5, as in [`ProfileInitConfig`](super::ProfileInitConfig).
    pub factor: f32,
    /// The share of A, C, G and T in the background of the log-odds; by default a quarter each.
    pub background: [f64; 4],
    /// The pseudocount of [`to_log_odds`](crate::motif::ProbabilityMatrix::to_log_odds); by default 0.01.
    pub pseudocount: f64,
}

impl Default for MotifScale {
    fn default() -> Self {
        Self { factor: 0.5, background: [0.25; 4], pseudocount: 0.01 }
    }
}

impl MotifScale {
    /// Returns the default, with the background of motifs that have one.
    pub(in crate::nn) fn for_form(form: &MotifForm) -> Self {
        let background = match form {
            MotifForm::Free => return Self::default(),
            MotifForm::LogOdds { background } => background.map(f64::from),
        };
        let total: f64 = background.iter().sum();
        Self { background: background.map(|share| share / total), ..Self::default() }
    }

    /// Checks the values.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] or [`Error::Mismatch`] for the first that is out of range.
    pub(in crate::nn) fn validate(&self) -> Result<()> {
        let (key, positive) = (|key| format!("motif_scale.{key}"), "a finite number above 0");
        let works = self.factor.is_finite() && self.factor > 0.0;
        Error::unless(works, key("factor"), positive, self.factor)?;
        let works = self.pseudocount.is_finite() && self.pseudocount >= 0.0;
        Error::unless(works, key("pseudocount"), "a finite number of at least 0", self.pseudocount)?;
        Background::new(self.background).map(|_| ())
    }
}

impl MotifConv {
    /// Returns the layer's motifs as profiles named `motif1`, `motif2` and so on: the inverse of
    /// [`MotifConvConfig::init_from`](super::MotifConvConfig::init_from).
    ///
    /// At each position the values, divided by the factor of the scale, are the log-odds of the bases up to a constant.
    /// Motifs that started from profiles and were not trained give these profiles, up to rounding. A profile narrower
    /// than its motif lies between flanks that prefer no base (see [`Motif::trimmed`]). Signal channels and biases are
    /// not part of a profile.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] or [`Error::Mismatch`] for a scale out of range, and [`Error::Mismatch`] if a weight is not
    /// finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     motif::{Background, ProbabilityMatrix},
    ///     nn::{MotifConvConfig, MotifScale, ProfileInitConfig},
    /// };
    ///
    /// let profile = ProbabilityMatrix::new(vec![[0.0, 0.2, 0.8, 0.0], [1.0, 0.0, 0.0, 0.0]])?;
    /// let log_odds = profile.to_log_odds(&Background::UNIFORM, 0.01)?;
    /// let conv = MotifConvConfig::new(1, 4).init_from(&[log_odds], &ProfileInitConfig::new(), &Device::default());
    ///
    /// let motifs = conv.to_motifs(&MotifScale::default())?;
    /// let trimmed = motifs[0].trimmed(0.5).expect("two positions prefer a base");
    /// assert_eq!((motifs[0].matrix.width(), trimmed.matrix.consensus().as_str()), (4, "GA"));
    /// assert!((trimmed.matrix.rows()[0][1] - 0.2).abs() < 1e-6);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn to_motifs(&self, scale: &MotifScale) -> Result<Vec<Motif>> {
        scale.validate()?;
        let background = Background::new(scale.background)?;
        let weight = self.motifs();
        let [_, rows, width] = weight.dims();
        let values: Vec<f32> = weight.into_data().iter::<f32>().collect();
        let motifs = values.chunks_exact(rows * width).zip(1..);
        motifs
            .map(|(motif, number)| {
                let score = |base: usize, position| f64::from(motif[base * width + position] / scale.factor);
                let row = |position| std::array::from_fn(|base| score(base, position));
                let log_odds = LogOddsMatrix::from_scores((0..width).map(row).collect(), &background)?;
                let matrix = log_odds.to_probabilities(scale.pseudocount)?;
                Ok(Motif { id: format!("motif{number}"), name: String::new(), matrix, sites: None })
            })
            .collect()
    }
}
