//! Balancers against the implementations of their authors, and invariances.

use serde::Deserialize;

use super::*;
use crate::train::RunConfig;

#[derive(Deserialize)]
struct Oracle {
    radius: f64,
    libmtl: Mean,
    scipy: Vec<Solved>,
}

#[derive(Deserialize)]
struct Mean {
    gradients: Vec<Vec<f64>>,
    mean: Vec<f64>,
}

#[derive(Deserialize)]
struct Solved {
    gradients: Vec<Vec<f64>>,
    shares: Vec<f64>,
    least: f64,
    mean: Vec<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/balance.json"));
    serde_json::from_str(text).unwrap()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "expected {expected:?}, found {found:?}");
    }
}

fn rows(gradients: &[Vec<f64>]) -> Gram {
    Gram::from_gradients(&gradients.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn sum(gradients: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let entry = |index: usize| gradients.iter().zip(weights).map(|(row, weight)| row[index] * weight).sum();
    (0..gradients[0].len()).map(entry).collect()
}

/// The weights for gradients that all tasks have.
fn weights(balancer: &mut dyn TaskBalancer, gradients: &[Vec<f64>]) -> Vec<f64> {
    let losses = vec![Some(1.0); gradients.len()];
    balancer.weights(&TaskStep { losses: &losses, gram: Some(&rows(gradients)) })
}

#[test]
fn conflict_averse_gradients_equal_libmtls_and_scipys() {
    let Oracle { radius, libmtl, scipy } = oracle();
    let mean = |gradients: &[Vec<f64>]| {
        let weights = weights(&mut CaGrad::new(radius), gradients);
        sum(gradients, &weights.iter().map(|weight| weight / gradients.len() as f64).collect::<Vec<_>>())
    };
    // LibMTL's solver stops where the objective changes by less than 1e-6.
    assert_close(&mean(&libmtl.gradients), &libmtl.mean, 2e-3);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for solved in &scipy {
        // Ours stops within 1e-6 of the least value, in units of the gradients, which is a thousandth of the way.
        assert_close(&mean(&solved.gradients), &solved.mean, 1e-3);
        let (shares, _) = CaGrad::new(radius).mixture(&rows(&solved.gradients));
        let mixture = sum(&solved.gradients, &shares);
        let even = sum(&solved.gradients, &vec![1.0 / shares.len() as f64; shares.len()]);
        let least = dot(&mixture, &even) + radius * (dot(&even, &even) * dot(&mixture, &mixture)).sqrt();
        assert!((least - solved.least).abs() < 2e-6, "{least} {}", solved.least);
    }
    let mixed = |solved: &Solved| solved.shares.iter().filter(|share| **share > 0.05).count();
    assert_eq!([mixed(&scipy[0]), mixed(&scipy[1])], [1, 4]);
}

const NAMES: [&str; 3] = ["equal", "entropy", "cagrad"];

fn all(tasks: usize) -> [Box<dyn TaskBalancer>; 3] {
    NAMES.map(|name| read(&format!("{name:?}")).unwrap().init(&vec![0.1; tasks]))
}

#[test]
fn a_task_that_is_not_seen_weighs_nothing_and_changes_no_other() {
    let gradients = [vec![1.0, 0.2, 0.0], vec![-0.8, 0.5, 0.1]];
    for (mut two, mut three) in all(2).into_iter().zip(all(3)) {
        let gram = rows(&[&gradients[..], &[vec![0.0; 3]]].concat());
        let unseen = three.weights(&TaskStep { losses: &[Some(0.3), Some(0.2), None], gram: Some(&gram) });
        let alone = two.weights(&TaskStep { losses: &[Some(0.3), Some(0.2)], gram: Some(&rows(&gradients)) });
        assert_eq!((&unseen[..2], unseen[2]), (alone.as_slice(), 0.0), "{three:?}");
        assert!(alone.iter().all(|weight| weight.is_finite() && *weight > 0.0), "{three:?}");
    }
}

#[test]
fn nothing_seen_is_no_weight_and_no_panic() {
    for mut balancer in all(2) {
        let gram = Gram::from_gradients(&[&[0.0], &[0.0]]);
        let weights = balancer.weights(&TaskStep { losses: &[None, None], gram: Some(&gram) });
        assert_eq!(weights, [0.0, 0.0], "{balancer:?}");
    }
}

#[test]
fn entropies_are_those_of_coins() {
    // H(1/2) = 0.693147 and H(1/10) = 0.325083; 1 over them, with a mean of 1.
    let mut balancer = EntropyWeighting::new(&[0.5, 0.1], 1.0);
    let weights = balancer.weights(&TaskStep { losses: &[Some(1.0), Some(1.0)], gram: None });
    assert_close(&weights, &[0.638_525_5, 1.361_474_5], 1e-6);
}

/// A `balance =` of a `config.toml`, after a round trip.
fn read(balance: &str) -> Result<Balance, String> {
    let text = format!("[training]\nbalance = {balance}");
    let config: RunConfig = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    config.validate().map_err(|error| error.to_string())?;
    let written = toml::to_string(&config).unwrap();
    assert_eq!(toml::from_str::<RunConfig>(&written).unwrap(), config, "{written}");
    Ok(config.training.balance)
}

#[test]
fn a_name_is_a_balancer_with_default_settings() {
    let priors = [0.1, 0.01, 0.001];
    let gradients = [vec![1.0, 0.2, 0.0], vec![-0.8, 0.5, 0.1], vec![0.3, -0.4, 1.0]];
    let expected: [Box<dyn TaskBalancer>; 3] =
        [Box::new(Equal), Box::new(EntropyWeighting::new(&priors, 0.5)), Box::new(CaGrad::new(0.5))];
    for (name, mut expected) in NAMES.into_iter().zip(expected) {
        let mut found = read(&format!("{name:?}")).unwrap().init(&priors);
        assert_eq!(weights(&mut *found, &gradients), weights(&mut *expected, &gradients), "{name}");
    }
}

#[test]
fn a_table_changes_settings() {
    for name in ["entropy", "cagrad"] {
        assert_eq!(read(&format!("{{ {name} = {{}} }}")), read(&format!("{name:?}")), "{name}");
    }
    assert_eq!(read("{ entropy = { power = 1 } }"), Ok(Balance::Entropy(EntropyConfig { power: 1.0 })));
    assert_eq!(read("{ cagrad = { radius = 0.0 } }"), Ok(Balance::Cagrad(CaGradConfig { radius: 0.0 })));
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    for (balance, setting) in [
        ("{ entropy = { power = 1.1 } }", "entropy.power: expected 0 to 1, found 1.1"),
        ("{ entropy = { power = nan } }", "entropy.power: expected 0 to 1, found NaN"),
        ("{ cagrad = { radius = 1 } }", "cagrad.radius: expected 0 to 1, 1 excluded, found 1"),
        ("{ cagrad = { radius = -0.1 } }", "cagrad.radius: expected 0 to 1, 1 excluded, found -0.1"),
    ] {
        assert_eq!(read(balance), Err(format!("training.balance.{setting}")));
    }
}

#[test]
fn what_is_no_balancer_is_refused_with_those_there_are() {
    for unknown in ["\"famo\"", "{ famo = { decay = 0.1 } }"] {
        let expected = "unknown variant `famo`, expected one of `equal`, `entropy`, `cagrad`";
        assert_eq!(read(unknown), Err(expected.to_owned()));
    }
    for (balance, error) in [
        ("3", "invalid type: integer `3`, expected the name of a balancer, or { name = { its settings } }"),
        ("{ cagrad = { radis = 0.2 } }", "unknown field `radis`, expected `radius`"),
        ("{ cagrad = 0.2 }", "invalid type: floating point `0.2`, expected settings, as { radius = 0.5 }"),
        ("{ entropy = 0.5 }", "invalid type: floating point `0.5`, expected settings, as { power = 0.5 }"),
        ("{ cagrad = { radius = 0.2 }, entropy = {} }", "expected one balancer, found several"),
    ] {
        assert_eq!(read(balance), Err(error.to_owned()));
    }
}
