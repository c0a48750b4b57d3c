//! A run in progress.

use crate::{
    Result,
    data::SampleSet,
    nn::Network,
    predict::TrackPrecision,
    train::{
        Validation,
        checkpoint::Checkpoint,
        history::mean_average_precision,
        learner::{Learner, state::State},
    },
};

/// A run in progress.
pub(super) struct ActiveRun<'a, N> {
    pub(super) learner: Learner<'a, N>,
    pub(super) best: N,
    pub(super) state: State,
    pub(super) valid: SampleSet,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl<N: Network> ActiveRun<'_, N> {
    /// Adds a validation to the history, and keeps the network if it is the best so far.
    pub(super) fn record(&mut self, learning_rate: f64, training_loss: f64, tracks: Vec<TrackPrecision>) {
        let average_precision = mean_average_precision(&tracks);
        if self.state.stopping.offer(average_precision) {
            // A separate copy: clones share running means.
            self.best = self.learner.network().valid();
        }
        let (draws, seconds) = (self.state.draws, self.state.seconds);
        self.state.history.push(Validation { draws, seconds, learning_rate, training_loss, average_precision, tracks });
    }

    pub(super) fn save(&self) -> Result<()> {
        self.checkpoint.as_ref().map_or(Ok(()), |saved| saved.save(&self.state, &self.learner, &self.best))
    }
}
