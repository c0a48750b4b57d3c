//! What a step minimises, and how tasks are weighed in it.

use burn::tensor::{Tensor, TensorData};

use crate::{
    data::Batch,
    nn::{LabelLoss, Loss, Network, TaskLosses, as_model},
    random::with_seed,
    train::{
        balance::{Gram, TaskBalancer, TaskStep},
        learner::residuals::Residuals,
    },
};

/// What a step minimises.
pub(in crate::train) enum Objective<'a> {
    /// One loss, not split by task.
    Single(Box<dyn Loss + 'a>),
    /// The mean of the tasks' losses.
    Mean(LabelLoss),
    /// The tasks' losses, weighed by a balancer.
    Balanced(LabelLoss, Box<dyn TaskBalancer + 'a>),
}

/// The loss of a step, on the device.
pub(in crate::train) struct StepLoss {
    /// The mean over the tasks.
    pub(in crate::train) mean: Tensor<1>,
    /// The loss of each task, where the loss is split by task.
    pub(in crate::train) tasks: Option<Tensor<1>>,
}

impl StepLoss {
    /// The tasks whose losses are not finite, as far as known.
    pub(in crate::train) fn not_finite(&self) -> Vec<usize> {
        let losses = self.tasks.iter().flat_map(|tasks| tasks.clone().into_data().iter::<f32>().collect::<Vec<_>>());
        losses.enumerate().filter(|(_, loss)| !loss.is_finite()).map(|(task, _)| task).collect()
    }
}

impl<'a> Objective<'a> {
    pub(super) fn loss(&self) -> &(dyn Loss + 'a) {
        match self {
            Self::Single(loss) => &**loss,
            Self::Mean(loss) | Self::Balanced(loss, _) => loss,
        }
    }

    /// The loss that is split by task, if it is.
    pub(super) fn label_loss(&self) -> Option<&LabelLoss> {
        if let Self::Mean(loss) | Self::Balanced(loss, _) = self { Some(loss) } else { None }
    }

    /// Returns what to minimise and the loss to report.
    pub(super) fn evaluate(&mut self, network: &impl Network, batch: &Batch, seed: u64) -> (Tensor<1>, StepLoss) {
        let wants_gradients = matches!(self, Self::Balanced(_, balancer) if balancer.wants_gradients());
        let (logits, trunk_logits) = forward_parts(network, batch, seed, wants_gradients);
        let members = logits.len() as f32;
        let (Self::Mean(loss) | Self::Balanced(loss, _)) = &*self else {
            let loss = |logits| self.loss().forward(logits, batch.labels.clone(), Some(batch.weights.clone()));
            let sum = Tensor::cat(logits.into_iter().map(loss).collect(), 0).sum();
            return (sum.clone(), StepLoss { mean: (sum / members).detach().inner(), tasks: None });
        };
        let task_losses = |logits| task_losses(loss, logits, batch, wants_gradients);
        let each: Vec<TaskLosses> = logits.into_iter().map(task_losses).collect();
        let residuals = if wants_gradients { Residuals::new(network, &each[0]) } else { None };
        let losses = summed(each);
        let tasks = Some(losses.means.clone().detach().inner());
        let (minimised, mean) = match self {
            Self::Balanced(loss, balancer) => {
                let gram = residuals.map(|residuals| residuals.gram());
                let (weights, count) = task_weights(&mut **balancer, &losses, members, gram.as_ref());
                let mean = losses.means.clone().sum() / count;
                let minimised = match trunk_logits {
                    Some(logits) => {
                        mean.clone() + (self::task_losses(loss, logits, batch, false).means * weights).sum()
                    }
                    None => (losses.means * weights).sum(),
                };
                (minimised, mean)
            }
            // Each member learns as if it were alone.
            _ => (losses.mean.clone(), losses.mean),
        };
        (minimised, StepLoss { mean: (mean / members).detach().inner(), tasks })
    }

    /// Tells the balancer the losses of the same batch after the step, if it wants them.
    pub(super) fn after_step(&mut self, network: &impl Network, batch: &Batch, seed: u64) {
        if let Self::Balanced(loss, balancer) = self
            && balancer.wants_losses_after()
        {
            let logits = forward_each(network, batch, seed).into_iter().map(Tensor::detach);
            let each: Vec<TaskLosses> = logits.map(|logits| task_losses(loss, logits, batch, false)).collect();
            let members = each.len() as f32;
            balancer.after_step(&on_host(&summed(each), members));
        }
    }
}

/// The logits of each member; where gradients are wanted, those that teach the head alone, and those that teach the
/// trunk.
fn forward_parts(
    network: &impl Network,
    batch: &Batch,
    seed: u64,
    wants_gradients: bool,
) -> (Vec<Tensor<3>>, Option<Tensor<3>>) {
    let Some(model) = as_model(network).filter(|_| wants_gradients) else {
        return (forward_each(network, batch, seed), None);
    };
    let forward = || model.forward_split(batch.codes.clone(), batch.signal.clone());
    let [head, trunk] = with_seed(&batch.weights.device(), seed, forward);
    (vec![head], Some(trunk))
}

/// The logits of each member.
fn forward_each(network: &impl Network, batch: &Batch, seed: u64) -> Vec<Tensor<3>> {
    let (codes, signal) = (batch.codes.clone(), batch.signal.clone());
    with_seed(&batch.weights.device(), seed, || match as_model(network) {
        Some(model) => model.forward_each(codes, signal),
        None => vec![network.forward(codes, signal)],
    })
}

/// The losses of tasks, summed over the members.
fn summed(each: Vec<TaskLosses>) -> TaskLosses {
    let add = |sum: TaskLosses, next: TaskLosses| {
        let (means, mean) = (sum.means + next.means, sum.mean + next.mean);
        TaskLosses { means, mean, ..sum }
    };
    each.into_iter().reduce(add).expect("a model has a member")
}

/// The losses of tasks, with slopes where they are wanted and the loss has them.
pub(super) fn task_losses(loss: &LabelLoss, logits: Tensor<3>, batch: &Batch, with_slopes: bool) -> TaskLosses {
    let losses = loss.per_task_with(logits, &batch.labels, Some(batch.weights.clone()), with_slopes);
    losses.expect("a loss that is split by task")
}

/// A balancer's weight of each task, divided by the number of tasks with a label, and this number.
fn task_weights(
    balancer: &mut dyn TaskBalancer,
    losses: &TaskLosses,
    members: f32,
    gram: Option<&Gram>,
) -> (Tensor<1>, f64) {
    let host = on_host(losses, members);
    let count = host.iter().flatten().count().max(1) as f64;
    let weights = balancer.weights(&TaskStep { losses: &host, gram });
    let weights = TensorData::from(weights.as_slice());
    (Tensor::from_data(weights, &losses.means.device()) / count, count)
}

/// The loss of each task, divided by the number of members; `None` where it has no label in the batch.
pub(super) fn on_host(losses: &TaskLosses, members: f32) -> Vec<Option<f64>> {
    let values = |tensor: Tensor<1>| tensor.into_data().iter::<f64>().collect::<Vec<_>>();
    let (means, seen) = (values(losses.means.clone() / members), values(losses.seen.clone()));
    means.into_iter().zip(seen).map(|(mean, seen)| (seen > 0.0).then_some(mean)).collect()
}
