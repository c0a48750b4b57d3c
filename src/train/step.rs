//! One step of gradient descent.

use burn::{
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor, TensorData},
};

use super::{
    AdamWConfig, TrainingConfig,
    balance::{TaskBalancer, TaskStep},
    checkpoint::State,
    conflicts::{Conflicts, Residuals},
};
use crate::{
    Error, Result,
    data::{Batch, HostBatch},
    nn::{LabelLoss, Loss, MaskAudit, Network, TaskLosses, as_model},
    random::{mixed, seeded},
};

/// What is added to the loss for what a network is like, `[1]`.
pub(super) type Penalty<'a, N> = Box<dyn Fn(&N) -> Tensor<1> + 'a>;

/// A network with its loss and its optimizer.
pub(super) struct Learner<'a, N> {
    pub(super) network: N,
    pub(super) optimizer: ModuleOptimizer,
    loss: Box<dyn Loss + 'a>,
    penalty: Option<Penalty<'a, N>>,
    /// What looks at the tasks one by one.
    pub(super) tasks: Option<TaskWatch<'a>>,
    scale: f32,
    device: Device,
    seed: u64,
}

/// What looks at the tasks one by one.
pub(super) struct TaskWatch<'a> {
    pub(super) loss: LabelLoss,
    /// None where all tasks weigh the same.
    pub(super) balancer: Option<Box<dyn TaskBalancer + 'a>>,
    /// None before the first step, and for a head that is not linear.
    pub(super) conflicts: Option<Conflicts>,
}

/// The loss of a step, on the device.
pub(super) struct StepLoss {
    /// The mean over the tasks.
    pub(super) mean: Tensor<1>,
    /// That of each task, where they are looked at one by one.
    pub(super) tasks: Option<Tensor<1>>,
}

impl StepLoss {
    /// The tasks whose losses are not finite, as far as known.
    pub(super) fn not_finite(&self) -> Vec<usize> {
        let losses = self.tasks.iter().flat_map(|tasks| tasks.clone().into_data().iter::<f32>().collect::<Vec<_>>());
        losses.enumerate().filter(|(_, loss)| !loss.is_finite()).map(|(task, _)| task).collect()
    }
}

impl<'a, N: Network> Learner<'a, N> {
    pub(super) fn new(
        network: N,
        loss: Box<dyn Loss + 'a>,
        tasks: Option<TaskWatch<'a>>,
        config: &TrainingConfig,
        seed: u64,
        device: &Device,
    ) -> Self {
        let scale = loss_scale(&network);
        let (optimizer, device) = (optimizer(config, scale), device.clone().autodiff());
        Self { network: network.train(), optimizer, loss, penalty: None, tasks, scale, device, seed }
    }

    /// Adds a penalty to what is minimised.
    pub(super) fn with_penalty(self, penalty: Penalty<'a, N>) -> Self {
        Self { penalty: Some(penalty), ..self }
    }

    /// Steps with another optimizer.
    pub(super) fn with_optimizer(self, optimizer: ModuleOptimizer) -> Self {
        Self { optimizer, ..self }
    }

    /// Checks that labels which are missing have no influence, and those which are there do.
    pub(super) fn audit(&self, host: &HostBatch) -> Result<MaskAudit> {
        MaskAudit::run(&self.network, &*self.loss, &Batch::new(host, &self.device)?)
    }

    /// Notes what looks at the tasks remembers.
    pub(super) fn remember(&self, state: &mut State) {
        if let Some(TaskWatch { balancer, conflicts, .. }) = &self.tasks {
            state.balance = balancer.as_ref().map(|balancer| balancer.state()).unwrap_or_default();
            state.conflicts = conflicts.as_ref().map(Conflicts::saved);
        }
    }

    /// Goes on from there.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if what is saved is of another length.
    pub(super) fn restore(&mut self, state: &State, tasks: usize) -> Result<()> {
        let device = self.device.clone().inner();
        let same = |what: &str, expected: usize, found: usize| {
            let what = format!("what a checkpoint remembers of {what}");
            let mismatch = Error::Mismatch { what, expected: expected.to_string(), found: found.to_string() };
            if expected == found { Ok(()) } else { Err(mismatch) }
        };
        let Some(TaskWatch { balancer, conflicts, .. }) = &mut self.tasks else { return Ok(()) };
        if let Some(saved) = &state.conflicts {
            saved.lengths().into_iter().try_for_each(|length| same("conflicts", tasks * tasks, length))?;
            *conflicts = Some(Conflicts::restored(saved, tasks, &device));
        }
        if let Some(balancer) = balancer.as_mut().filter(|_| state.draws > 0) {
            same("the balancer", balancer.state().len(), state.balance.len())?;
            balancer.restore(&state.balance);
        }
        Ok(())
    }

    /// Learns from a batch, and returns its loss.
    pub(super) fn step(&mut self, host: &HostBatch, drawn: usize, rate: f64) -> StepLoss {
        let batch = Batch::new(host, &self.device).expect("a builder makes parts that fit together");
        let seed = mixed(&[self.seed, drawn as u64]);
        let (loss, value, tasks) = match &mut self.tasks {
            Some(TaskWatch { loss, balancer: Some(balancer), conflicts }) => {
                balanced(&self.network, loss, &mut **balancer, conflicts, &batch, seed)
            }
            watch => {
                let logits = forward_each(&self.network, &batch, seed);
                let mut tasks = None;
                if let Some(TaskWatch { loss, conflicts, .. }) = watch
                    && let Some((residuals, means)) = residuals(&self.network, loss, &logits[0], &batch)
                {
                    look(conflicts, &residuals);
                    tasks = Some(means);
                }
                let loss = |logits| self.loss.forward(logits, batch.labels.clone(), Some(batch.weights.clone()));
                // Each member learns as if it were alone.
                let losses: Vec<Tensor<1>> = logits.into_iter().map(loss).collect();
                let (members, sum) = (losses.len() as f32, Tensor::cat(losses, 0).sum());
                (sum.clone(), sum / members, tasks)
            }
        };
        let (loss, value) = match self.penalty.as_ref().map(|penalty| penalty(&self.network)) {
            Some(penalty) => (loss + penalty.clone(), value + penalty),
            None => (loss, value),
        };
        let value = StepLoss { mean: value.detach().inner(), tasks };
        let loss = if self.scale == 1.0 { loss } else { loss * self.scale };
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.optimizer.step(rate, self.network.clone(), gradients);
        if let Some(TaskWatch { loss, balancer: Some(balancer), .. }) = &mut self.tasks
            && balancer.wants_losses_after()
        {
            let logits: Vec<Tensor<3>> =
                forward_each(&self.network, &batch, seed).into_iter().map(Tensor::detach).collect();
            let members = logits.len() as f32;
            balancer.after(&on_host(&summed(loss, logits, &batch), members));
        }
        value
    }
}

/// An optimizer of gradients that are so many times too large.
fn optimizer(config: &TrainingConfig, scale: f32) -> ModuleOptimizer {
    let adamw = AdamWConfig::new().with_weight_decay(config.weight_decay);
    // Moments grow with their gradients: with the epsilon, all of them cancel.
    let epsilon = adamw.epsilon * scale;
    adamw.with_epsilon(epsilon).init()
}

/// The factor on the loss of a network that computes in other floats.
pub(super) fn loss_scale(network: &impl Network) -> f32 {
    as_model(network).map_or(1.0, |model| model.trunk.precision().loss_scale())
}

/// The logits of each member, if it has several.
fn forward_each(network: &impl Network, batch: &Batch, seed: u64) -> Vec<Tensor<3>> {
    let device = batch.weights.device();
    let (codes, signal) = (batch.codes.clone(), batch.signal.clone());
    seeded(&device, seed, || match as_model(network) {
        Some(model) => model.forward_each(codes, signal),
        None => vec![network.forward(codes, signal)],
    })
}

/// What is minimised where tasks weigh what a balancer says, the mean of their losses, and these.
fn balanced(
    network: &impl Network,
    loss: &LabelLoss,
    balancer: &mut dyn TaskBalancer,
    conflicts: &mut Option<Conflicts>,
    batch: &Batch,
    seed: u64,
) -> (Tensor<1>, Tensor<1>, Option<Tensor<1>>) {
    let (logits, of_trunk) = if let Some(model) = as_model(network).filter(|_| balancer.wants_gradients()) {
        let device = batch.weights.device();
        let [of_head, of_trunk] = seeded(&device, seed, || model.parted(batch.codes.clone(), batch.signal.clone()));
        (vec![of_head], Some(of_trunk))
    } else {
        (forward_each(network, batch, seed), None)
    };
    let residuals = residuals(network, loss, &logits[0], batch).map(|(residuals, _)| residuals);
    if let Some(residuals) = &residuals {
        look(conflicts, residuals);
    }
    let gram = residuals.filter(|_| balancer.wants_gradients()).map(|residuals| residuals.gram());
    let members = logits.len() as f32;
    let losses = summed(loss, logits, batch);
    let means = losses.means.clone().detach().inner();
    let host = on_host(&losses, members);
    let count = host.iter().flatten().count().max(1) as f64;
    let weights: Vec<f64> = balancer.weights(&TaskStep { losses: &host, gram: gram.as_ref() });
    let weights = TensorData::from(weights.as_slice());
    let weights = Tensor::<1>::from_data(weights, &losses.means.device()) / count;
    let mean = losses.means.clone().sum() / count;
    let minimised = match of_trunk {
        Some(of_trunk) => mean.clone() + (task_losses(loss, of_trunk, batch).means * weights).sum(),
        None => (losses.means * weights).sum(),
    };
    (minimised, mean / members, Some(means))
}

/// The losses of tasks, summed over the members.
fn summed(loss: &LabelLoss, logits: Vec<Tensor<3>>, batch: &Batch) -> TaskLosses {
    let add = |sum: TaskLosses, next: TaskLosses| TaskLosses { means: sum.means + next.means, ..sum };
    let each = logits.into_iter().map(|logits| task_losses(loss, logits, batch));
    each.reduce(add).expect("a model has a member")
}

fn task_losses(loss: &LabelLoss, logits: Tensor<3>, batch: &Batch) -> TaskLosses {
    loss.per_task(logits, batch.labels.clone(), Some(batch.weights.clone()))
        .expect("tasks are watched where the loss is one of tasks")
}

/// The loss of each task for the mean of so many members, none where it has no label in the batch.
fn on_host(losses: &TaskLosses, members: f32) -> Vec<Option<f64>> {
    let values = |tensor: Tensor<1>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
    let (means, seen) = (values(losses.means.clone() / members), values(losses.seen.clone()));
    means.into_iter().zip(seen).map(|(mean, seen)| (seen > 0.0).then_some(mean)).collect()
}

/// What the batch says of the tasks' gradients, where the logits are linear in the shared features, and their losses.
fn residuals(
    network: &impl Network,
    loss: &LabelLoss,
    logits: &Tensor<3>,
    batch: &Batch,
) -> Option<(Residuals, Tensor<1>)> {
    let linear = as_model(network)?.head.linear()?;
    let logits = logits.clone().detach().require_grad();
    let losses = task_losses(loss, logits.clone(), batch);
    let means = losses.means.clone().detach().inner();
    let values = logits.grad(&losses.means.sum().backward())?.squeeze_dim(2);
    let residuals = Residuals { values, observed: losses.observed.inner(), weight: linear.weight.val().inner() };
    Some((residuals, means))
}

fn look(conflicts: &mut Option<Conflicts>, residuals: &Residuals) {
    *conflicts = Some(match conflicts.take() {
        Some(before) => before.add(residuals),
        None => Conflicts::new(residuals),
    });
}

#[cfg(test)]
mod tests {
    use burn::{module::Module, tensor::s};

    use super::*;
    use crate::{
        genome::Label,
        nn::{Head, LabelLossConfig, Model, ModelConfig, MotifConvConfig, TrunkConfig},
        train::balance::{Balance, Equal},
    };

    const TASKS: usize = 3;

    fn host(labels: &[[Label; TASKS]]) -> HostBatch {
        let size = labels.len();
        let weights = (0..size).map(|sample| 1.0 + sample as f32).collect();
        let codes = (0..size * 30).map(|place| (place * place % 7 % 4) as u8).collect();
        HostBatch { size, codes, signal: Vec::new(), labels: labels.concat(), weights }
    }

    fn learner(balance: Balance) -> Learner<'static, Model> {
        let device = Device::default();
        let trunk = TrunkConfig::new(30, MotifConvConfig::new(4, 7)).with_hidden(8);
        let model = ModelConfig::new(trunk, TASKS).init(&device);
        let loss = LabelLossConfig::new().init(&model.head);
        let balancer = (balance != Balance::Equal).then(|| balance.init(&[0.1; TASKS], 0));
        let watch = TaskWatch { loss: loss.clone(), balancer, conflicts: None };
        Learner::new(model, Box::new(loss), Some(watch), &TrainingConfig::default(), 0, &device)
    }

    fn labels() -> HostBatch {
        use Label::{Bound, Missing, Unbound};
        host(&[
            [Bound, Unbound, Missing],
            [Unbound, Bound, Bound],
            [Missing, Unbound, Unbound],
            [Bound, Bound, Missing],
        ])
    }

    #[test]
    fn products_in_closed_form_are_those_of_gradients_on_the_features() {
        let learner = learner(Balance::Equal);
        let batch = Batch::new(&labels(), &learner.device).unwrap();
        let watch = learner.tasks.as_ref().unwrap();
        let logits_of = |features: &Tensor<2>| learner.network.head.as_task_head().forward(features.clone());
        let features = learner.network.trunk.forward(batch.codes.clone(), None).detach();
        let gradient = |task: usize| {
            let features = features.clone().require_grad();
            let means = task_losses(&watch.loss, logits_of(&features), &batch).means;
            features.grad(&means.slice(s![task..=task]).sum().backward()).unwrap()
        };
        let logits = logits_of(&features);
        let gradients: Vec<Tensor<2>> = (0..TASKS).map(gradient).collect();
        let (residuals, _) = residuals(&learner.network, &watch.loss, &logits, &batch).unwrap();
        // So often that each two tasks have enough samples in common.
        let conflicts = (1..100).fold(Conflicts::new(&residuals), |sum, _| sum.add(&residuals));
        let (gram, map) = (residuals.gram(), conflicts.saved().map(vec![String::new(); TASKS]));
        let observed: Vec<f32> = residuals.observed.clone().into_data().iter::<f32>().collect();
        for a in 0..TASKS {
            for b in 0..TASKS {
                let product = (gradients[a].clone() * gradients[b].clone()).sum().into_scalar::<f32>();
                assert!((gram.at(a, b) as f32 - product).abs() < 1e-6, "{a} {b}: {} {product}", gram.at(a, b));
                // The lengths are those on the samples in which both have a label.
                let length = |of: usize, other: usize| {
                    let rows: Vec<f32> = (0..4).map(|row| observed[row * TASKS + other]).collect();
                    let rows = Tensor::<1>::from_data(rows.as_slice(), &gradients[of].device()).unsqueeze_dim::<2>(1);
                    (gradients[of].clone() * rows).powi_scalar(2).sum().into_scalar::<f32>().sqrt()
                };
                let cosine = product / (length(a, b) * length(b, a));
                assert!((map.cosine(a, b).unwrap() as f32 - cosine).abs() < 1e-4, "{a} {b}");
            }
        }
    }

    #[test]
    fn a_task_without_a_label_in_the_batch_learns_nothing_from_it() {
        for balance in [Balance::Uncertainty, Balance::Famo, Balance::Pcgrad, Balance::Cagrad, Balance::Aligned] {
            let mut host = labels();
            host.labels.chunks_exact_mut(TASKS).for_each(|row| row[1] = Label::Missing);
            let mut learner = learner(balance);
            let weights = |learner: &Learner<'_, Model>| {
                let weight = learner.network.head.linear().unwrap().weight.val();
                [0, 1]
                    .map(|task| weight.clone().slice(s![.., task..=task]).into_data().iter::<f32>().collect::<Vec<_>>())
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
        for balance in [Balance::Equal, Balance::Famo, Balance::Pcgrad] {
            let mut learner = learner(balance);
            assert_eq!(learner.step(&labels(), 0, 0.01).not_finite(), [0; 0], "{balance:?}");
            let Head::Sigmoid(head) = &mut learner.network.head else { unreachable!() };
            let spoil = Tensor::<1>::from_data([0.0, f32::NAN, 0.0], &learner.device);
            head.linear.bias = head
                .linear
                .bias
                .take()
                .map(|bias| bias.map(|bias| (bias.inner() + spoil.inner()).autodiff().require_grad()));
            assert_eq!(learner.step(&labels(), 1, 0.01).not_finite(), [1], "{balance:?}");
        }
    }

    #[test]
    fn the_mean_is_that_of_the_tasks_with_a_label_in_the_batch() {
        let mut host = labels();
        host.labels.chunks_exact_mut(TASKS).for_each(|row| row[1] = Label::Missing);
        for balance in [Balance::Equal, Balance::Uncertainty, Balance::Famo, Balance::Pcgrad] {
            let mut learner = learner(balance);
            let losses = {
                let batch = Batch::new(&host, &learner.device).unwrap();
                let logits = learner.network.forward(batch.codes.clone(), None);
                let watch = learner.tasks.as_ref().unwrap();
                on_host(&task_losses(&watch.loss, logits, &batch), 1.0)
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
            learner.tasks.as_mut().unwrap().balancer = balancer;
            for (drawn, host) in [labels(), half.clone(), half.clone()].iter().enumerate() {
                learner.step(host, drawn, 0.01);
            }
            let weights = learner.network.trunk.conv.weight.val().into_data();
            weights.iter::<f32>().collect::<Vec<_>>()
        };
        let plain = learned(None);
        for (plain, alike) in plain.iter().zip(learned(Some(Box::new(Equal)))) {
            assert!((plain - alike).abs() < 1e-5, "{plain} {alike}");
        }
    }

    #[test]
    fn a_step_does_not_depend_on_the_scale_of_the_loss() {
        // All are bound, and said to be so by a logit of 15: gradients are about 1e-7, where the epsilon counts.
        let host = host(&[[Label::Bound; TASKS]; 4]);
        let step = |scale: f32| {
            let mut learner = learner(Balance::Equal);
            learner.scale = scale;
            learner.optimizer = optimizer(&TrainingConfig::default(), scale);
            learner.network = learner.network.clone().valid().shifted(&[15.0; TASKS]).train();
            let bias = |learner: &Learner<'_, Model>| {
                let bias = learner.network.head.linear().unwrap().bias.as_ref().unwrap().val().into_data();
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
}
