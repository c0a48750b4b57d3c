//! A training under way.

use crate::{
    Result,
    data::SampleSet,
    nn::Network,
    predict::TrackPrecision,
    train::{
        Validation,
        checkpoint::{Checkpoint, State},
        step::Learner,
    },
};

/// A run as it goes.
pub(super) struct Run<'a, N> {
    pub(super) learner: Learner<'a, N>,
    pub(super) best: N,
    pub(super) state: State,
    pub(super) valid: SampleSet,
    pub(super) checkpoint: Option<Checkpoint>,
}

impl<N: Network> Run<'_, N> {
    pub(super) fn look(&mut self, learning_rate: f64, training_loss: f64, tracks: Vec<TrackPrecision>) {
        let scored: Vec<f64> = tracks.iter().filter_map(|track| track.average_precision).collect();
        let average_precision = scored.iter().sum::<f64>() / scored.len() as f64;
        if self.state.stopping.offer(average_precision) {
            // A copy for itself: clones share running means.
            self.best = self.learner.network.valid();
        }
        let (draws, seconds) = (self.state.draws, self.state.seconds);
        self.state.history.push(Validation { draws, seconds, learning_rate, training_loss, average_precision, tracks });
    }

    pub(super) fn save(&self) -> Result<()> {
        self.checkpoint.as_ref().map_or(Ok(()), |saved| saved.save(&self.state, &self.learner, &self.best))
    }
}
