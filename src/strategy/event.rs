//! Events of a comparison.

use std::fmt;

use super::{DivergedRun, Setup, Strategy, TrainedModel};
use crate::train::Progress;

/// An event of a [`Comparison`](super::Comparison). [`Display`](fmt::Display) writes a line.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The comparison begins.
    Begun {
        /// Its setup.
        setup: &'a Setup<'a>,
        /// The number of trainings and fits.
        runs: usize,
    },
    /// A note for the user.
    Note(&'a str),
    /// A training took a step.
    Step {
        /// The index of the run.
        run: usize,
        /// The strategy's name, or `extended`.
        name: &'a str,
        /// The factor, `*` for all of them.
        tf: &'a str,
        /// The progress of the training.
        progress: Progress<'a>,
    },
    /// A network was trained.
    Trained(&'a TrainedModel),
    /// A baseline was fitted.
    Fitted {
        /// The strategy.
        strategy: Strategy,
        /// The factor.
        tf: &'a str,
        /// The seed.
        seed: u64,
        /// The number of samples drawn.
        draws: usize,
        /// The seconds it took.
        seconds: f64,
    },
    /// `rescue` takes another model than the recipe for a factor.
    Chosen {
        /// The factor.
        tf: &'a str,
        /// The seed.
        seed: u64,
        /// The name of the strategy whose model is taken.
        strategy: &'a str,
    },
    /// A training diverged and is left out.
    Diverged(&'a DivergedRun),
    /// A run is done and scored, in this call or an earlier one.
    Done {
        /// The index of the run.
        run: usize,
    },
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun { setup, runs } => write!(formatter, "{setup}, {runs} runs"),
            Self::Note(note) => write!(formatter, "note: {note}"),
            Self::Step { name, tf, progress, .. } => {
                write!(formatter, "{name} {tf}: {} of {} draws", progress.draws, progress.budget)
            }
            Self::Trained(TrainedModel { name, tf, seed, average_precision, draws, seconds, .. }) => write!(
                formatter,
                "{name} {tf} seed {seed}: average precision {average_precision:.3} on the validation split, \
                 {draws} draws, {seconds:.0} s",
            ),
            Self::Fitted { strategy, tf, seed, draws, seconds } => {
                write!(formatter, "{strategy} {tf} seed {seed}: {draws} draws, {seconds:.1} s")
            }
            Self::Chosen { tf, seed, strategy } => write!(formatter, "rescue {tf} seed {seed}: {strategy}"),
            Self::Diverged(diverged) => write!(formatter, "note: {diverged}"),
            Self::Done { run } => write!(formatter, "run {} is done", run + 1),
        }
    }
}
