//! The twelve factors of a simulated world.

use super::profile::Profile;
use crate::Result;

/// A transcription factor: what it binds, how often, and with whose help.
pub(super) struct Factor {
    pub(super) name: &'static str,
    /// The consensus in IUPAC letters; small letters are weak positions.
    consensus: &'static str,
    /// Sites planted in accessible regions, in a million bases.
    pub(super) sites_per_mb: f64,
    /// The openness (log2 of the fold change) at which half of the perfect sites are bound.
    pub(super) half_openness: f64,
    /// The factor that has to be bound nearby, an earlier one of the list, for good binding.
    pub(super) partner: Option<&'static str>,
}

impl Factor {
    /// Returns the profile of the factor's sites.
    pub(super) fn profile(&self) -> Result<Profile> {
        Profile::from_consensus(self.consensus)
    }
}

const fn alone(name: &'static str, consensus: &'static str, sites_per_mb: f64, half_openness: f64) -> Factor {
    Factor { name, consensus, sites_per_mb, half_openness, partner: None }
}

const fn helped(name: &'static str, consensus: &'static str, sites_per_mb: f64, partner: &'static str) -> Factor {
    Factor { name, consensus, sites_per_mb, half_openness: 2.0, partner: Some(partner) }
}

/// The factors, a partner before those that it helps.
pub(super) const FACTORS: [Factor; 12] = [
    alone("CTCF", "tgrCCAsyAGrkGGCrsyr", 240.0, 1.5),
    alone("REST", "ttCAGCACCatGGACAGcgcc", 20.0, 1.5),
    alone("NRF1", "yGCGCATGCGCr", 60.0, 2.0),
    alone("GABPA", "aCCGGAAGtg", 120.0, 2.0),
    alone("MAX", "rcCACGTGgy", 130.0, 2.0),
    alone("MYC", "ccCACGTGsg", 40.0, 3.2),
    alone("JUND", "grTGAsTCAyc", 170.0, 2.0),
    alone("CEBPB", "rTTGCGCAAy", 90.0, 2.0),
    alone("GATA1", "yaGATAAGaa", 110.0, 2.0),
    helped("TAL1", "rcCATCTGtt", 60.0, "GATA1"),
    helped("ATF4", "ggATGATGCAAta", 30.0, "CEBPB"),
    helped("TEAD4", "crCATTCCwg", 60.0, "JUND"),
];

/// Returns the place of a factor in the list.
pub(super) fn index_of(name: &str) -> Option<usize> {
    FACTORS.iter().position(|factor| factor.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partners_come_first() {
        for (index, factor) in FACTORS.iter().enumerate() {
            assert!(factor.partner.is_none_or(|partner| index_of(partner).unwrap() < index), "{}", factor.name);
        }
    }
}
