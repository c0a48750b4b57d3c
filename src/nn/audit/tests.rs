//! The audit finds planted bugs, and raises no false alarm.

use burn::tensor::{Device, Tensor, activation::log_sigmoid};
use rand::RngExt;

use super::*;
use crate::{
    data::{HostBatch, LabelShares},
    nn::{
        Ambiguous, HeadKind, LabelLossConfig, Model, ModelConfig, MotifConvConfig, SignalInput, TaskMean, TrunkConfig,
    },
    random::stream,
    testing::{every_head, some_of},
};

const TASKS: usize = 3;

fn batch(size: usize, tasks: usize, seed: u64, device: &Device) -> Batch {
    let mut random = stream(&[seed]);
    let host = HostBatch {
        size,
        codes: (0..size * 24).map(|_| random.random_range(0..5)).collect(),
        signal: (0..size * 24).map(|_| random.random_range(0.0..2.0)).collect(),
        labels: (0..size * tasks).map(|_| Label::ALL[random.random_range(0..4)]).collect(),
        weights: (0..size).map(|_| random.random_range(0.5..2.0)).collect(),
    };
    Batch::new(&host, device).unwrap()
}

fn model(head: HeadKind, tasks: usize, seed: u64, dropout: f64, device: &Device) -> Model {
    let conv = MotifConvConfig::new(6, 5).with_seed(seed);
    let trunk = TrunkConfig::new(24, conv)
        .with_hidden(8)
        .with_signal(SignalInput::Means(3))
        .with_motif_dropout(dropout)
        .with_hidden_dropout(dropout);
    let shares = vec![LabelShares::from_counts([0.0, 1e5, 2.0, 1.0]); tasks];
    ModelConfig::new(trunk, tasks).with_head(head).with_shares(Some(shares)).init(device)
}

/// Targets, mask and logits, as a hand-written loss has them.
fn parts(logits: Tensor<3>, labels: &Tensor<2, Int>) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
    let is = |label: Label| labels.clone().equal_elem(label as i32).float();
    (logits.squeeze_dim(2), is(Label::Bound), is(Label::Bound) + is(Label::Unbound))
}

fn bce(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<2> {
    (log_sigmoid(logits.clone()) - (targets.neg() + 1.0) * logits).neg()
}

fn audit(loss: &dyn Loss) -> Result<MaskAudit> {
    let device = Device::default();
    MaskAudit::run(&model(HeadKind::Sigmoid, TASKS, 1, 0.3, &device), loss, &batch(8, TASKS, 3, &device))
}

fn fault(loss: &dyn Loss) -> MaskFault {
    match audit(loss) {
        Err(Error::MaskAudit { fault, .. }) => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mask_that_is_ignored_is_found_out() {
    let ignored = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let (logits, targets, _) = parts(logits, &labels);
        bce(logits, targets).mean()
    };
    assert_eq!(fault(&ignored), MaskFault::MissingHasInfluence);
}

#[test]
fn missing_learned_as_a_class_is_found_out() {
    let device = Device::default();
    let model = model(HeadKind::Softmax { classes: Label::ALL.to_vec() }, TASKS, 1, 0.0, &device);
    let loss = LabelLossConfig::new().init(&model.head);
    let error = MaskAudit::run(&model, &loss, &batch(8, TASKS, 3, &device)).unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::MissingHasInfluence, .. }), "{error}");
}

#[test]
fn a_mask_that_is_inverted_is_found_out() {
    let inverted = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let (logits, targets, observed) = parts(logits, &labels);
        let missing = labels.equal_elem(Label::Ambiguous as i32).float() + observed;
        (bce(logits, targets) * (missing.neg() + 1.0)).sum()
    };
    assert_eq!(fault(&inverted), MaskFault::MissingHasInfluence);
}

#[test]
fn a_loss_without_any_label_is_found_out() {
    let nothing = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| (logits * 0.0).sum();
    assert!(matches!(fault(&nothing), MaskFault::NanLeaks | MaskFault::ObservedIgnored));
    let constant = |logits: Tensor<3>, _: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let all = logits.clone().equal_elem(f32::MAX).bool_not();
        logits.mask_fill(all, 0.0).sum()
    };
    assert_eq!(fault(&constant), MaskFault::ObservedIgnored);
}

#[test]
fn a_product_with_0_is_found_out() {
    let product = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let (logits, targets, observed) = parts(logits, &labels);
        (bce(logits, targets) * observed).sum()
    };
    assert_eq!(fault(&product), MaskFault::NanLeaks);
    let nan_target = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let (logits, targets, observed) = parts(logits, &labels);
        let targets = targets.mask_fill(observed.clone().equal_elem(0.0), f32::NAN);
        (bce(logits, targets) * observed).sum()
    };
    assert_eq!(fault(&nan_target), MaskFault::NotFinite);
}

#[test]
fn a_mask_that_is_shifted_by_a_task_is_found_out() {
    let shifted = |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let (logits, targets, observed) = parts(logits, &labels);
        let observed = observed.roll_dim(1, 1_usize);
        let missing = observed.equal_elem(0.0);
        bce(logits.mask_fill(missing.clone(), 0.0), targets).mask_fill(missing, 0.0).sum()
    };
    assert_eq!(fault(&shifted), MaskFault::MissingHasInfluence);
}

#[test]
fn a_task_whose_labels_are_dropped_is_named() {
    let device = Device::default();
    let model = model(HeadKind::Sigmoid, TASKS, 1, 0.0, &device);
    let loss = LabelLossConfig::new().with_bound_weights(Some(vec![1.0, 1.0, 0.0])).init(&model.head);
    let error = MaskAudit::run(&model, &loss, &batch(8, TASKS, 3, &device)).unwrap_err();
    assert!(matches!(error, Error::MaskAudit { task: 2, fault: MaskFault::ObservedIgnored }), "{error}");
}

#[test]
fn no_configuration_raises_a_false_alarm() {
    let device = Device::default();
    for seed in 0..u64::from(some_of(100)) {
        let mut random = stream(&[seed, 7]);
        let heads = every_head();
        let head = heads[random.random_range(0..heads.len())].clone();
        let policies = [Ambiguous::Masked, Ambiguous::Unbound, Ambiguous::Class, Ambiguous::Soft(0.3)];
        let means = [TaskMean::PerTask, TaskMean::Pooled];
        let tasks = random.random_range(1..6);
        let config = LabelLossConfig::new()
            .with_ambiguous(policies[random.random_range(0..4)])
            .with_mean(means[random.random_range(0..2)])
            .with_smoothing([0.0, 0.1][random.random_range(0..2)])
            .with_bound_weights(random.random::<bool>().then(|| vec![random.random_range(0.2..5.0); tasks]));
        let model = model(head.clone(), tasks, seed, [0.0, 0.5][random.random_range(0..2)], &device);
        let loss = config.init(&model.head);
        let audit = MaskAudit::run(&model, &loss, &batch(random.random_range(1..20), tasks, seed, &device));
        assert!(audit.is_ok_and(|audit| audit.missing > 0 && audit.observed > 0), "{head:?} {config:?}");
    }
}

#[test]
fn every_task_gets_every_label_and_neighbours_differ() {
    let device = Device::default();
    for size in [1, 2, 3, 8, 40] {
        let host = HostBatch {
            size,
            codes: vec![0; size * 24],
            signal: Vec::new(),
            labels: vec![Label::Unbound; size * TASKS],
            weights: vec![1.0; size],
        };
        let labels = PlantedLabels::new(&Batch::new(&host, &device).unwrap()).codes();
        let column = |task: usize| labels.iter().skip(task).step_by(TASKS).copied().collect::<Vec<_>>();
        for task in 0..TASKS {
            assert!([0, 1].iter().all(|code| column(task).contains(code)), "{size}: {:?}", column(task));
            assert_ne!(column(task), column((task + 1) % TASKS));
        }
    }
}
