//! Balancers against the implementations of their authors, and invariances.

use serde::Deserialize;

use super::{gradients::pcgrad::projected, *};
use crate::train::RunConfig;

#[derive(Deserialize)]
struct Oracle {
    losses: Vec<Vec<f64>>,
    after: Vec<Vec<f64>>,
    uncertainty: Uncertainty,
    dynamic_average: Dynamic,
    famo: FamoRun,
    tchebycheff: Tchebycheff,
    pcgrad: Projected,
    cagrad: Averse,
    aligned: Aligned,
}

#[derive(Deserialize)]
struct Uncertainty {
    rate: f64,
    weights: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Dynamic {
    temperature: f64,
    period: usize,
    weights: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct FamoRun {
    rate: f64,
    decay: f64,
    weights: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Tchebycheff {
    smoothing: f64,
    first_steps: usize,
    weights: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Projected {
    gradients: Vec<Vec<f64>>,
    orders: Vec<Vec<usize>>,
    sum: Vec<f64>,
}

#[derive(Deserialize)]
struct Averse {
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

#[derive(Deserialize)]
struct Aligned {
    gradients: Vec<Vec<f64>>,
    sum: Vec<f64>,
}

fn oracle() -> Oracle {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/balance.json"));
    serde_json::from_str(text).unwrap()
}

fn seen(losses: &[f64]) -> Vec<Option<f64>> {
    losses.iter().copied().map(Some).collect()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "expected {expected:?}, found {found:?}");
    }
}

/// The weights of each step, given the losses after it.
fn run(balancer: &mut dyn TaskBalancer, losses: &[Vec<f64>], after: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let step = |(before, after): (&Vec<f64>, &Vec<f64>)| {
        let weights = balancer.weights(&TaskStep { losses: &seen(before), gram: None });
        balancer.after_step(&seen(after));
        weights
    };
    losses.iter().zip(after).map(step).collect()
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
fn weights_of_losses_equal_those_of_libmtl_and_the_papers() {
    let Oracle { losses, after, uncertainty, dynamic_average, famo, tchebycheff, .. } = oracle();
    let tasks = losses[0].len();
    let check = |balancer: &mut dyn TaskBalancer, expected: &[Vec<f64>]| {
        for (found, expected) in run(balancer, &losses, &after).iter().zip(expected) {
            assert_close(found, expected, 1e-6);
        }
    };
    check(&mut UncertaintyWeighting::new(tasks, uncertainty.rate), &uncertainty.weights);
    let Dynamic { temperature, period, weights } = dynamic_average;
    check(&mut DynamicAverage::new(tasks, temperature, period), &weights);
    check(&mut Famo::new(tasks, famo.rate, famo.decay), &famo.weights);
    let Tchebycheff { smoothing, first_steps, weights } = tchebycheff;
    check(&mut SmoothTchebycheff::new(tasks, smoothing, first_steps), &weights);
}

#[test]
fn projected_gradients_equal_libmtls() {
    let Projected { gradients, orders, sum: expected } = oracle().pcgrad;
    let weights = projected(&rows(&gradients), |task| orders[task].clone());
    assert_close(&sum(&gradients, &weights), &expected, 1e-6);
    assert!(weights.iter().any(|weight| *weight > 1.01), "nothing conflicts");
}

#[test]
fn conflict_averse_gradients_equal_libmtls_and_scipys() {
    let Averse { radius, libmtl, scipy } = oracle().cagrad;
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
    assert_eq!([mixed(&scipy[0]), mixed(&scipy[1])], [1, 5]);
}

#[test]
fn aligned_gradients_equal_those_of_a_singular_value_decomposition() {
    let Aligned { gradients, sum: expected } = oracle().aligned;
    assert_close(&sum(&gradients, &weights(&mut AlignedMtl, &gradients)), &expected, 1e-9);
}

const NAMES: [&str; 9] =
    ["equal", "entropy", "uncertainty", "dynamic-average", "famo", "tchebycheff", "pcgrad", "cagrad", "aligned"];

fn all(tasks: usize) -> Vec<Box<dyn TaskBalancer>> {
    let choices = NAMES.map(|name| serde_json::from_value::<Balance>(name.into()).unwrap());
    choices.map(|choice| choice.init(&vec![0.1; tasks], 3)).into()
}

/// Weights of a step in which the third task is seen or not, for a balancer that has been at work for a while.
fn later(balancer: &mut dyn TaskBalancer, steps: usize, third: Option<f64>) -> Vec<f64> {
    let gradients = [vec![1.0, 0.2, 0.0], vec![-0.8, 0.5, 0.1], vec![0.3, -0.4, 1.0]];
    let gradients: Vec<Vec<f64>> = gradients
        .into_iter()
        .enumerate()
        .map(|(task, row)| if task == 2 && third.is_none() { vec![0.0; 3] } else { row })
        .collect();
    let mut weights = Vec::new();
    for step in 0..steps {
        let losses = [Some(0.5 - 0.001 * step as f64), Some(0.2), third];
        weights = balancer.weights(&TaskStep { losses: &losses, gram: Some(&rows(&gradients)) });
        balancer.after_step(&losses.map(|loss| loss.map(|loss| 0.9 * loss)));
    }
    weights
}

#[test]
fn a_task_that_is_not_seen_weighs_nothing_and_keeps_its_state() {
    for mut balancer in all(3) {
        later(&mut *balancer, 120, Some(0.3));
        let third_task = |balancer: &dyn TaskBalancer| {
            // As many numbers for each task, after a step's number if there is one.
            let state = balancer.state();
            state[state.len() - state.len() / 3..].to_vec()
        };
        let before = third_task(&*balancer);
        let weights = later(&mut *balancer, 20, None);
        assert_eq!(weights[2], 0.0, "{balancer:?}");
        assert!(weights[..2].iter().all(|weight| weight.is_finite()) && weights[..2] != [0.0, 0.0], "{balancer:?}");
        assert_eq!(third_task(&*balancer), before, "{balancer:?}");
    }
}

#[test]
fn nothing_seen_is_no_weight_and_no_panic() {
    for mut balancer in all(2) {
        let gram = Gram::from_gradients(&[&[0.0], &[0.0]]);
        let weights = balancer.weights(&TaskStep { losses: &[None, None], gram: Some(&gram) });
        assert_eq!(weights, [0.0, 0.0], "{balancer:?}");
        balancer.after_step(&[None, None]);
    }
}

#[test]
fn a_restored_balancer_goes_on_as_if_it_had_never_stopped() {
    for (mut balancer, mut other) in all(3).into_iter().zip(all(3)) {
        later(&mut *balancer, 205, Some(0.3));
        other.restore(&balancer.state());
        // A period ends meanwhile.
        for steps in [3, 120] {
            assert_eq!(later(&mut *balancer, steps, Some(0.4)), later(&mut *other, steps, Some(0.4)), "{balancer:?}");
        }
    }
}

#[test]
fn gradients_that_agree_are_left_alone() {
    let gradients = [vec![1.0, 0.0], vec![0.0, 1.0]];
    for mut balancer in [Balance::Pcgrad, Balance::Aligned].map(|choice| choice.init(&[0.1; 2], 0)) {
        assert_close(&weights(&mut *balancer, &gradients), &[1.0, 1.0], 1e-12);
    }
}

#[test]
fn entropies_are_those_of_coins() {
    // H(1/2) = 0.693147 and H(1/10) = 0.325083; 1 over them, with a mean of 1.
    let mut balancer = EntropyWeighting::new(&[0.5, 0.1], 1.0);
    let weights = balancer.weights(&TaskStep { losses: &[Some(1.0), Some(1.0)], gram: None });
    assert_close(&weights, &[0.638_525_5, 1.361_474_5], 1e-6);
}

#[test]
fn each_step_projects_in_an_order_of_its_own() {
    let mut balancer = PcGrad::new(1);
    let gradients = [vec![1.0, 0.2, 0.0], vec![-0.8, 0.5, 0.1], vec![0.3, -0.9, 1.0]];
    let first = weights(&mut balancer, &gradients);
    let others = (0..20).filter(|_| weights(&mut balancer, &gradients) != first).count();
    assert!(others > 0, "{first:?}");
    assert_eq!(balancer.state(), [21.0]);
}

#[test]
fn a_loss_is_relative_to_its_first_ones_and_may_be_0() {
    let step = |balancer: &mut SmoothTchebycheff, losses: [Option<f64>; 2]| {
        balancer.weights(&TaskStep { losses: &losses, gram: None })
    };
    let mut balancer = SmoothTchebycheff::new(2, 1.0, 2);
    step(&mut balancer, [Some(1.0), Some(0.5)]);
    step(&mut balancer, [Some(1.0), None]);
    // Relative to the first ones 1 and 1/2: the smooth maximum weighs them 2/3 and 1/3, over losses of 1 and 1/4.
    let weights = step(&mut balancer, [Some(1.0), Some(0.25)]);
    assert_close(&weights, &[4.0 / 3.0, 8.0 / 3.0], 1e-6);
    let weights = step(&mut SmoothTchebycheff::new(2, 1.0, 2), [Some(0.0), Some(1.0)]);
    assert!(weights[0] > 1e6 && weights[0].is_finite(), "{weights:?}");
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
    let losses: Vec<Vec<f64>> = (0..250_u32).map(|step| vec![0.5 / f64::from(1 + step), 0.2, 0.01]).collect();
    let after: Vec<Vec<f64>> = losses.iter().map(|losses| losses.iter().map(|loss| 0.9 * loss).collect()).collect();
    let priors = [0.1, 0.01, 0.001];
    let expected: [(&str, Box<dyn TaskBalancer>); 6] = [
        ("equal", Box::new(Equal)),
        ("entropy", Box::new(EntropyWeighting::new(&priors, 0.5))),
        ("uncertainty", Box::new(UncertaintyWeighting::new(3, 0.001))),
        ("dynamic-average", Box::new(DynamicAverage::new(3, 2.0, 100))),
        ("famo", Box::new(Famo::new(3, 0.025, 0.01))),
        ("tchebycheff", Box::new(SmoothTchebycheff::new(3, 0.1, 100))),
    ];
    for (name, mut expected) in expected {
        let mut found = read(&format!("{name:?}")).unwrap().init(&priors, 3);
        assert_eq!(run(&mut *found, &losses, &after), run(&mut *expected, &losses, &after), "{name}");
    }
    let gradients = [vec![1.0, 0.2, 0.0], vec![-0.8, 0.5, 0.1], vec![0.3, -0.4, 1.0]];
    let expected: [(&str, Box<dyn TaskBalancer>); 3] = [
        ("pcgrad", Box::new(PcGrad::new(3))),
        ("cagrad", Box::new(CaGrad::new(0.5))),
        ("aligned", Box::new(AlignedMtl)),
    ];
    for (name, mut expected) in expected {
        let mut found = read(&format!("{name:?}")).unwrap().init(&priors, 3);
        assert_eq!(weights(&mut *found, &gradients), weights(&mut *expected, &gradients), "{name}");
    }
}

#[test]
fn a_table_changes_some_settings() {
    for name in ["entropy", "uncertainty", "dynamic-average", "famo", "tchebycheff", "cagrad"] {
        assert_eq!(read(&format!("{{ {name} = {{}} }}")), read(&format!("{name:?}")), "{name}");
    }
    let entropy = EntropyConfig { power: 1.0 };
    assert_eq!(read("{ entropy = { power = 1 } }"), Ok(Balance::Entropy(entropy)));
    let uncertainty = UncertaintyConfig { learning_rate: 0.01 };
    assert_eq!(read("{ uncertainty = { learning_rate = 0.01 } }"), Ok(Balance::Uncertainty(uncertainty)));
    let average = DynamicAverageConfig { temperature: 2.0, period: 7 };
    assert_eq!(read("{ dynamic-average = { period = 7 } }"), Ok(Balance::DynamicAverage(average)));
    let famo = FamoConfig { learning_rate: 0.025, decay: 0.0 };
    assert_eq!(read("{ famo = { decay = 0 } }"), Ok(Balance::Famo(famo)));
    let tchebycheff = TchebycheffConfig { smoothing: 0.5, first_steps: 100 };
    assert_eq!(read("{ tchebycheff = { smoothing = 0.5 } }"), Ok(Balance::Tchebycheff(tchebycheff)));
    assert_eq!(read("{ cagrad = { radius = 0.0 } }"), Ok(Balance::Cagrad(CaGradConfig { radius: 0.0 })));
}

#[test]
fn settings_that_cannot_work_are_refused_by_name() {
    for (balance, setting) in [
        ("{ entropy = { power = 1.1 } }", "entropy.power: expected 0 to 1, found 1.1"),
        ("{ uncertainty = { learning_rate = 0 } }", "uncertainty.learning_rate: expected a number above 0, found 0"),
        (
            "{ dynamic-average = { temperature = -1 } }",
            "dynamic-average.temperature: expected a number above 0, found -1",
        ),
        ("{ dynamic-average = { period = 0 } }", "dynamic-average.period: expected at least 1, found 0"),
        ("{ famo = { learning_rate = inf } }", "famo.learning_rate: expected a number above 0, found inf"),
        ("{ famo = { decay = -0.5 } }", "famo.decay: expected a number from 0 on, found -0.5"),
        ("{ tchebycheff = { smoothing = nan } }", "tchebycheff.smoothing: expected a number above 0, found NaN"),
        ("{ tchebycheff = { first_steps = 0 } }", "tchebycheff.first_steps: expected at least 1, found 0"),
        ("{ cagrad = { radius = 1 } }", "cagrad.radius: expected 0 to 1, 1 excluded, found 1"),
        ("{ cagrad = { radius = -0.1 } }", "cagrad.radius: expected 0 to 1, 1 excluded, found -0.1"),
    ] {
        assert_eq!(read(balance), Err(format!("training.balance.{setting}")));
    }
}

#[test]
fn what_is_no_balancer_is_refused_with_those_there_are() {
    let known = NAMES.map(|name| format!("`{name}`")).join(", ");
    for unknown in ["\"nashmtl\"", "{ nashmtl = {} }"] {
        assert_eq!(read(unknown), Err(format!("unknown variant `nashmtl`, expected one of {known}")));
    }
    for (balance, error) in [
        ("3", "invalid type: integer `3`, expected the name of a balancer, or { name = { its settings } }"),
        ("{ cagrad = { radis = 0.2 } }", "unknown field `radis`, expected `radius`"),
        ("{ cagrad = 0.2 }", "invalid type: floating point `0.2`, expected settings, as { radius = 0.5 }"),
        ("{ cagrad = { radius = 0.2 }, famo = {} }", "expected one balancer, found several"),
    ] {
        assert_eq!(read(balance), Err(error.to_owned()));
    }
}
