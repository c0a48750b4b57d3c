//! What a model reads in a sequence.
//!
//! [`Mutagenesis`] finds the change of each task's log-odds for each base at each position: exact, and for all tasks at
//! once.

mod base_effects;
mod best;
mod engine;
mod html;
mod input;
mod logo;
mod mutagenesis;
mod npz;
#[cfg(test)]
mod tests;
mod tiles;
mod writer;

pub use self::{
    base_effects::{BaseEffects, Origin},
    mutagenesis::Mutagenesis,
    tiles::tiles,
    writer::ExplanationWriter,
};
