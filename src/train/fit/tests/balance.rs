//! Balancers in training.

use super::*;
use crate::{
    file::{read_with_checksum, write_with_checksum},
    train::balance::{CaGrad, Equal, TaskStep},
};

/// Weighs by gradients, and by the losses after the last step.
#[derive(Debug)]
struct Both(CaGrad, Vec<f64>);

impl TaskBalancer for Both {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        self.0.weights(step).iter().zip(&self.1).map(|(weight, after)| weight * (1.0 + after)).collect()
    }

    fn wants_gradients(&self) -> bool {
        true
    }

    fn wants_losses_after(&self) -> bool {
        true
    }

    fn after_step(&mut self, losses: &[Option<f64>]) {
        self.1.iter_mut().zip(losses).for_each(|(after, loss)| *after = loss.unwrap_or(*after));
    }

    fn state(&self) -> Vec<f64> {
        self.1.clone()
    }

    fn restore(&mut self, state: &[f64]) {
        self.1.copy_from_slice(state);
    }
}

#[test]
fn a_resumed_run_with_a_balancer_equals_an_uninterrupted_one() {
    let folder = TestFolder::new("fit-resume-balanced");
    let (dataset, mut config, tasks) = (world(&folder), config(), [0, 3, 5]);
    // Looks at 1,284 and at 3,856 draws, before and after the last checkpoint of the interrupted run.
    config.training.batch_size = 4;
    let balanced = || {
        let balancer = Both(CaGrad::new(0.5), vec![0.0; 3]);
        fit(&dataset, &config, &tasks, 1).with_balancer("both", balancer)
    };
    let whole = balanced().run().unwrap();
    let run = folder.path().join("run");
    let interrupted = catch_unwind(AssertUnwindSafe(|| {
        balanced().with_folder(&run).with_observer(|progress| assert!(progress.draws < 2_500, "interrupted")).run()
    }));
    assert!(interrupted.is_err());
    let resumed = balanced().with_folder(&run).run().unwrap();
    assert_eq!(scores(&whole), scores(&resumed));
    assert!(weights(&whole) == weights(&resumed));
    assert_eq!(whole.conflicts, resumed.conflicts);
    let looks = whole.conflicts.as_ref().unwrap().looks(0, 1);
    assert!(looks.looks <= 2 && looks.samples > 0 && looks.samples <= 32, "{looks:?}");
    let lines = std::fs::read_to_string(run.join("conflicts.tsv")).unwrap().lines().count();
    assert_eq!(lines, 1 + 3);
    let error = fit(&dataset, &config, &tasks, 1).with_folder(&run).run().unwrap_err().to_string();
    assert!(error.contains(": balancer: expected none, found both; "), "{error}");
    let path = run.join("state.json");
    let mut saved: serde_json::Value = read_with_checksum(&path, "").unwrap().unwrap();
    assert_eq!(saved["state"]["looks"]["pairs"].as_array().unwrap().len(), 6);
    for part in ["balance", "looks"] {
        let kept = saved["state"][part].clone();
        saved["state"][part] =
            if part == "balance" { [1.0].into() } else { serde_json::json!({ "pairs": [[1, 0.5, 0.25, 16]] }) };
        write_with_checksum(&path, &saved).unwrap();
        let error = balanced().with_folder(&run).run().unwrap_err().to_string();
        assert!(error.starts_with("what a checkpoint remembers of"), "{error}");
        saved["state"][part] = kept;
    }
}

#[test]
fn every_balancer_trains_in_its_own_way() {
    let folder = TestFolder::new("fit-balance");
    let (dataset, mut config, tasks) = (world(&folder), config_without_dropout(), [0, 3, 5]);
    config.training.budget = 512;
    let of = |balance| {
        let mut config = config.clone();
        config.training.balance = balance;
        let fitted = fit(&dataset, &config, &tasks, 1).run().unwrap();
        assert!(fitted.conflicts.is_some() && fitted.average_precision > 0.0);
        fitted
    };
    let entropy = |power| Balance::Entropy(EntropyConfig { power });
    let cagrad = |radius| Balance::Cagrad(CaGradConfig { radius });
    let all = [Balance::Equal, entropy(0.5), entropy(1.0), cagrad(0.2), cagrad(0.5)].map(of);
    for (index, fitted) in all.iter().enumerate() {
        assert!(all[..index].iter().all(|other| weights(other) != weights(fitted)), "{index}");
    }
    for nothing in [entropy(0.0), cagrad(0.0)] {
        assert_near(&of(nothing), &all[0]);
    }
}

/// Weighs all gradients alike.
#[derive(Debug)]
struct Alike;

impl TaskBalancer for Alike {
    fn weights(&mut self, step: &TaskStep<'_>) -> Vec<f64> {
        Equal.weights(step)
    }

    fn wants_gradients(&self) -> bool {
        true
    }
}

#[test]
fn gradients_that_weigh_alike_are_those_of_plain_training() {
    let folder = TestFolder::new("fit-alike");
    let (dataset, mut config, tasks) = (world(&folder), config_without_dropout(), [0, 3, 5]);
    config.training.budget = 512;
    config.architecture.adapter = Adapter::Linear;
    let plain = fit(&dataset, &config, &tasks, 1).run().unwrap();
    let alike = fit(&dataset, &config, &tasks, 1).with_balancer("alike", Alike).run().unwrap();
    assert_near(&plain, &alike);
}

#[test]
fn a_balancer_that_cannot_work_is_refused() {
    let folder = TestFolder::new("fit-refused");
    let (dataset, mut config) = (world(&folder), config());
    let loss = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| logits.mean();
    let error = fit(&dataset, &config, &[0, 1], 1).with_loss("own", loss).with_balancer("alike", Alike).run();
    assert!(error.unwrap_err().to_string().starts_with("training.balance: expected equal"));
    config.architecture.head = HeadKind::Convex;
    config.training.balance = Balance::Cagrad(CaGradConfig::default());
    let error = fit(&dataset, &config, &[0, 1], 1).run().unwrap_err().to_string();
    assert!(error.starts_with("training.balance: expected one of losses"), "{error}");
    config.training.task_mean = TaskMean::Pooled;
    assert!(config.validate().unwrap_err().to_string().contains("pooled"));
}
