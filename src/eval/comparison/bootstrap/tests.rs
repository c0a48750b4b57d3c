//! Tests of the bootstrap, against NumPy and SciPy.

use serde_json::Value;

use super::*;
use crate::{
    eval::Blocks,
    genome::{
        Interval,
        Label::{self, Bound, Unbound},
    },
    metric::q_values,
};

const BINS_A_BLOCK: usize = 10;

/// Labels, and the scores of two models of the same skill whose errors are shared by the bins of a block.
fn null_world(seed: u64, blocks: usize) -> (Vec<Label>, Vec<f32>, Vec<f32>) {
    let mut random = random::stream(&[seed]);
    let labels: Vec<Label> =
        (0..blocks * BINS_A_BLOCK).map(|_| if random.random_bool(0.15) { Bound } else { Unbound }).collect();
    let mut model = || {
        let shared: Vec<f32> = (0..blocks).map(|_| random.random()).collect();
        let bins = labels.iter().enumerate();
        bins.map(|(bin, label)| {
            let signal = if *label == Bound { 0.5 } else { 0.0 };
            signal + shared[bin / BINS_A_BLOCK] + random.random::<f32>()
        })
        .collect::<Vec<f32>>()
    };
    let (a, b) = (model(), model());
    (labels, a, b)
}

fn blocks_of(blocks: usize) -> Blocks {
    let bins =
        (0..blocks * BINS_A_BLOCK).map(|bin| Interval { chromosome: 0, start: bin * 1_000, end: (bin + 1) * 1_000 });
    Blocks::new(bins, BINS_A_BLOCK * 1_000)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn oracle() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/eval.json");
    serde_json::from_reader(std::fs::File::open(path).unwrap()).unwrap()
}

#[test]
fn q_values_equal_scipy() {
    for case in oracle()["false_discovery"].as_array().unwrap() {
        let found = q_values(&numbers(&case["p"]));
        let expected = numbers(&case["q"]);
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
    }
}

#[test]
fn percentiles_equal_numpy() {
    let oracle = oracle();
    let cases = oracle["intervals"].as_array().unwrap();
    assert!(cases.len() > 5);
    for case in cases {
        let (low, high) = Difference::new(0.0, numbers(&case["replicates"])).interval();
        let expected = numbers(&case["interval"]);
        assert!((low - expected[0]).abs() < 1e-12 && (high - expected[1]).abs() < 1e-12, "{low} {high} {expected:?}");
    }
}

#[test]
fn intervals_equal_numpy_within_monte_carlo_error() {
    for case in oracle()["bootstrap"].as_array().unwrap() {
        let block_of_bins: Vec<u32> = numbers(&case["block"]).into_iter().map(|block| block as u32).collect();
        let blocks = *block_of_bins.last().unwrap() as usize + 1;
        let bound = case["bound"].as_array().unwrap().iter();
        let labels: Vec<Label> = bound.map(|bound| if bound.as_bool().unwrap() { Bound } else { Unbound }).collect();
        let bootstrap = Bootstrap { replicates: case["replicates"].as_u64().unwrap() as usize, seed: 5 };
        let model = |name: &str| -> Vec<Vec<Option<Resampled>>> {
            let seeds = case[name].as_array().unwrap().iter();
            seeds
                .map(|scores| {
                    let scores: Vec<f32> = numbers(scores).into_iter().map(|score| score as f32).collect();
                    let track = RankedTrack::new(&scores, &labels, &block_of_bins).unwrap();
                    bootstrap.resample(&[track], blocks)
                })
                .collect()
        };
        let differences = bootstrap.differences(&model("a"), &model("b")).unwrap();
        let difference = differences.tracks()[0].as_ref().unwrap();
        assert!((difference.delta() - case["delta"].as_f64().unwrap()).abs() < 1e-12);
        let (low, high) = difference.interval();
        for (name, found) in [("low", low), ("high", high), ("p", difference.p_value())] {
            let mean = case["mean"][name].as_f64().unwrap();
            let sd = case["sd"][name].as_f64().unwrap();
            // The standard deviation is known from few runs only, and that of p can be 0 by luck.
            assert!((found - mean).abs() < 6.0 * sd + 5e-4, "{name}: {found}, expected {mean} +- {sd}");
        }
    }
}

#[test]
fn intervals_hold_no_difference_in_about_95_of_100_null_worlds() {
    const WORLDS: u64 = 300;
    let blocks = blocks_of(40);
    let bootstrap = Bootstrap { replicates: 400, seed: 3 };
    let results: Vec<(bool, bool)> = (0..WORLDS)
        .map(|seed| {
            let (labels, a, b) = null_world(seed, 40);
            let [a, b] =
                [a, b].map(|scores| bootstrap.resample(&[blocks.rank(&scores, &labels).unwrap()], blocks.len()));
            let differences = bootstrap.differences(&[a], &[b]).unwrap();
            let difference = differences.tracks()[0].as_ref().unwrap();
            let (low, high) = difference.interval();
            (low <= 0.0 && 0.0 <= high, difference.p_value() < 0.05)
        })
        .collect();
    let covered = results.iter().filter(|(covered, _)| *covered).count();
    let called = results.iter().filter(|(_, called)| *called).count();
    println!("{covered} covered, {called} called different, of {WORLDS}");
    // Intervals of 90 % held it in 269.
    assert!((276..=292).contains(&covered), "{covered} of {WORLDS}");
    assert!((8..=22).contains(&called), "{called} of {WORLDS}");
}

#[test]
fn with_three_seeds_and_many_blocks_intervals_hold_no_difference_in_about_95_of_100_worlds() {
    const WORLDS: u64 = 250;
    const SEEDS: usize = 3;
    let blocks = blocks_of(80);
    let bootstrap = Bootstrap { replicates: 300, seed: 3 };
    let is_covered = |world: &u64| {
        let (labels, _, _) = null_world(*world, 80);
        let mut random = random::stream(&[*world, 1]);
        let mut model = || {
            // A block errs alike in all trainings; the strength of the signal is the training's.
            let shared: Vec<f32> = (0..80).map(|_| random.random()).collect();
            let mut train = || {
                let strength = 0.5 + 0.1 * (random.random::<f32>() - 0.5);
                let bins = labels.iter().enumerate();
                let scores = bins.map(|(bin, label)| {
                    let signal = if *label == Bound { strength } else { 0.0 };
                    signal + shared[bin / BINS_A_BLOCK] + random.random::<f32>()
                });
                let ranked = blocks.rank(&scores.collect::<Vec<f32>>(), &labels).unwrap();
                bootstrap.resample(&[ranked], blocks.len())
            };
            (0..SEEDS).map(|_| train()).collect::<Vec<_>>()
        };
        let (a, b) = (model(), model());
        let (low, high) = bootstrap.differences(&a, &b).unwrap().tracks()[0].as_ref().unwrap().interval();
        low <= 0.0 && 0.0 <= high
    };
    let covered = (0..WORLDS).filter(is_covered).count() as f64 / WORLDS as f64;
    println!("coverage {covered:.3}");
    assert!((0.9..=0.99).contains(&covered), "{covered}");
}

#[test]
fn threads_and_company_do_not_change_a_replicate() {
    let blocks = blocks_of(25);
    let (labels, a, b) = null_world(1, 25);
    let tracks = [blocks.rank(&a, &labels).unwrap(), blocks.rank(&b, &labels).unwrap()];
    let bootstrap = Bootstrap { replicates: 200, seed: 9 };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = pool(1).install(|| bootstrap.resample(&tracks, blocks.len()));
    let three = pool(3).install(|| bootstrap.resample(&tracks, blocks.len()));
    assert_eq!(one, three);
    assert_eq!(bootstrap.resample(&tracks[1..], blocks.len())[0], one[1]);
}

#[test]
fn a_replicate_draws_as_many_blocks_as_there_are() {
    let bootstrap = Bootstrap::default();
    let weights = bootstrap.draw(7, 0, 50);
    assert_eq!(weights.iter().sum::<u32>(), 50);
    assert_ne!(weights, bootstrap.draw(8, 0, 50));
    assert_ne!(weights, bootstrap.draw(7, 1, 50));
    assert_eq!(bootstrap.draw_seeds(7, 3).iter().sum::<u32>(), 3);
}

#[test]
fn bound_bins_in_one_block_are_drawn_again_until_they_come() {
    let blocks = blocks_of(30);
    let (_, scores, _) = null_world(2, 30);
    let labels: Vec<Label> = (0..scores.len()).map(|bin| if bin < 3 { Bound } else { Unbound }).collect();
    let bootstrap = Bootstrap { replicates: 500, seed: 0 };
    let track = blocks.rank(&scores, &labels).unwrap();
    let is_missed = |replicate: &usize, attempt| bootstrap.draw(*replicate, attempt, 30)[0] == 0;
    let first_missed: Vec<usize> = (0..500).filter(|replicate| is_missed(replicate, 0)).collect();
    assert!(first_missed.len() > 100, "{first_missed:?}");
    let resampled = bootstrap.resample(&[track], blocks.len()).remove(0).unwrap();
    assert_eq!(resampled.replicates().len(), 500);
    assert!(resampled.replicates().iter().all(|score| *score > 0.0 && *score <= 1.0));
    // A second miss is followed by a third draw, not by what all blocks give.
    let twice =
        first_missed.iter().filter(|replicate| is_missed(replicate, 1)).map(|place| resampled.replicates()[*place]);
    let (all, other): (usize, usize) =
        twice.fold((0, 0), |(all, other), score| (all + 1, other + usize::from(score != resampled.point_estimate())));
    assert!(all > 30 && other > all / 2, "{other} of {all}");
}

#[test]
fn a_track_without_a_bound_bin_has_no_difference_and_keeps_its_place() {
    let blocks = blocks_of(10);
    let (labels, scores, _) = null_world(4, 10);
    let unbound = vec![Unbound; labels.len()];
    let tracks = [blocks.rank(&scores, &unbound).unwrap(), blocks.rank(&scores, &labels).unwrap()];
    let bootstrap = Bootstrap { replicates: 70, seed: 0 };
    let model = bootstrap.resample(&tracks, blocks.len());
    let differences = bootstrap.differences(std::slice::from_ref(&model), std::slice::from_ref(&model)).unwrap();
    assert!(differences.tracks()[0].is_none());
    let itself = differences.tracks()[1].as_ref().unwrap();
    assert_eq!((itself.delta(), itself.interval(), itself.p_value()), (0.0, (0.0, 0.0), 1.0));
}

#[test]
fn no_tracks_and_no_blocks_give_nothing() {
    let bootstrap = Bootstrap::default();
    assert!(bootstrap.resample(&[], 0).is_empty());
    let empty = Blocks::new([], 10_000);
    assert_eq!(bootstrap.resample(&[empty.rank(&[], &[]).unwrap()], empty.len()), [None]);
}

#[test]
fn sides_that_do_not_match_are_refused() {
    let bootstrap = Bootstrap { replicates: 2, seed: 0 };
    let track = |replicates| Some(Resampled { point_estimate: 0.5, replicates: vec![0.5; replicates] });
    let message = |a: &[Vec<Option<Resampled>>], b: &[Vec<Option<Resampled>>]| {
        bootstrap.differences(a, b).unwrap_err().to_string()
    };
    assert_eq!(message(&[], &[]), "number of seeds: expected 1, found 0");
    assert_eq!(message(&[], &[vec![track(2)]]), "number of seeds: expected 1, found 0");
    assert_eq!(message(&[vec![]], &[vec![], vec![]]), "number of seeds: expected 1, found 2");
    assert_eq!(message(&[vec![track(2)]], &[vec![]]), "number of tracks: expected 1, found 0");
    assert_eq!(message(&[vec![track(2)]], &[vec![track(3)]]), "number of replicates: expected 2, found 3");
}
