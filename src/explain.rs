//! What a model reads in a sequence.
//!
//! [`Mutagenesis`] finds the change of each task's log-odds for each base at each position: exact, and for all tasks at
//! once.

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
    writer::ExplanationWriter,
};
