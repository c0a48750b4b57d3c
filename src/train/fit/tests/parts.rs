//! Custom penalties, schedules and optimizers.

use burn::optim::SgdConfig;

use super::*;
use crate::train::OneCycle;

fn small() -> RunConfig {
    let mut config = config();
    config.training.budget = 512;
    config
}

fn motif_norm(model: &Model) -> f32 {
    model.trunk.conv.weight.val().abs().mean().into_scalar::<f32>()
}

#[test]
fn a_penalty_is_minimised_and_reported_with_the_loss() {
    let folder = TestFolder::new("fit-penalty");
    let (dataset, config) = (world(&folder), small());
    let plain = fit(&dataset, &config, &[0, 3], 1).run().unwrap();
    let l1 = |model: &Model| model.trunk.conv.weight.val().abs().mean() * 100.0;
    let penalised = fit(&dataset, &config, &[0, 3], 1).with_penalty("L1", l1).run().unwrap();
    let (found, expected) = (motif_norm(&penalised.model), motif_norm(&plain.model));
    assert!(found < expected - 2e-3, "{found} {expected}");
    let none = |model: &Model| model.trunk.conv.weight.val().sum() * 0.0;
    let nothing = fit(&dataset, &config, &[0, 3], 1).with_penalty("none", none).run().unwrap();
    assert!(weights(&nothing) == weights(&plain));
    let constant = |model: &Model| model.trunk.conv.weight.val().sum() * 0.0 + 8.0;
    let constant = fit(&dataset, &config, &[0, 3], 1).with_penalty("constant", constant).run().unwrap();
    let losses = |fitted: &Fitted| fitted.history.last().unwrap().training_loss;
    assert!((losses(&constant) - losses(&plain) - 8.0).abs() < 1e-5);
    assert!(weights(&constant) == weights(&plain));
}

#[test]
fn the_cycle_of_the_configuration_is_a_schedule_like_others() {
    let folder = TestFolder::new("fit-schedule");
    let (dataset, config) = (world(&folder), small());
    let cycle = OneCycle { peak: config.training.learning_rate, warmup: config.training.warmup };
    let [plain, own, other] = [
        fit(&dataset, &config, &[0], 1),
        fit(&dataset, &config, &[0], 1).with_schedule("the same", cycle),
        fit(&dataset, &config, &[0], 1).with_schedule("constant", |_: f64| 1e-3),
    ]
    .map(|fit| fit.run().unwrap());
    assert!(weights(&plain) == weights(&own));
    assert!(weights(&plain) != weights(&other));
    assert_eq!(other.history.last().unwrap().learning_rate, 1e-3);
}

#[test]
fn a_step_of_gradient_descent_is_the_gradient_times_the_rate() {
    let folder = TestFolder::new("fit-sgd");
    let (dataset, mut config) = (world(&folder), config_without_dropout());
    config.training.budget = config.training.batch_size;
    // A loss of 0, and a penalty whose gradient is 1 for each weight.
    let nothing = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| logits.sum() * 0.0;
    let sum = |model: &Model| model.trunk.conv.weight.val().sum();
    let run = |rate: f64| {
        let fit = fit(&dataset, &config, &[0], 1).with_loss("nothing", nothing).with_penalty("sum", sum);
        let fit = fit.with_schedule("constant", move |_: f64| rate).with_optimizer("SGD", SgdConfig::new().init());
        let model = fit.without_audit().run().unwrap().model;
        model.trunk.conv.weight.val().into_data().iter::<f32>().collect::<Vec<_>>()
    };
    for (still, moved) in run(0.0).iter().zip(run(0.25)) {
        assert!((still - 0.25 - moved).abs() < 1e-6, "{still} {moved}");
    }
}

#[test]
fn parts_that_cannot_work_are_refused_by_their_names() {
    let folder = TestFolder::new("fit-parts");
    let (dataset, config, run) = (world(&folder), small(), folder.path().join("run"));
    let plain = || fit(&dataset, &config, &[0, 3], 1).with_folder(&run);
    let late = plain().with_schedule("late", |done: f64| if done > 0.8 { f64::NAN } else { 1e-3 });
    assert_eq!(late.check().unwrap_err().to_string(), "schedule late: expected finite rates from 0 on, found NaN");
    assert!(late.run().is_err());
    let message = |fit: Fit<'_>| fit.run().unwrap_err().to_string();
    let many = plain().with_penalty("many", |model| model.trunk.conv.bias.val().abs());
    assert_eq!(message(many), "the penalty many: expected one number, found 16");
    let infinite = plain().with_penalty("infinite", |model| model.trunk.conv.bias.val().sum() * f32::INFINITY);
    let error = message(infinite);
    assert!(error.starts_with("the penalty infinite: expected a finite number, found "), "{error}");
    let mut half = config.clone();
    half.architecture.precision = Precision::F16;
    if Precision::F16.check(&Device::default()).is_ok() {
        let own = fit(&dataset, &half, &[0], 1).with_optimizer("SGD", SgdConfig::new().init());
        assert!(message(own).starts_with("architecture.precision: expected f32 or bf16, where the optimizer"));
    }
    assert!(!run.exists());
}

#[test]
fn names_tell_runs_apart_and_are_not_there_without_parts() {
    let folder = TestFolder::new("fit-parts-identity");
    let (dataset, mut config) = (world(&folder), small());
    config.training.budget = 64;
    let [plain, own] = ["plain", "own"].map(|name| folder.path().join(name));
    fit(&dataset, &config, &[0], 1).with_folder(&plain).run().unwrap();
    let state = std::fs::read_to_string(plain.join("state.json")).unwrap();
    let words = ["network", "penalty", "schedule", "optimizer"];
    assert!(words.iter().all(|word| !state.contains(&format!("\"{word}\""))), "{state}");
    let parts = |name: &'static str| {
        fit(&dataset, &config, &[0], 1)
            .with_penalty(name, |model| model.trunk.conv.weight.val().sum() * 0.0)
            .with_schedule(name, |_: f64| 1e-3)
            .with_optimizer(name, SgdConfig::new().init())
    };
    parts("a").with_folder(&own).run().unwrap();
    parts("a").with_folder(&own).run().unwrap();
    let error = parts("b").with_folder(&own).run().unwrap_err().to_string();
    for word in &words[1..] {
        assert!(error.contains(&format!("{word}: expected b, found a")), "{error}");
    }
    let error = fit(&dataset, &config, &[0], 1).with_folder(&own).run().unwrap_err().to_string();
    assert!(error.contains("penalty: expected none, found a"), "{error}");
}
