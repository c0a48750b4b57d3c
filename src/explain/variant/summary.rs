//! How many variants were scored.

use std::{collections::BTreeMap, fmt};

use super::Unscored;

/// How many variants of a file were scored, and why others were not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantSummary {
    /// The records.
    pub records: usize,
    /// Alternatives with a score. A record has one or several alternatives.
    pub scored: usize,
    /// Alternatives without one, by reason.
    pub unscored: BTreeMap<Unscored, usize>,
}

impl VariantSummary {
    /// Counts an alternative.
    pub(super) fn count(&mut self, outcome: Result<(), Unscored>) {
        match outcome {
            Ok(()) => self.scored += 1,
            Err(reason) => *self.unscored.entry(reason).or_default() += 1,
        }
    }
}

impl fmt::Display for VariantSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records, {} alternatives scored", self.records, self.scored)?;
        let skipped: usize = self.unscored.values().sum();
        if skipped > 0 {
            write!(f, ", {skipped} not:")?;
        }
        for (reason, count) in &self.unscored {
            write!(f, "\n{count:>9} {:<20} {reason}", reason.word())?;
        }
        Ok(())
    }
}
