//! The base frequencies of a genome.

use crate::{Error, Result};

/// How often A, C, G and T occur where nothing binds.
///
/// # Examples
///
/// ```
/// use multitf::motif::Background;
///
/// let yeast = Background::new([0.31, 0.19, 0.19, 0.31])?;
/// assert_eq!(yeast.frequencies()[0], 0.31);
/// assert!(Background::new([0.5, 0.5, 0.0, 0.0]).is_err());
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Background([f64; 4]);

impl Background {
    /// A quarter each.
    pub const UNIFORM: Self = Self([0.25; 4]);

    /// Makes a background of four frequencies, divided by their sum.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) unless all are above 0 and they sum to 1, give or take 0.01.
    pub fn new(frequencies: [f64; 4]) -> Result<Self> {
        let sum: f64 = frequencies.iter().sum();
        if frequencies.iter().all(|&frequency| frequency > 0.0) && (sum - 1.0).abs() <= 0.01 {
            return Ok(Self(frequencies.map(|frequency| frequency / sum)));
        }
        Err(Error::mismatch("background", "four frequencies above 0 that sum to 1", format!("{frequencies:?}")))
    }

    /// Returns the background of the other strand.
    pub(super) fn reverse_complement(self) -> Self {
        let [a, c, g, t] = self.0;
        Self([t, g, c, a])
    }

    /// Returns the frequencies, in the order A, C, G, T.
    pub fn frequencies(&self) -> [f64; 4] {
        self.0
    }
}

impl Default for Background {
    fn default() -> Self {
        Self::UNIFORM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_that_are_no_background_are_an_error() {
        for wrong in
            [[0.5, 0.25, 0.25, 0.0], [0.3; 4], [f64::NAN; 4], [f64::INFINITY, 0.1, 0.1, 0.1], [-0.5, 0.5, 0.5, 0.5]]
        {
            assert!(Background::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
