//! Tests of models that are scored and compared.

use rand::RngExt;

use super::*;
use crate::{
    data::{Dataset, Split},
    eval::Verdict,
    random::stream,
    simulate::{SimulationConfig, simulate},
    testing::TestFolder,
};

fn world(folder: &TestFolder) -> Dataset {
    simulate(&SimulationConfig { total_bases: 600_000, ..SimulationConfig::default() }, folder.path()).unwrap();
    Dataset::open(folder.path().join("dataset.toml")).unwrap()
}

fn scored_models(dataset: &Dataset) -> ScoredModels<'_> {
    ScoredModels::new(Evaluation::new(dataset, Split::Valid, 300).unwrap())
}

/// Random scores of some tasks.
fn random_scores(scored: &ScoredModels<'_>, tasks: &[usize], seed: u64) -> Predictions {
    let samples = scored.evaluation().samples().clone();
    let of_task = |task: &usize| {
        let mut random = stream(&[seed, *task as u64]);
        (0..samples.len()).map(|_| random.random()).collect()
    };
    let logits = tasks.iter().map(of_task).collect();
    Predictions { samples, tasks: tasks.to_vec(), logits }
}

#[test]
fn a_track_is_scored_once_for_each_model_and_seed() {
    let folder = TestFolder::new("contest-twice");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    let (all, one) = (random_scores(&scored, &[1, 4], 0), random_scores(&scored, &[4], 1));
    scored.add("multi", 0, &all).unwrap();
    let factor = &dataset.tasks()[4].factor;
    match scored.add("multi", 0, &one).unwrap_err() {
        Error::ScoredTwice { model, seed: 0, tf, .. } => assert_eq!((model.as_str(), &tf), ("multi", factor)),
        other => panic!("{other}"),
    }
    // What was refused left nothing behind.
    let new_and_old = random_scores(&scored, &[2, 4], 2);
    assert!(scored.add("multi", 0, &new_and_old).is_err());
    scored.add("multi", 0, &random_scores(&scored, &[2], 3)).unwrap();
    scored.add("multi", 1, &one).unwrap();
    scored.add("single", 0, &one).unwrap();
}

#[test]
fn models_are_paired_by_seed_and_compared_where_all_seeds_are() {
    let folder = TestFolder::new("contest-seeds");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    let [first, second] = [0, 1].map(|seed| random_scores(&scored, &[1, 4], seed));
    scored.add("a", 0, &first).unwrap();
    scored.add("a", 1, &second).unwrap();
    scored.add("b", 1, &second).unwrap();
    match scored.compare("a", "b").unwrap_err() {
        Error::NotScored { model, seed: 0, other, .. } => assert_eq!((&*model, &*other), ("b", "a")),
        other => panic!("{other}"),
    }
    scored.add("b", 0, &first).unwrap();
    let rows = scored.compare("a", "b").unwrap();
    let measured = dataset.tracks().filter(|track| [1, 4].contains(&track.task)).count();
    assert_eq!(rows.len(), measured + 1);
    // The same models: no difference in any replicate, whichever seeds are drawn.
    for row in rows.iter().filter(|row| row.delta.is_some()) {
        assert_eq!((row.delta, row.low, row.high, row.seeds), (Some(0.0), Some(0.0), Some(0.0), 2));
    }
    scored.add("a", 1, &random_scores(&scored, &[2], 1)).unwrap();
    assert!(scored.compare("a", "b").is_ok());
    scored.add("b", 1, &random_scores(&scored, &[2], 1)).unwrap();
    assert!(matches!(scored.compare("a", "b"), Err(Error::NotScored { seed: 0, .. })));
    let other = random_scores(&scored, &[4], 0);
    scored.add("c", 0, &other).unwrap();
    scored.add("d", 0, &other).unwrap();
    scored.add("d", 1, &other).unwrap();
    match scored.compare("c", "d").unwrap_err() {
        Error::NotScored { model, seed: 1, .. } => assert_eq!(model, "c"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_model_that_ranks_nothing_has_no_verdict() {
    let folder = TestFolder::new("contest-constant");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    for seed in [0, 1] {
        let sound = random_scores(&scored, &[4], seed);
        let constant = Predictions { logits: vec![vec![-3.0; sound.samples.len()]], ..sound.clone() };
        scored.add("sound", seed, &sound).unwrap();
        scored.add("constant", seed, if seed == 1 { &constant } else { &sound }).unwrap();
    }
    let rows = scored.compare("sound", "constant").unwrap();
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
    let mut scored = scored_models(&dataset);
    let samples = scored.evaluation().samples().clone();
    let mut random = stream(&[1]);
    let mut random_scores = || (0..samples.len()).map(|_| random.random::<f32>()).collect::<Vec<f32>>();
    let (first, second, other) = (random_scores(), random_scores(), random_scores());
    let predictions = |tasks: &[usize], logits: Vec<Vec<f32>>| Predictions {
        samples: samples.clone(),
        tasks: tasks.to_vec(),
        logits,
    };
    scored.add("whole", 0, &predictions(&[1, 4], vec![first.clone(), second.clone()])).unwrap();
    scored.add("parts", 0, &predictions(&[1], vec![first])).unwrap();
    scored.add("parts", 0, &predictions(&[4], vec![second])).unwrap();
    scored.add("other", 0, &predictions(&[4], vec![other])).unwrap();
    let rows = scored.compare("whole", "parts").unwrap();
    let measured = dataset.tracks().filter(|track| [1, 4].contains(&track.task)).count();
    assert_eq!(rows.len(), measured + 1);
    assert!(rows.iter().all(|row| row.delta.is_none_or(|delta| delta == 0.0)));
    let of_whole = scored.compare("whole", "other").unwrap();
    let of_parts = scored.compare("parts", "other").unwrap();
    assert!(of_whole.len() < rows.len() && of_whole.last().unwrap().delta.unwrap() != 0.0);
    for (whole, parts) in of_whole.iter().zip(&of_parts) {
        assert_eq!((&whole.tf, whole.delta, whole.low), (&parts.tf, parts.delta, parts.low));
    }
    assert!(scored.compare("whole", "unknown").unwrap().is_empty());
}

#[test]
fn a_training_that_diverged_costs_its_tracks_their_verdict_and_nobody_else() {
    let folder = TestFolder::new("contest-diverged");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    for seed in 0..3 {
        scored.add("multi", seed, &random_scores(&scored, &[1, 4], seed)).unwrap();
        scored.add("single", seed, &random_scores(&scored, &[1], seed + 10)).unwrap();
        if seed != 1 {
            scored.add("single", seed, &random_scores(&scored, &[4], seed + 20)).unwrap();
        }
    }
    assert!(matches!(scored.compare("multi", "single"), Err(Error::NotScored { seed: 1, .. })));
    let factor = dataset.tasks()[4].factor.clone();
    scored.add_failure("single", 1, [factor.clone()]);
    for (a, b) in [("multi", "single"), ("single", "multi")] {
        let rows = scored.compare(a, b).unwrap();
        let (failed, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.tf == factor);
        assert!(!failed.is_empty() && others.len() > 1 && others.last().unwrap().is_mean());
        for row in failed {
            assert_eq!(row.reason, Some(Reason::Diverged { model: "single".into() }));
            assert_eq!((row.delta, row.verdict, row.seeds), (None, None, 3));
        }
        assert!(others.iter().filter(|row| !row.is_mean()).all(|row| row.delta.is_some()));
    }
    // A model of all factors that diverged for one seed.
    scored.add("recipe", 0, &random_scores(&scored, &[1, 4], 30)).unwrap();
    scored.add_failure("recipe", 1, dataset.tasks().iter().map(|task| task.factor.clone()));
    let rows = scored.compare("recipe", "multi").unwrap();
    assert!(rows.len() > 2 && rows.iter().all(|row| row.delta.is_none()), "{rows:?}");
    assert_eq!(rows.last().unwrap().reason, Some(Reason::NoTrack));
}
