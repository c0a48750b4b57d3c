//! One step of gradient descent.

mod objective;
mod residuals;
pub(super) mod state;
#[cfg(test)]
mod tests;

use burn::{
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};

pub(super) use self::objective::{Objective, StepLoss};
use self::state::State;
use super::{
    AdamWConfig, TrainingConfig,
    conflicts::{Conflicts, look::Look},
};
use crate::{
    Error, Result,
    data::{Batch, HostBatch},
    nn::{MaskAudit, Network, as_model},
    random::mix,
};

/// Why a learner has its network.
const PUT_BACK: &str = "a step puts the network back";

/// Keeps the random streams of looks apart from those of others with the same seed.
const LOOK: u64 = u64::from_be_bytes(*b"look    ");

/// A penalty on a network that is added to the loss, `[1]`.
pub(super) type Penalty<'a, N> = Box<dyn Fn(&N) -> Tensor<1> + 'a>;

/// A network with its objective and its optimizer.
pub(super) struct Learner<'a, N> {
    /// None only while the optimizer has it: it changes weights in place that nobody else holds.
    network: Option<N>,
    pub(super) optimizer: ModuleOptimizer,
    pub(super) penalty: Option<Penalty<'a, N>>,
    /// None for a single task, where the loss is not split by task, and for a network without a known trunk.
    pub(super) conflicts: Option<Conflicts>,
    objective: Objective<'a>,
    loss_scale: f32,
    batch_size: usize,
    device: Device,
    seed: u64,
}

impl<'a, N: Network> Learner<'a, N> {
    pub(super) fn new(
        network: N,
        objective: Objective<'a>,
        config: &TrainingConfig,
        seed: u64,
        device: &Device,
    ) -> Self {
        let loss_scale = loss_scale(&network);
        let (optimizer, device) = (optimizer(config, loss_scale), device.clone().autodiff());
        let has_conflicts = objective.label_loss().is_some() && as_model(&network).is_some() && network.tasks() > 1;
        let conflicts = has_conflicts.then(|| Conflicts::new(network.tasks()));
        let (network, batch_size) = (Some(network.train()), config.batch_size);
        Self { network, optimizer, penalty: None, conflicts, objective, loss_scale, batch_size, device, seed }
    }

    /// Returns the network.
    pub(super) fn network(&self) -> &N {
        self.network.as_ref().expect(PUT_BACK)
    }

    /// Puts another network, or other weights, in place.
    pub(super) fn replace(&mut self, network: N) {
        self.network = Some(network);
    }

    /// Checks that missing labels have no influence, and that all others have.
    pub(super) fn audit(&self, host: &HostBatch) -> Result<MaskAudit> {
        MaskAudit::run(self.network(), self.objective.loss(), &Batch::new(host, &self.device)?)
    }

    /// Stores the balancer and the conflicts in a state.
    pub(super) fn store(&self, state: &mut State) {
        if let Objective::Balanced(_, balancer) = &self.objective {
            state.balance = balancer.state();
        }
        state.looks.clone_from(&self.conflicts);
    }

    /// Restores the balancer and the conflicts from a state.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if what is saved has another length.
    pub(super) fn restore(&mut self, state: &State) -> Result<()> {
        let same = |what: &str, expected: usize, found: usize| {
            Error::unless_equal(format!("what a checkpoint remembers of {what}"), expected, found)
        };
        if let (Some(conflicts), Some(saved)) = (&mut self.conflicts, &state.looks) {
            same("conflicts", conflicts.len(), saved.len())?;
            conflicts.clone_from(saved);
        }
        if let Objective::Balanced(_, balancer) = &mut self.objective
            && state.draws > 0
        {
            same("the balancer", balancer.state().len(), state.balance.len())?;
            balancer.restore(&state.balance);
        }
        Ok(())
    }

    /// Whether there is a look at conflicts before the step after some draws.
    pub(super) fn is_look_due(&self, drawn: usize) -> bool {
        self.conflicts.is_some() && Conflicts::is_due(drawn / self.batch_size, self.network().tasks())
    }

    /// Looks at conflicts between tasks, on a batch that is not trained on.
    pub(super) fn look(&mut self, host: &HostBatch, drawn: usize) {
        let batch = Batch::new(host, &self.device.clone().inner()).expect("a builder makes parts that fit together");
        let network = self.network().valid();
        let parts = (as_model(&network), self.objective.label_loss(), &mut self.conflicts);
        if let (Some(model), Some(loss), Some(conflicts)) = parts
            && let Some(look) = Look::new(model, loss, &batch, mix(&[self.seed, LOOK, drawn as u64]))
        {
            conflicts.add(&look);
        }
    }

    /// Takes a step on a batch, and returns its loss.
    pub(super) fn step(&mut self, host: &HostBatch, drawn: usize, rate: f64) -> StepLoss {
        let batch = Batch::new(host, &self.device).expect("a builder makes parts that fit together");
        let seed = mix(&[self.seed, drawn as u64]);
        let network = self.network.take().expect(PUT_BACK);
        let (mut loss, mut step) = self.objective.evaluate(&network, &batch, seed);
        if let Some(penalty) = &self.penalty {
            let penalty = penalty(&network);
            step.mean = step.mean + penalty.clone().detach().inner();
            loss = loss + penalty;
        }
        let loss = if self.loss_scale == 1.0 { loss } else { loss * self.loss_scale };
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let network = self.network.insert(self.optimizer.step(rate, network, gradients));
        self.objective.after_step(network, &batch, seed);
        step
    }
}

/// AdamW for gradients multiplied by the loss scale. Epsilon is multiplied by it too, so that the scale cancels in the
/// update.
fn optimizer(config: &TrainingConfig, loss_scale: f32) -> ModuleOptimizer {
    let adamw = AdamWConfig::new().with_weight_decay(config.weight_decay);
    let epsilon = adamw.epsilon * loss_scale;
    adamw.with_epsilon(epsilon).init()
}

/// The loss scale of mixed precision (1 unless f16).
pub(super) fn loss_scale(network: &impl Network) -> f32 {
    as_model(network).map_or(1.0, |model| model.trunk.precision().loss_scale())
}
