//! The factors of a simulated world.

use serde::{Deserialize, Serialize};

use super::profile::Profile;
use crate::Result;

/// A transcription factor: its motif, the number of its sites, and its partner.
pub(super) struct Factor {
    pub(super) name: &'static str,
    /// The consensus in IUPAC letters; lower-case letters are weak positions.
    consensus: &'static str,
    /// Sites planted in accessible regions, per million bases.
    pub(super) sites_per_mb: f64,
    /// The openness (log2 of the fold change) at which half of the perfect sites are bound.
    pub(super) half_openness: f64,
    /// An earlier factor of the set that changes the binding nearby.
    pub(super) partner: Option<Partner>,
}

/// The effect of a named factor nearby.
#[derive(Clone, Copy)]
pub(super) enum Partner {
    /// Without it there is hardly any binding.
    Helps(&'static str),
    /// With it there is hardly any.
    Hinders(&'static str),
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

const fn beside(name: &'static str, consensus: &'static str, sites_per_mb: f64, partner: Partner) -> Factor {
    Factor { name, consensus, sites_per_mb, half_openness: 2.0, partner: Some(partner) }
}

/// The factors of a simulated world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactorSet {
    /// Twelve factors that differ in their numbers of sites and in their partners.
    #[default]
    Mixed,
    /// Twelve factors that conflict when a model learns all of them: some share a motif, and a factor nearby helps one
    /// and hinders the other; some are very common, others very rare, with the motif of a common one or with one of
    /// their own; and some have nothing in common but open chromatin.
    Conflicting,
}

impl FactorSet {
    /// Returns the factors, a partner before those that it helps or hinders.
    pub(super) fn list(self) -> &'static [Factor; 12] {
        match self {
            Self::Mixed => &MIXED,
            Self::Conflicting => &CONFLICTING,
        }
    }

    /// Returns the index of a factor in the list.
    pub(super) fn index_of(self, name: &str) -> Option<usize> {
        self.list().iter().position(|factor| factor.name == name)
    }

    /// Returns the index of a factor's partner.
    pub(super) fn partner_index(self, index: usize) -> Option<usize> {
        let (Partner::Helps(name) | Partner::Hinders(name)) = self.list()[index].partner?;
        self.index_of(name)
    }
}

static MIXED: [Factor; 12] = [
    alone("CTCF", "tgrCCAsyAGrkGGCrsyr", 240.0, 1.5),
    alone("REST", "ttCAGCACCatGGACAGcgcc", 20.0, 1.5),
    alone("NRF1", "yGCGCATGCGCr", 60.0, 2.0),
    alone("GABPA", "aCCGGAAGtg", 120.0, 2.0),
    alone("MAX", "rcCACGTGgy", 130.0, 2.0),
    alone("MYC", "ccCACGTGsg", 40.0, 3.2),
    alone("JUND", "grTGAsTCAyc", 170.0, 2.0),
    alone("CEBPB", "rTTGCGCAAy", 90.0, 2.0),
    alone("GATA1", "yaGATAAGaa", 110.0, 2.0),
    beside("TAL1", "rcCATCTGtt", 60.0, Partner::Helps("GATA1")),
    beside("ATF4", "ggATGATGCAAta", 30.0, Partner::Helps("CEBPB")),
    beside("TEAD4", "crCATTCCwg", 60.0, Partner::Helps("JUND")),
];

static CONFLICTING: [Factor; 12] = [
    // Many sites, and nothing in common but open chromatin.
    alone("CTCF", "tgrCCAsyAGrkGGCrsyr", 2400.0, 1.5),
    alone("JUND", "grTGAsTCAyc", 900.0, 1.5),
    alone("GATA1", "yaGATAAGaa", 500.0, 1.5),
    // Pairs with one motif: a neighbour helps one and hinders the other.
    beside("MAX", "rcCACGTGgy", 120.0, Partner::Helps("JUND")),
    beside("MYC", "rcCACGTGgy", 120.0, Partner::Hinders("JUND")),
    beside("TAL1", "rcCATCTGtt", 120.0, Partner::Helps("GATA1")),
    beside("TCF4", "rcCATCTGtt", 120.0, Partner::Hinders("GATA1")),
    // Few sites: with the motif of a common factor, and with their own.
    alone("GABPA", "aCCGGAAGtg", 300.0, 2.0),
    alone("ELK4", "aCCGGAAGtg", 0.0, 4.0),
    alone("REST", "ttCAGCACCatGGACAGcgcc", 0.0, 2.0),
    alone("NRF1", "yGCGCATGCGCr", 0.0, 2.0),
    alone("CEBPB", "rTTGCGCAAy", 0.0, 2.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partners_come_first() {
        for set in [FactorSet::Mixed, FactorSet::Conflicting] {
            for (index, factor) in set.list().iter().enumerate() {
                assert_eq!(set.partner_index(index).is_some(), factor.partner.is_some());
                assert!(set.partner_index(index).is_none_or(|partner| partner < index), "{}", factor.name);
            }
        }
    }
}
