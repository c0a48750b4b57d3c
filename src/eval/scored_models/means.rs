//! The mean score of each model, with its interval.

use super::{Name, ScoredModels};
use crate::eval::{Difference, Resampled};

/// A model's mean average precision over tracks and seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanScore {
    /// The model.
    pub model: String,
    /// The number of seeds.
    pub seeds: u64,
    /// The number of tracks.
    pub tracks: u64,
    /// The mean, and in each replicate of the bootstrap.
    pub score: Difference,
}

impl ScoredModels<'_> {
    /// Returns the mean average precision of some models over the tracks that all of them have, for all their seeds;
    /// nothing for a model without a score, or if there is no such track.
    ///
    /// The replicates draw blocks and seeds as those of [`compare`](Self::compare) do.
    pub fn means(&mut self, models: &[&str]) -> Vec<MeanScore> {
        for model in models {
            self.resample([model, model]);
        }
        // All trainings of a model may have diverged.
        let models: Vec<&str> = models.iter().copied().filter(|model| self.entries(model).next().is_some()).collect();
        let names = self.shared_tracks(&models);
        if names.is_empty() {
            return Vec::new();
        }
        let mean = |model: &str| {
            let seeds: Vec<Vec<&Resampled>> = self
                .entries(model)
                .map(|entry| names.iter().filter_map(|name| entry.resampled(name)).collect())
                .collect();
            let score = self.bootstrap.mean(&seeds);
            MeanScore { model: model.to_owned(), seeds: seeds.len() as u64, tracks: names.len() as u64, score }
        };
        models.into_iter().map(mean).collect()
    }

    /// The tracks that have a score for all seeds of all of some models.
    fn shared_tracks(&self, models: &[&str]) -> Vec<Name> {
        let entries: Vec<_> = models.iter().flat_map(|model| self.entries(model)).collect();
        let is_everywhere = |name: &&Name| entries.iter().all(|entry| entry.resampled(name).is_some());
        entries.first().map_or_else(Vec::new, |first| first.names.iter().filter(is_everywhere).cloned().collect())
    }
}
