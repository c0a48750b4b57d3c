//! Tests of models that are scored and compared.

use rand::RngExt;

use super::*;
use crate::{
    data::{Dataset, Split},
    eval::Verdict,
    metric::q_values,
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
fn the_order_in_which_seeds_are_added_does_not_matter() {
    let folder = TestFolder::new("contest-order");
    let dataset = world(&folder);
    let rows = |order_b: [u64; 3]| {
        let mut scored = scored_models(&dataset);
        for seed in 0..3 {
            scored.add("a", seed, &random_scores(&scored, &[1, 4], seed)).unwrap();
        }
        for seed in order_b {
            // The same scores as those of a, seed for seed.
            scored.add("b", seed, &random_scores(&scored, &[1, 4], seed)).unwrap();
            scored.add("c", seed, &random_scores(&scored, &[1, 4], seed + 10)).unwrap();
        }
        scored.compare_all(&[("a", "b"), ("a", "c")]).unwrap()
    };
    let in_order = rows([0, 1, 2]);
    assert_eq!(rows([2, 0, 1]), in_order);
    for row in in_order.iter().filter(|row| row.model_b == "b" && row.delta.is_some()) {
        assert_eq!((row.low, row.high), (Some(0.0), Some(0.0)));
    }
}

#[test]
fn pairs_are_corrected_together_and_one_pair_as_by_itself() {
    let folder = TestFolder::new("contest-pairs");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    for seed in 0..2 {
        for (model, offset) in [("a", 0), ("b", 10), ("c", 20)] {
            scored.add(model, seed, &random_scores(&scored, &[1, 4], seed + offset)).unwrap();
        }
    }
    let one = scored.compare("a", "b").unwrap();
    assert_eq!(scored.compare_all(&[("a", "b")]).unwrap(), one);
    let both = scored.compare_all(&[("a", "b"), ("a", "c")]).unwrap();
    let p_values: Vec<f64> = both.iter().filter(|row| !row.is_mean()).filter_map(|row| row.p).collect();
    let found: Vec<f64> = both.iter().filter(|row| !row.is_mean()).filter_map(|row| row.q).collect();
    assert!(p_values.len() > 3);
    assert_eq!(found, q_values(&p_values));
    assert!(scored.compare_all(&[]).unwrap().is_empty());
}

#[test]
fn one_seed_gives_no_verdict_on_a_track_or_on_the_mean() {
    let folder = TestFolder::new("contest-one-seed");
    let dataset = world(&folder);
    let mut scored = scored_models(&dataset);
    scored.add("a", 3, &random_scores(&scored, &[1, 4], 0)).unwrap();
    scored.add("b", 3, &random_scores(&scored, &[1, 4], 1)).unwrap();
    let rows = scored.compare("a", "b").unwrap();
    let judged: Vec<&ComparisonRow> = rows.iter().filter(|row| row.delta.is_some()).collect();
    assert!(judged.len() > 1 && judged.iter().any(|row| row.is_mean()));
    for row in judged {
        assert_eq!((row.verdict, &row.reason), (Some(Verdict::Undecided), &Some(Reason::OneSeed)));
        assert_eq!(row.detectable, None);
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
    let tracks: Vec<(String, String)> =
        dataset.tracks().map(|track| (track.factor_name.to_owned(), track.cell_name.to_owned())).collect();
    scored.add_failure("single", 1, tracks.iter().filter(|(tf, _)| *tf == factor).cloned());
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
    scored.add_failure("recipe", 1, tracks);
    let rows = scored.compare("recipe", "multi").unwrap();
    assert!(rows.len() > 2 && rows.iter().all(|row| row.delta.is_none()), "{rows:?}");
    assert_eq!(rows.last().unwrap().reason, Some(Reason::NoTrack));
}
