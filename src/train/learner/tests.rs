//! One step on a small model, with tasks that lack labels.

use burn::{module::Module, tensor::s};

use super::{
    objective::{on_host, task_losses},
    residuals::Residuals,
    *,
};
use crate::{
    device::is_host,
    genome::Label,
    nn::{Head, LabelLoss, LabelLossConfig, Model, ModelConfig, MotifConvConfig, TrunkConfig},
    train::balance::{Balance, CaGradConfig, EntropyConfig, Equal, TaskBalancer},
};

const TASKS: usize = 3;
const BALANCERS: [Balance; 3] =
    [Balance::Equal, Balance::Entropy(EntropyConfig { power: 0.5 }), Balance::Cagrad(CaGradConfig { radius: 0.5 })];

fn host(labels: &[[Label; TASKS]]) -> HostBatch {
    let size = labels.len();
    let weights = (0..size).map(|sample| 1.0 + sample as f32).collect();
    let codes = (0..size * 30).map(|place| (place * place % 7 % 4) as u8).collect();
    HostBatch { size, codes, signal: Vec::new(), labels: labels.concat(), weights }
}

fn model(tasks: usize) -> Model {
    let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7)).with_hidden(8);
    ModelConfig::new(trunk, tasks).init(&Device::default())
}

fn learner(balance: Balance) -> Learner<'static, Model> {
    let device = Device::default();
    let model = model(TASKS);
    let loss = LabelLossConfig::new().init(&model.head);
    let balancer = (balance != Balance::Equal).then(|| balance.init(&[0.1; TASKS]));
    let objective = match balancer {
        Some(balancer) => Objective::Balanced(loss, balancer),
        None => Objective::Mean(loss),
    };
    Learner::new(model, objective, &TrainingConfig::default(), 0, &device)
}

fn label_loss<'a>(learner: &'a Learner<'_, Model>) -> &'a LabelLoss {
    let (Objective::Mean(loss) | Objective::Balanced(loss, _)) = &learner.objective else { unreachable!() };
    loss
}

fn labels() -> HostBatch {
    use Label::{Bound, Missing, Unbound};
    host(&[[Bound, Unbound, Missing], [Unbound, Bound, Bound], [Missing, Unbound, Unbound], [Bound, Bound, Missing]])
}

#[test]
fn products_in_closed_form_are_those_of_gradients_on_the_features() {
    let learner = learner(Balance::Equal);
    let batch = Batch::new(&labels(), &learner.device).unwrap();
    let predict = |features: &Tensor<2>| learner.network().head.as_task_head().forward(features.clone());
    let features = learner.network().trunk.forward(batch.codes.clone(), None).detach();
    let gradient = |task: usize| {
        let features = features.clone().require_grad();
        let means = task_losses(label_loss(&learner), predict(&features), &batch, false).means;
        features.grad(&means.slice(s![task..=task]).sum().backward()).unwrap()
    };
    let logits = predict(&features);
    let gradients: Vec<Tensor<2>> = (0..TASKS).map(gradient).collect();
    let losses = task_losses(label_loss(&learner), logits, &batch, true);
    let gram = Residuals::new(learner.network(), &losses).unwrap().gram();
    for a in 0..TASKS {
        for b in 0..TASKS {
            let product = (gradients[a].clone() * gradients[b].clone()).sum().into_scalar::<f32>();
            assert!((gram.at(a, b) as f32 - product).abs() < 1e-6, "{a} {b}: {} {product}", gram.at(a, b));
        }
    }
}

#[test]
fn a_task_without_a_label_in_the_batch_learns_nothing_from_it() {
    for balance in BALANCERS {
        let mut host = labels();
        host.labels.chunks_exact_mut(TASKS).for_each(|row| row[1] = Label::Missing);
        let mut learner = learner(balance);
        let weights = |learner: &Learner<'_, Model>| {
            let weight = learner.network().head.linear().unwrap().weight.val();
            [0, 1].map(|task| weight.clone().slice(s![.., task..=task]).into_data().iter::<f32>().collect::<Vec<_>>())
        };
        let before = weights(&learner);
        learner.step(&host, 0, 0.01);
        let after = weights(&learner);
        let decayed: Vec<f32> = before[1].iter().map(|weight| weight * (1.0 - 0.01 * 0.01)).collect();
        for (after, decayed) in after[1].iter().zip(decayed) {
            assert!((after - decayed).abs() < 1e-7, "{balance:?}");
        }
        assert!(after[0].iter().zip(&before[0]).any(|(a, b)| (a - b).abs() > 1e-3), "{balance:?}");
    }
}

#[test]
fn the_tasks_whose_losses_are_not_finite_are_known() {
    for balance in BALANCERS {
        let mut learner = learner(balance);
        assert_eq!(learner.step(&labels(), 0, 0.01).not_finite(), [0; 0], "{balance:?}");
        let mut network = learner.network().clone();
        let Head::Sigmoid(head) = &mut network.head else { unreachable!() };
        let spoil = Tensor::<1>::from_data([0.0, f32::NAN, 0.0], &learner.device);
        head.linear.bias = head
            .linear
            .bias
            .take()
            .map(|bias| bias.map(|bias| (bias.inner() + spoil.inner()).autodiff().require_grad()));
        learner.replace(network);
        assert_eq!(learner.step(&labels(), 1, 0.01).not_finite(), [1], "{balance:?}");
    }
}

#[test]
fn the_mean_is_that_of_the_tasks_with_a_label_in_the_batch() {
    let mut host = labels();
    host.labels.chunks_exact_mut(TASKS).for_each(|row| row[1] = Label::Missing);
    for balance in BALANCERS {
        let mut learner = learner(balance);
        let losses = {
            let batch = Batch::new(&host, &learner.device).unwrap();
            let logits = learner.network().forward(batch.codes.clone(), None);
            on_host(&task_losses(label_loss(&learner), logits, &batch, false), 1.0)
        };
        assert!(losses[1].is_none() && losses[0].is_some() && losses[2].is_some());
        let mean = losses.iter().flatten().sum::<f64>() / 2.0;
        let found = learner.step(&host, 0, 0.01).mean.into_scalar::<f32>();
        assert!((f64::from(found) - mean).abs() < 1e-6, "{balance:?}: {found} {mean}");
    }
}

#[test]
fn a_balancer_that_weighs_all_alike_learns_as_if_there_were_none_whatever_tasks_a_batch_has() {
    // The second step's size beside the first one's shows what the losses were divided by.
    let mut half = labels();
    half.labels.chunks_exact_mut(TASKS).for_each(|row| row[1] = Label::Missing);
    let learned = |balancer: Option<Box<dyn TaskBalancer>>| {
        let mut learner = learner(Balance::Equal);
        if let Some(balancer) = balancer {
            learner.objective = Objective::Balanced(label_loss(&learner).clone(), balancer);
        }
        for (drawn, host) in [labels(), half.clone(), half.clone()].iter().enumerate() {
            learner.step(host, drawn, 0.01);
        }
        let weights = learner.network().trunk.conv.weight.val().into_data();
        weights.iter::<f32>().collect::<Vec<_>>()
    };
    let without = learned(None);
    for (plain, alike) in without.iter().zip(learned(Some(Box::new(Equal)))) {
        assert!((plain - alike).abs() < 1e-5, "{plain} {alike}");
    }
}

#[test]
fn a_step_does_not_depend_on_the_scale_of_the_loss() {
    // All are bound, and said to be so by a logit of 15: gradients are about 1e-7, where the epsilon counts.
    let host = host(&[[Label::Bound; TASKS]; 4]);
    let step = |scale: f32| {
        let mut learner = learner(Balance::Equal);
        learner.loss_scale = scale;
        learner.optimizer = optimizer(&TrainingConfig::default(), scale);
        learner.replace(learner.network().clone().valid().shifted(&[15.0; TASKS]).train());
        let bias = |learner: &Learner<'_, Model>| {
            let bias = learner.network().head.linear().unwrap().bias.as_ref().unwrap().val().into_data();
            bias.iter::<f32>().collect::<Vec<_>>()
        };
        let before = bias(&learner);
        learner.step(&host, 0, 0.01);
        bias(&learner).iter().zip(before).map(|(after, before)| after - before).collect::<Vec<_>>()
    };
    let (plain, scaled) = (step(1.0), step(1024.0));
    for (plain, scaled) in plain.iter().zip(scaled) {
        // The decay of 15 taken off.
        assert!((0.008..0.0098).contains(&(plain + 0.01 * 0.01 * 15.0)), "{plain}");
        assert!((plain - scaled).abs() < 2e-5, "{plain} {scaled}");
    }
}

#[test]
fn looks_change_no_bit_of_what_is_learned() {
    let learned = |looks: bool| {
        let mut learner = learner(Balance::Equal);
        let mut losses = Vec::new();
        for drawn in 0..3 {
            if looks {
                learner.look(&labels(), drawn);
            }
            losses.push(learner.step(&labels(), drawn, 0.01).mean.into_scalar::<f32>());
        }
        assert_eq!(learner.conflicts.as_ref().unwrap() != &Conflicts::new(TASKS), looks);
        let weights = learner.network().trunk.conv.weight.val().into_data();
        (losses, weights.iter::<f32>().collect::<Vec<_>>())
    };
    let [without, with] = [learned(false), learned(true)];
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-4;
    assert!(without.0.iter().zip(&with.0).all(close) && without.1.iter().zip(&with.1).all(close));
    // What other devices fuse may be rounded otherwise.
    assert!(without == with || !is_host(&Device::default()));
}

#[test]
fn looks_of_one_seed_and_step_are_the_same() {
    let look = |drawn| {
        let mut learner = learner(Balance::Equal);
        learner.look(&labels(), drawn);
        learner.conflicts.unwrap()
    };
    assert!(look(64) == look(64) || !is_host(&Device::default()));
    assert!(look(64) != look(128));
}

#[test]
fn a_look_is_due_by_the_number_of_the_step_and_for_several_tasks_only() {
    let learner = learner(Balance::Equal);
    let size = TrainingConfig::default().batch_size;
    let due = [0, 320, 321, 322, 964].map(|step| learner.is_look_due(step * size));
    assert_eq!(due, [false, false, true, false, true]);
    // A shorter last batch has the number of its step.
    assert!(learner.is_look_due(321 * size + 1));
    let model = model(1);
    let loss = LabelLossConfig::new().init(&model.head);
    let objective = Objective::Single(Box::new(loss));
    let single = Learner::new(model, objective, &TrainingConfig::default(), 0, &Device::default());
    assert!(!single.is_look_due(321 * size) && single.conflicts.is_none());
}
