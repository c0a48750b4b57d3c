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
fn targets_that_are_shifted_by_a_task_or_by_a_sample_are_found_out() {
    for axis in [0_usize, 1] {
        let permuted = move |logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
            let (logits, targets, observed) = parts(logits, &labels);
            let missing = observed.equal_elem(0.0);
            bce(logits.mask_fill(missing.clone(), 0.0), targets.roll_dim(1, axis)).mask_fill(missing, 0.0).sum()
        };
        assert_eq!(fault(&permuted), MaskFault::ObservedIgnored, "{axis}");
        assert_eq!(found_among_many(&permuted).0, MaskFault::ObservedIgnored, "{axis}");
    }
}

#[test]
fn a_label_with_an_influence_on_another_logit_is_found_out() {
    // Where the first task is bound, the second logit is pushed down, whatever its own label.
    let leaks = spoiled(|logits, labels, added| {
        let [a, b] = [0, 1].map(|task| s![.., task..=task]);
        let bound = labels.clone().slice(a).equal_elem(Label::Bound as i32).float();
        let (second, _, observed) = parts(logits.clone().slice(b).unsqueeze_dim(2), &labels.clone().slice(b));
        let second = second.mask_fill(observed.equal_elem(0.0), 0.0);
        *added = added.clone().slice_assign(b, second * bound * 0.1);
    });
    assert!(matches!(audit(&leaks), Err(Error::MaskAudit { task: 1, fault: MaskFault::LabelsMixed })));
}

/// A batch without any bound label.
fn unbound(device: &Device) -> Batch {
    let mut batch = batch(8, TASKS, 3, device);
    batch.labels = batch.labels.ones_like();
    batch
}

#[test]
fn a_loss_without_bound_labels_is_found_even_if_the_batch_has_none() {
    let device = Device::default();
    let model = model(HeadKind::Sigmoid, TASKS, 1, 0.0, &device);
    let loss = LabelLossConfig::new().with_bound_weights(Some(vec![0.0; TASKS])).init(&model.head);
    let error = MaskAudit::run(&model, &loss, &unbound(&device)).unwrap_err();
    assert!(matches!(error, Error::MaskAudit { fault: MaskFault::ObservedIgnored, .. }), "{error}");
    assert!(MaskAudit::run(&model, &LabelLossConfig::new().init(&model.head), &unbound(&device)).is_ok());
}

/// The fault and the task that the audit finds among many tasks.
fn found_among_many(loss: &dyn Loss) -> (MaskFault, usize) {
    let device = Device::default();
    match MaskAudit::run(&model(HeadKind::Sigmoid, MANY, 1, 0.0, &device), loss, &batch(20, MANY, 3, &device)) {
        Err(Error::MaskAudit { fault, task }) => (fault, task),
        other => panic!("{other:?}"),
    }
}

const MANY: usize = 150;

/// A loss that is right but for what `change` does to logits, labels and losses without labels.
fn spoiled(
    change: impl Fn(&mut Tensor<2>, &mut Tensor<2, Int>, &mut Tensor<2>),
) -> impl Fn(Tensor<3>, Tensor<2, Int>, Option<Tensor<1>>) -> Tensor<1> {
    move |logits: Tensor<3>, mut labels: Tensor<2, Int>, _: Option<Tensor<1>>| {
        let mut added = Tensor::zeros(labels.dims(), &labels.device());
        let mut logits: Tensor<2> = logits.squeeze_dim(2);
        change(&mut logits, &mut labels, &mut added);
        let (logits, targets, observed) = parts(logits.unsqueeze_dim(2), &labels);
        let missing = observed.equal_elem(0.0);
        (bce(logits.mask_fill(missing.clone(), 0.0), targets).mask_fill(missing, 0.0) + added).sum()
    }
}

/// Where (row + task) % 4 is 0, a label is missing; at 1 it is observed.
const MISSING: [i64; 2] = [3, 121];
const OBSERVED: [i64; 2] = [6, 123];

#[test]
fn one_loss_among_many_tasks_is_right() {
    let device = Device::default();
    let loss = spoiled(|_, _, _| ());
    let model = model(HeadKind::Sigmoid, MANY, 1, 0.0, &device);
    assert!(MaskAudit::run(&model, &loss, &batch(20, MANY, 3, &device)).is_ok());
}

#[test]
fn a_single_label_that_is_always_the_same_is_found_among_many() {
    for label in [Label::Unbound, Label::Bound] {
        let constant = spoiled(|_, labels, _| {
            let [row, task] = OBSERVED;
            let one = Tensor::from_data([[label as i32]], &labels.device());
            *labels = labels.clone().slice_assign(s![row..=row, task..=task], one);
        });
        assert_eq!(found_among_many(&constant), (MaskFault::ObservedIgnored, 123));
    }
}

#[test]
fn a_single_label_that_is_read_from_the_next_task_is_found_among_many() {
    let other = spoiled(|_, labels, _| {
        let [row, task] = OBSERVED;
        let next = labels.clone().slice(s![row..=row, task + 1..=task + 1]);
        *labels = labels.clone().slice_assign(s![row..=row, task..=task], next);
    });
    assert_eq!(found_among_many(&other), (MaskFault::ObservedIgnored, 123));
}

#[test]
fn a_single_observed_label_that_is_dropped_is_found_among_many() {
    let dropped = spoiled(|_, labels, _| {
        let [row, task] = OBSERVED;
        let one = Tensor::from_data([[Label::Missing as i32]], &labels.device());
        *labels = labels.clone().slice_assign(s![row..=row, task..=task], one);
    });
    assert_eq!(found_among_many(&dropped), (MaskFault::ObservedIgnored, 123));
}

#[test]
fn a_single_missing_label_with_an_influence_is_found_among_many() {
    let at = |tensor: &Tensor<2>| {
        let [row, task] = MISSING;
        tensor.clone().slice(s![row..=row, task..=task])
    };
    let put = |tensor: &mut Tensor<2>, value: Tensor<2>| {
        let [row, task] = MISSING;
        *tensor = tensor.clone().slice_assign(s![row..=row, task..=task], value);
    };
    let logit = spoiled(|logits, _, added| put(added, at(logits) * 1e-6));
    assert_eq!(found_among_many(&logit), (MaskFault::MissingHasInfluence, 121));
    let code = spoiled(|_, labels, added| put(added, at(&labels.clone().float()).greater_elem(5.0).float()));
    assert_eq!(found_among_many(&code), (MaskFault::MissingHasInfluence, 121));
    let product = spoiled(|logits, _, added| put(added, at(logits).detach() * 0.0));
    assert_eq!(found_among_many(&product), (MaskFault::NanLeaks, 121));
}

/// Each loss is divided by the number of bound labels in the batch. Bound labels become unbound in some rows of the
/// third task.
struct Mixing(Range<usize>);

impl Loss for Mixing {
    fn forward(&self, logits: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>) -> Tensor<1> {
        let (logits, targets, observed) = parts(logits, &labels);
        let targets = match &self.0 {
            rows if rows.is_empty() => targets,
            rows => targets.slice_fill(s![rows.clone(), 2..=2], 0.0),
        };
        let missing = observed.equal_elem(0.0);
        let losses = bce(logits.mask_fill(missing.clone(), 0.0), targets.clone()).mask_fill(missing, 0.0);
        losses.sum() / (targets.sum() + 1.0)
    }

    fn mixes_labels(&self) -> bool {
        true
    }
}

#[test]
fn labels_that_are_dropped_are_found_in_a_loss_that_mixes_labels() {
    assert!(audit(&Mixing(0..0)).is_ok());
    // All labels of a task, or one: (row + task) % 4 is 1.
    for rows in [0..9, 3..4, 7..8] {
        let error = audit(&Mixing(rows.clone())).unwrap_err();
        assert!(matches!(error, Error::MaskAudit { task: 2, fault: MaskFault::ObservedIgnored }), "{rows:?}: {error}");
    }
}

#[test]
fn a_loss_that_mixes_labels_has_to_say_so() {
    let silent = |logits: Tensor<3>, labels: Tensor<2, Int>, weights: Option<Tensor<1>>| {
        Mixing(0..0).forward(logits, labels, weights)
    };
    assert_eq!(fault(&silent), MaskFault::LabelsMixed);
}

#[test]
fn a_sample_of_weight_0_raises_no_false_alarm() {
    let device = Device::default();
    let model = model(HeadKind::Sigmoid, TASKS, 1, 0.0, &device);
    let mut batch = batch(8, TASKS, 3, &device);
    batch.weights = Tensor::from_data([0.0, 1.0, 0.0, 2.0, 1.0, 1.0, 1.0, 1.0], &device);
    assert!(MaskAudit::run(&model, &LabelLossConfig::new().init(&model.head), &batch).is_ok());
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
        let is_right = audit.as_ref().is_ok_and(|audit| audit.missing > 0 && audit.observed > 0);
        assert!(is_right, "{head:?} {config:?}: {audit:?}");
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
            assert!([0, 1, 3].iter().all(|code| column(task).contains(code)), "{size}: {:?}", column(task));
            assert_ne!(column(task), column((task + 1) % TASKS));
        }
    }
}
