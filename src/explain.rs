//! What a model reads in a sequence.
//!
//! - [`Mutagenesis`] finds the change of each task's log-odds for each base at each position: exact, and for all tasks
//!   at once.
//! - [`HitFinder`] finds the sites of motifs that a task rests on.
//! - [`VariantScorer`] says what the variants of a genome do, and [`VariantAnnotator`] those of a VCF file.

mod base_effects;
mod borrowed;
mod bound_bins;
mod engine;
mod filter;
mod filter_profiles;
mod hit;
mod input;
mod mutagenesis;
#[cfg(test)]
mod tests;
mod tiles;
mod variant;
mod writer;

pub use self::{
    base_effects::{BaseEffects, Origin},
    borrowed::{MotifOwners, MotifShares},
    bound_bins::bound_bins,
    filter::Filter,
    filter_profiles::filter_profiles,
    hit::{HitFinder, MotifHit},
    mutagenesis::Mutagenesis,
    tiles::tiles,
    variant::{Unscored, VariantAnnotator, VariantEffect, VariantScorer, VariantSummary, VariantValue},
    writer::ExplanationWriter,
};
