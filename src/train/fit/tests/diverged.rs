//! Trainings that diverge.

use std::cell::Cell;

use super::*;

fn divergence(fit: Fit<'_>) -> (usize, f64, f64, Vec<String>, Option<usize>) {
    match fit.run().unwrap_err() {
        Error::Diverged { draws, learning_rate, loss, factors, best_draws } => {
            (draws, learning_rate, loss, factors, best_draws)
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_rate_that_is_too_large_is_found_at_its_step_and_long_before_the_budget_is_spent() {
    let folder = TestFolder::new("fit-diverged");
    let (dataset, mut config) = (world(&folder), config());
    config.training = TrainingConfig { budget: 1_000_000, validate_every: 1_000_000, ..config.training };
    config.training.learning_rate = 1e30;
    let mut seen = 0;
    let run = folder.path().join("run");
    let training = fit(&dataset, &config, &[0, 3], 1).with_folder(&run).with_observer(|progress| seen = progress.draws);
    let (draws, rate, loss, factors, best) = divergence(training);
    // The first step is made with finite weights, and of a few more none is.
    assert!((64..1_000).contains(&draws) && rate > 1e28 && !loss.is_finite(), "{draws} {rate} {loss}");
    assert_eq!(factors, [0, 3].map(|task| dataset.tasks()[task].name.clone()));
    assert_eq!((seen, best), (64 * 99, None));
    assert!(!run.join("state.json").exists());
    let error = fit(&dataset, &config, &[3], 1).run().unwrap_err().to_string();
    assert!(
        error.contains("try a smaller training.learning_rate") && error.contains(&dataset.tasks()[3].name),
        "{error}"
    );
}

/// A loss that is the head's own so many times, and then not a number.
fn spoiled(times: usize) -> impl Fn(Tensor<3>, Tensor<2, Int>, Option<Tensor<1>>) -> Tensor<1> {
    let calls = Cell::new(0);
    move |logits, labels, weights| {
        calls.set(calls.get() + 1);
        let squares = (logits.squeeze_dim::<2>(2) - labels.equal_elem(3).float()).powi_scalar(2).mean_dim(1);
        let loss = (squares.squeeze_dim::<1>(1) * weights.unwrap()).mean();
        if calls.get() > times { loss * f32::NAN } else { loss }
    }
}

#[test]
fn the_best_weights_so_far_stay_in_the_folder() {
    let folder = TestFolder::new("fit-diverged-later");
    let (dataset, mut config, run) = (world(&folder), config(), folder.path().join("run"));
    config.training = TrainingConfig { budget: 64_000, validate_every: 640, ..config.training };
    let spoil =
        |times| fit(&dataset, &config, &[0], 1).with_loss("own", spoiled(times)).without_audit().with_folder(&run);
    let (draws, _, loss, factors, best) = divergence(spoil(25));
    assert!(draws == 25 * 64 && loss.is_nan());
    assert_eq!(factors, [dataset.tasks()[0].name.clone()]);
    let best = best.unwrap();
    assert!(best == 640 || best == 1280, "{best}");
    assert!(run.join("best-1280.bpk").exists());
    // The folder is whole: the run goes on from there, to the same end.
    let (again, ..) = divergence(spoil(5));
    assert_eq!(again, 1280 + 5 * 64);
    let state = std::fs::read_to_string(run.join("state.json")).unwrap();
    assert!(!state.contains("NaN"));
}

#[test]
fn weights_that_are_not_finite_after_a_finite_loss_are_found_at_the_validation() {
    let folder = TestFolder::new("fit-diverged-weights");
    let (dataset, mut config) = (world(&folder), config());
    // The only step has a finite loss, and leaves weights whose products are beyond all numbers.
    (config.training.budget, config.training.learning_rate) = (64, 1e30);
    let training = fit(&dataset, &config, &[0, 1], 1);
    let (draws, _, loss, factors, _) = divergence(training);
    assert!(draws == 64 && loss.is_nan());
    assert_eq!(factors.len(), 2);
}
