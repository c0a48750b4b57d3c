//! Models scored on the same bins, and compared with each other.

use std::collections::BTreeSet;

use super::{
    bootstrap::{Bootstrap, Resampled},
    comparison::{Compared, ComparisonRow},
    evaluation::{Evaluation, Ranked},
    evidence::ComparedTrack,
    reason::Reason,
    score::ScoreRow,
};
use crate::{Error, Result, metric::RankedTrack, predict::Predictions};

/// Models scored on the same bins, and compared with each other.
///
/// ```no_run
/// use multitf::{
///     data::{Dataset, Split},
///     eval::{contest::Contest, evaluation::Evaluation},
///     nn::Model,
/// };
///
/// # fn example(dataset: &Dataset, models: [(&str, Model); 2]) -> multitf::Result<()> {
/// let mut contest = Contest::new(Evaluation::new(dataset, Split::Valid, 300)?);
/// for (name, model) in &models {
///     let predictions = contest.evaluation().predict(model)?;
///     contest.enter(name, 0, &predictions)?;
/// }
/// for row in contest.compare(models[0].0, models[1].0)? {
///     println!("{}: {:?} {:?}", row.tf, row.delta, row.verdict);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Contest<'a> {
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
    /// Those whose tracks have no score for it.
    factors: BTreeSet<String>,
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
    /// Of the first tracks: they are resampled when they are first compared.
    resampled: Vec<Option<Resampled>>,
}

impl Entry {
    fn is_of(&self, model: &str, seed: u64) -> bool {
        self.model == model && self.seed == seed
    }

    /// Refuses a track that is there.
    fn check_new(&self, ranked: &[Ranked]) -> Result<()> {
        let is_known = |new: &&Ranked| self.names.iter().any(|(tf, cell)| (tf, cell) == (&new.tf, &new.cell));
        ranked.iter().find(is_known).map_or(Ok(()), |known| {
            let (model, tf, cell) = (self.model.clone(), known.tf.clone(), known.cell.clone());
            Err(Error::EnteredTwice { model, seed: self.seed, tf, cell })
        })
    }
}

/// A model's track for one seed.
struct Entered<'a> {
    ranked: &'a RankedTrack,
    resampled: &'a Option<Resampled>,
}

impl<'a> Contest<'a> {
    /// Opens a contest on a split.
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
    /// Those of [`Evaluation::score`], and [`Error::EnteredTwice`] for a track that was scored before for the same model
    /// and seed; then nothing is entered.
    pub fn enter(&mut self, model: &str, seed: u64, predictions: &Predictions) -> Result<Vec<ScoreRow>> {
        let rows = self.evaluation.score(model, seed, predictions)?;
        let ranked = self.evaluation.rank(predictions)?;
        let known = self.entries.iter().position(|entry| entry.is_of(model, seed));
        known.map_or(Ok(()), |index| self.entries[index].check_new(&ranked))?;
        let index = known.unwrap_or_else(|| {
            self.entries.push(Entry { model: model.to_owned(), seed, ..Entry::default() });
            self.entries.len() - 1
        });
        for Ranked { tf, cell, track } in ranked {
            self.entries[index].names.push((tf, cell));
            self.entries[index].tracks.push(track);
        }
        Ok(rows)
    }

    /// Notes that the training of a model for some factors diverged, so that it cannot be entered for this seed.
    pub fn leave_out(&mut self, model: &str, seed: u64, factors: impl IntoIterator<Item = String>) {
        self.failures.push(Failure { model: model.to_owned(), seed, factors: factors.into_iter().collect() });
    }

    /// Compares two models on the tracks on which both were scored: a row for each, and one for their mean. Nothing if
    /// one of the models has not been entered. A track that was [left out](Self::leave_out) for a seed has a row without
    /// numbers, and no part in the mean.
    ///
    /// # Errors
    ///
    /// [`Error::NotEntered`] where one of the models lacks a track for a seed that the other, or itself elsewhere, has.
    pub fn compare(&mut self, a: &str, b: &str) -> Result<Vec<ComparisonRow>> {
        if self.of(a).next().is_none() || self.of(b).next().is_none() {
            return Ok(Vec::new());
        }
        self.resample([a, b]);
        let seeds = self.seeds([a, b]);
        let (mut names, mut left_out) = (Vec::new(), Vec::new());
        for name in self.common(a, b) {
            match self.failed([a, b], &seeds, name) {
                Some(model) => left_out.push((name, Reason::Diverged { model: model.to_owned() })),
                None => names.push(name),
            }
        }
        let entered = |model, other| -> Result<Vec<Vec<Entered<'_>>>> {
            let of_seed = |&seed| names.iter().map(|name| self.entered(model, seed, name, other)).collect();
            seeds.iter().map(of_seed).collect()
        };
        let (of_a, of_b) = (entered(a, b)?, entered(b, a)?);
        let differences = self.bootstrap.differences(&resampled(&of_a), &resampled(&of_b))?;
        let compared = Compared { model_a: a, model_b: b, split: self.evaluation.split().name() };
        let track = |index: usize| {
            let (tf, cell) = names[index];
            ComparedTrack { tf, cell, of_a: ranked(&of_a, index), of_b: ranked(&of_b, index) }
        };
        let tracks: Vec<ComparedTrack<'_>> = (0..names.len()).map(track).collect();
        let mut rows = ComparisonRow::all(compared, &tracks, &differences)?;
        let left_out = left_out
            .into_iter()
            .map(|((tf, cell), reason)| ComparisonRow::without_score(compared, (tf, cell), seeds.len() as u64, reason));
        // The mean stays last.
        rows.splice(names.len()..names.len(), left_out);
        Ok(rows)
    }

    /// The seeds for which one of some models was trained.
    fn seeds(&self, models: [&str; 2]) -> BTreeSet<u64> {
        let entered = self.entries.iter().map(|entry| (&entry.model, entry.seed));
        let failed = self.failures.iter().map(|failure| (&failure.model, failure.seed));
        entered.chain(failed).filter(|(model, _)| models.contains(&model.as_str())).map(|(_, seed)| seed).collect()
    }

    /// The first of two models whose training for a track failed for one of the seeds.
    fn failed<'b>(&self, models: [&'b str; 2], seeds: &BTreeSet<u64>, (tf, _): &Name) -> Option<&'b str> {
        let is_of = |failure: &Failure, model: &str| failure.model == model && failure.factors.contains(tf);
        models
            .into_iter()
            .find(|model| self.failures.iter().any(|failure| is_of(failure, model) && seeds.contains(&failure.seed)))
    }

    fn of(&self, model: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.model == model)
    }

    /// The tracks that both models have or should have, in the order in which they were scored on them.
    fn common(&self, a: &str, b: &str) -> Vec<&Name> {
        let has = |model: &str, name: &Name| {
            let failures = self.failures.iter().filter(|failure| failure.model == model);
            self.of(model).any(|entry| entry.names.contains(name))
                || failures.into_iter().any(|failure| failure.factors.contains(&name.0))
        };
        let mut names: Vec<&Name> = Vec::new();
        for name in self.of(a).chain(self.of(b)).flat_map(|entry| &entry.names) {
            if !names.contains(&name) && has(a, name) && has(b, name) {
                names.push(name);
            }
        }
        names
    }

    fn entered(&self, model: &str, seed: u64, name: &Name, other: &str) -> Result<Entered<'_>> {
        let entry = self.of(model).find(|entry| entry.seed == seed);
        let found = entry.and_then(|entry| {
            let place = entry.names.iter().position(|known| known == name)?;
            Some(Entered { ranked: &entry.tracks[place], resampled: &entry.resampled[place] })
        });
        found.ok_or_else(|| Error::NotEntered {
            model: model.to_owned(),
            seed,
            tf: name.0.clone(),
            cell: name.1.clone(),
            other: other.to_owned(),
        })
    }

    /// Resamples the tracks of models that have come since the last time.
    fn resample(&mut self, models: [&str; 2]) {
        let (bootstrap, blocks) = (self.bootstrap, self.evaluation.blocks());
        for entry in self.entries.iter_mut().filter(|entry| models.contains(&entry.model.as_str())) {
            let new = bootstrap.resample(&entry.tracks[entry.resampled.len()..], blocks);
            entry.resampled.extend(new);
        }
    }
}

fn ranked<'a>(seeds: &[Vec<Entered<'a>>], track: usize) -> Vec<&'a RankedTrack> {
    seeds.iter().map(|tracks| tracks[track].ranked).collect()
}

fn resampled(seeds: &[Vec<Entered<'_>>]) -> Vec<Vec<Option<Resampled>>> {
    seeds.iter().map(|tracks| tracks.iter().map(|track| track.resampled.clone()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;
    use crate::{
        data::{
            Dataset, Split,
            simulate::{SimulationConfig, simulate},
        },
        eval::{reason::Reason, verdict::Verdict},
        random::stream,
        testing::TestFolder,
    };

    fn world(folder: &TestFolder) -> Dataset {
        simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        Dataset::open(folder.path().join("dataset.toml")).unwrap()
    }

    fn contest(dataset: &Dataset) -> Contest<'_> {
        Contest::new(Evaluation::new(dataset, Split::Valid, 300).unwrap())
    }

    /// Scores of some tasks, drawn evenly.
    fn drawn(contest: &Contest<'_>, tasks: &[usize], seed: u64) -> Predictions {
        let samples = contest.evaluation().samples().clone();
        let of_task = |task: &usize| {
            let mut random = stream(&[seed, *task as u64]);
            (0..samples.len()).map(|_| random.random()).collect()
        };
        let logits = tasks.iter().map(of_task).collect();
        Predictions { samples, tasks: tasks.to_vec(), logits }
    }

    #[test]
    fn a_track_is_entered_once_for_each_model_and_seed() {
        let folder = TestFolder::new("contest-twice");
        let dataset = world(&folder);
        let mut contest = contest(&dataset);
        let (all, one) = (drawn(&contest, &[1, 4], 0), drawn(&contest, &[4], 1));
        contest.enter("multi", 0, &all).unwrap();
        let factor = &dataset.tasks()[4].factor;
        match contest.enter("multi", 0, &one).unwrap_err() {
            Error::EnteredTwice { model, seed: 0, tf, .. } => assert_eq!((model.as_str(), &tf), ("multi", factor)),
            other => panic!("{other}"),
        }
        // What was refused left nothing behind.
        let new_and_old = drawn(&contest, &[2, 4], 2);
        assert!(contest.enter("multi", 0, &new_and_old).is_err());
        contest.enter("multi", 0, &drawn(&contest, &[2], 3)).unwrap();
        contest.enter("multi", 1, &one).unwrap();
        contest.enter("single", 0, &one).unwrap();
    }

    #[test]
    fn models_are_paired_by_seed_and_compared_where_all_seeds_are() {
        let folder = TestFolder::new("contest-seeds");
        let dataset = world(&folder);
        let mut contest = contest(&dataset);
        let [first, second] = [0, 1].map(|seed| drawn(&contest, &[1, 4], seed));
        contest.enter("a", 0, &first).unwrap();
        contest.enter("a", 1, &second).unwrap();
        contest.enter("b", 1, &second).unwrap();
        match contest.compare("a", "b").unwrap_err() {
            Error::NotEntered { model, seed: 0, other, .. } => assert_eq!((&*model, &*other), ("b", "a")),
            other => panic!("{other}"),
        }
        contest.enter("b", 0, &first).unwrap();
        let rows = contest.compare("a", "b").unwrap();
        let measured = dataset.tracks().filter(|track| [1, 4].contains(&track.task)).count();
        assert_eq!(rows.len(), measured + 1);
        // The same models: no difference in any replicate, whichever seeds are drawn.
        for row in rows.iter().filter(|row| row.delta.is_some()) {
            assert_eq!((row.delta, row.low, row.high, row.seeds), (Some(0.0), Some(0.0), Some(0.0), 2));
        }
        contest.enter("a", 1, &drawn(&contest, &[2], 1)).unwrap();
        assert!(contest.compare("a", "b").is_ok());
        contest.enter("b", 1, &drawn(&contest, &[2], 1)).unwrap();
        assert!(matches!(contest.compare("a", "b"), Err(Error::NotEntered { seed: 0, .. })));
        let other = drawn(&contest, &[4], 0);
        contest.enter("c", 0, &other).unwrap();
        contest.enter("d", 0, &other).unwrap();
        contest.enter("d", 1, &other).unwrap();
        match contest.compare("c", "d").unwrap_err() {
            Error::NotEntered { model, seed: 1, .. } => assert_eq!(model, "c"),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_model_that_ranks_nothing_has_no_verdict() {
        let folder = TestFolder::new("contest-constant");
        let dataset = world(&folder);
        let mut contest = contest(&dataset);
        for seed in [0, 1] {
            let sound = drawn(&contest, &[4], seed);
            let constant = Predictions { logits: vec![vec![-3.0; sound.samples.len()]], ..sound.clone() };
            contest.enter("sound", seed, &sound).unwrap();
            contest.enter("constant", seed, if seed == 1 { &constant } else { &sound }).unwrap();
        }
        let rows = contest.compare("sound", "constant").unwrap();
        let scored: Vec<&ComparisonRow> = rows.iter().filter(|row| row.delta.is_some()).collect();
        assert!(scored.len() > 1 && scored.iter().any(|row| row.is_mean()));
        for row in scored {
            let reason = Reason::ConstantScores { model: "constant".into() };
            assert_eq!((row.verdict, &row.reason), (Some(Verdict::Undecided), &Some(reason)));
        }
    }

    #[test]
    fn a_model_of_parts_is_compared_as_a_whole_one() {
        let folder = TestFolder::new("contest");
        let dataset = world(&folder);
        let mut contest = contest(&dataset);
        let samples = contest.evaluation().samples().clone();
        let mut random = stream(&[1]);
        let mut drawn = || (0..samples.len()).map(|_| random.random::<f32>()).collect::<Vec<f32>>();
        let (first, second, other) = (drawn(), drawn(), drawn());
        let predictions = |tasks: &[usize], logits: Vec<Vec<f32>>| Predictions {
            samples: samples.clone(),
            tasks: tasks.to_vec(),
            logits,
        };
        contest.enter("whole", 0, &predictions(&[1, 4], vec![first.clone(), second.clone()])).unwrap();
        contest.enter("parts", 0, &predictions(&[1], vec![first])).unwrap();
        contest.enter("parts", 0, &predictions(&[4], vec![second])).unwrap();
        contest.enter("other", 0, &predictions(&[4], vec![other])).unwrap();
        let rows = contest.compare("whole", "parts").unwrap();
        let measured = dataset.tracks().filter(|track| [1, 4].contains(&track.task)).count();
        assert_eq!(rows.len(), measured + 1);
        assert!(rows.iter().all(|row| row.delta.is_none_or(|delta| delta == 0.0)));
        let of_whole = contest.compare("whole", "other").unwrap();
        let of_parts = contest.compare("parts", "other").unwrap();
        assert!(of_whole.len() < rows.len() && of_whole.last().unwrap().delta.unwrap() != 0.0);
        for (whole, parts) in of_whole.iter().zip(&of_parts) {
            assert_eq!((&whole.tf, whole.delta, whole.low), (&parts.tf, parts.delta, parts.low));
        }
        assert!(contest.compare("whole", "unknown").unwrap().is_empty());
    }

    #[test]
    fn a_training_that_diverged_costs_its_tracks_their_verdict_and_nobody_else() {
        let folder = TestFolder::new("contest-diverged");
        let dataset = world(&folder);
        let mut contest = contest(&dataset);
        for seed in 0..3 {
            contest.enter("multi", seed, &drawn(&contest, &[1, 4], seed)).unwrap();
            contest.enter("single", seed, &drawn(&contest, &[1], seed + 10)).unwrap();
            if seed != 1 {
                contest.enter("single", seed, &drawn(&contest, &[4], seed + 20)).unwrap();
            }
        }
        assert!(matches!(contest.compare("multi", "single"), Err(Error::NotEntered { seed: 1, .. })));
        let factor = dataset.tasks()[4].factor.clone();
        contest.leave_out("single", 1, [factor.clone()]);
        for (a, b) in [("multi", "single"), ("single", "multi")] {
            let rows = contest.compare(a, b).unwrap();
            let (failed, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.tf == factor);
            assert!(!failed.is_empty() && others.len() > 1 && others.last().unwrap().is_mean());
            for row in failed {
                assert_eq!(row.reason, Some(Reason::Diverged { model: "single".into() }));
                assert_eq!((row.delta, row.verdict, row.seeds), (None, None, 3));
            }
            assert!(others.iter().filter(|row| !row.is_mean()).all(|row| row.delta.is_some()));
        }
        // A model of all factors that diverged for one seed.
        contest.enter("recipe", 0, &drawn(&contest, &[1, 4], 30)).unwrap();
        contest.leave_out("recipe", 1, dataset.tasks().iter().map(|task| task.factor.clone()));
        let rows = contest.compare("recipe", "multi").unwrap();
        assert!(rows.len() > 2 && rows.iter().all(|row| row.delta.is_none()), "{rows:?}");
        assert_eq!(rows.last().unwrap().reason, Some(Reason::NoTrack));
    }
}
