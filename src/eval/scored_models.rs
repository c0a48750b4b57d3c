//! Models scored on the same bins, and compared with each other.

mod means;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use self::means::MeanScore;
use crate::{
    Error, Result,
    eval::{Bootstrap, ComparedTrack, ComparisonRow, Evaluation, ModelPair, Reason, Resampled, ScoreRow, TrackRanking},
    metric::RankedTrack,
    predict::Predictions,
};

/// Models scored on the same bins, and compared with each other.
///
/// ```no_run
/// use multitf::{
///     data::{Dataset, Split},
///     eval::{Evaluation, ScoredModels},
///     nn::Model,
/// };
///
/// # fn example(dataset: &Dataset, models: [(&str, Model); 2]) -> multitf::Result<()> {
/// let mut scored = ScoredModels::new(Evaluation::new(dataset, Split::Valid, 300)?);
/// for (name, model) in &models {
///     let predictions = scored.evaluation().predict(model)?;
///     scored.add(name, 0, &predictions)?;
/// }
/// for row in scored.compare(models[0].0, models[1].0)? {
///     println!("{}: {:?} {:?}", row.tf, row.delta, row.verdict);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ScoredModels<'a> {
    evaluation: Evaluation<'a>,
    bootstrap: Bootstrap,
    entries: Vec<Entry>,
    failures: Vec<Failure>,
}

/// A training that failed.
#[derive(Debug)]
struct Failure {
    model: String,
    seed: u64,
    /// The tracks without a score for this model and seed.
    tracks: BTreeSet<Name>,
}

/// A track's factor and cell type.
type Name = (String, String);

/// A model's tracks for one seed.
#[derive(Debug, Default)]
struct Entry {
    model: String,
    seed: u64,
    names: Vec<Name>,
    tracks: Vec<RankedTrack>,
    /// Of the first tracks: a track is resampled when it is first compared.
    resampled: Vec<Option<Resampled>>,
}

impl Entry {
    /// A track, if it has a score and was resampled.
    fn resampled(&self, name: &Name) -> Option<&Resampled> {
        let place = self.names.iter().position(|known| known == name)?;
        self.resampled.get(place)?.as_ref()
    }

    /// Refuses tracks that it has.
    fn check_new(&self, rankings: &[TrackRanking]) -> Result<()> {
        let is_known = |new: &&TrackRanking| self.names.iter().any(|(tf, cell)| (tf, cell) == (&new.tf, &new.cell));
        rankings.iter().find(is_known).map_or(Ok(()), |known| {
            let (model, tf, cell) = (self.model.clone(), known.tf.clone(), known.cell.clone());
            Err(Error::ScoredTwice { model, seed: self.seed, tf, cell })
        })
    }
}

/// A model's track for one seed.
type SeedTrack<'a> = (&'a RankedTrack, &'a Option<Resampled>);

impl<'a> ScoredModels<'a> {
    /// Starts without models.
    pub fn new(evaluation: Evaluation<'a>) -> Self {
        Self { evaluation, bootstrap: Bootstrap::default(), entries: Vec::new(), failures: Vec::new() }
    }

    /// Returns the split on which models are scored.
    pub fn evaluation(&self) -> &Evaluation<'a> {
        &self.evaluation
    }

    /// Scores a model, or a part of it that predicts some of the tasks.
    ///
    /// # Errors
    ///
    /// Those of [`Evaluation::score`], and [`Error::ScoredTwice`] for a track that was scored before for the same
    /// model and seed; then nothing is added.
    pub fn add(&mut self, model: &str, seed: u64, predictions: &Predictions) -> Result<Vec<ScoreRow>> {
        let rows = self.evaluation.score(model, seed, predictions)?;
        let rankings = self.evaluation.rank(predictions)?;
        let known = self.entries.iter().position(|entry| entry.model == model && entry.seed == seed);
        known.map_or(Ok(()), |index| self.entries[index].check_new(&rankings))?;
        let index = known.unwrap_or_else(|| {
            self.entries.push(Entry { model: model.to_owned(), seed, ..Entry::default() });
            self.entries.len() - 1
        });
        for TrackRanking { tf, cell, ranking } in rankings {
            self.entries[index].names.push((tf, cell));
            self.entries[index].tracks.push(ranking);
        }
        Ok(rows)
    }

    /// Notes that the training of a model diverged, so that some tracks, given by factor and cell type, have no score
    /// for this seed.
    pub fn add_failure(&mut self, model: &str, seed: u64, tracks: impl IntoIterator<Item = (String, String)>) {
        self.failures.push(Failure { model: model.to_owned(), seed, tracks: tracks.into_iter().collect() });
    }

    /// Compares pairs of models: the rows of [`compare`](Self::compare) for each pair, corrected for multiple testing
    /// over all of them ([`ComparisonRow::correct`]).
    ///
    /// # Errors
    ///
    /// Those of [`compare`](Self::compare).
    pub fn compare_all(&mut self, pairs: &[(&str, &str)]) -> Result<Vec<ComparisonRow>> {
        let pairs: Vec<Vec<ComparisonRow>> = pairs.iter().map(|(a, b)| self.compare(a, b)).collect::<Result<_>>()?;
        let mut rows = pairs.concat();
        ComparisonRow::correct(&mut rows);
        Ok(rows)
    }

    /// Compares two models on the tracks on which both were scored: a row for each track, and one for their mean.
    ///
    /// Models are paired by the numbers of their seeds, in whatever order they were added. The result is empty if one
    /// of the models has no score. A track whose training [diverged](Self::add_failure) for a seed has a row without
    /// numbers, and is left out of the mean.
    ///
    /// # Errors
    ///
    /// [`Error::NotScored`] where one of the models lacks a track for a seed that the other, or itself elsewhere, has.
    pub fn compare(&mut self, a: &str, b: &str) -> Result<Vec<ComparisonRow>> {
        if [a, b].iter().any(|model| self.entries(model).next().is_none()) {
            return Ok(Vec::new());
        }
        self.resample([a, b]);
        let seeds = self.seeds([a, b]);
        let (mut names, mut left_out) = (Vec::new(), Vec::new());
        for name in self.common_tracks(a, b) {
            match self.diverged([a, b], &seeds, name) {
                Some(model) => left_out.push((name, Reason::Diverged { model: model.to_owned() })),
                None => names.push(name),
            }
        }
        let scored = |model, other| -> Result<Vec<Vec<SeedTrack<'_>>>> {
            let seed_tracks = |&seed| names.iter().map(|name| self.track(model, seed, name, other)).collect();
            seeds.iter().map(seed_tracks).collect()
        };
        let (scored_a, scored_b) = (scored(a, b)?, scored(b, a)?);
        let differences = self.bootstrap.differences(&resampled(&scored_a), &resampled(&scored_b))?;
        let models = ModelPair { model_a: a, model_b: b, split: self.evaluation.split_name() };
        let tracks = names.iter().enumerate().map(|(index, (tf, cell))| {
            let [rankings_a, rankings_b] =
                [&scored_a, &scored_b].map(|seeds| seeds.iter().map(|tracks| tracks[index].0).collect());
            ComparedTrack { tf, cell, rankings_a, rankings_b }
        });
        let tracks: Vec<ComparedTrack<'_>> = tracks.collect();
        let mut rows = ComparisonRow::all(models, &tracks, &differences)?;
        let left_out = left_out
            .into_iter()
            .map(|((tf, cell), reason)| ComparisonRow::without_score(models, (tf, cell), seeds.len() as u64, reason));
        // The mean stays last.
        rows.splice(names.len()..names.len(), left_out);
        Ok(rows)
    }

    /// The seeds for which one of some models was trained.
    fn seeds(&self, models: [&str; 2]) -> BTreeSet<u64> {
        let scored = self.entries.iter().map(|entry| (&entry.model, entry.seed));
        let failed = self.failures.iter().map(|failure| (&failure.model, failure.seed));
        scored.chain(failed).filter(|(model, _)| models.contains(&model.as_str())).map(|(_, seed)| seed).collect()
    }

    /// The first of two models whose training for a track diverged for one of the seeds.
    fn diverged<'b>(&self, models: [&'b str; 2], seeds: &BTreeSet<u64>, name: &Name) -> Option<&'b str> {
        let has_failed = |model: &&str| {
            let is_of = |failure: &Failure| failure.model == *model && failure.tracks.contains(name);
            self.failures.iter().any(|failure| is_of(failure) && seeds.contains(&failure.seed))
        };
        models.into_iter().find(has_failed)
    }

    fn entries(&self, model: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.model == model)
    }

    /// The tracks that both models have or should have, in the order in which they were scored.
    fn common_tracks(&self, a: &str, b: &str) -> Vec<&Name> {
        let has = |model: &str, name: &Name| {
            let mut failures = self.failures.iter().filter(|failure| failure.model == model);
            self.entries(model).any(|entry| entry.names.contains(name))
                || failures.any(|failure| failure.tracks.contains(name))
        };
        let mut names: Vec<&Name> = Vec::new();
        for name in self.entries(a).chain(self.entries(b)).flat_map(|entry| &entry.names) {
            if !names.contains(&name) && has(a, name) && has(b, name) {
                names.push(name);
            }
        }
        names
    }

    fn track(&self, model: &str, seed: u64, name: &Name, other: &str) -> Result<SeedTrack<'_>> {
        let entry = self.entries(model).find(|entry| entry.seed == seed);
        let found = entry.and_then(|entry| {
            let place = entry.names.iter().position(|known| known == name)?;
            Some((&entry.tracks[place], &entry.resampled[place]))
        });
        found.ok_or_else(|| Error::NotScored {
            model: model.to_owned(),
            seed,
            tf: name.0.clone(),
            cell: name.1.clone(),
            other: other.to_owned(),
        })
    }

    /// Resamples the tracks of models that were added since the last time.
    fn resample(&mut self, models: [&str; 2]) {
        let (bootstrap, blocks) = (self.bootstrap, self.evaluation.blocks());
        for entry in self.entries.iter_mut().filter(|entry| models.contains(&entry.model.as_str())) {
            let new = bootstrap.resample(&entry.tracks[entry.resampled.len()..], blocks);
            entry.resampled.extend(new);
        }
    }
}

fn resampled(seeds: &[Vec<SeedTrack<'_>>]) -> Vec<Vec<Option<Resampled>>> {
    seeds.iter().map(|tracks| tracks.iter().map(|(_, resampled)| (*resampled).clone()).collect()).collect()
}
