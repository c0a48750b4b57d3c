//! What a run is refused for before its first step.

use burn::tensor::{Int, Tensor};

use super::{Fit, origin::Origin};
use crate::{
    Error, Result,
    nn::{LabelLoss, Network, first_not_finite},
    train::{TrainingConfig, identity::StartIdentity, step::loss_scale},
};

impl<N: Network, C: Clone> Fit<'_, N, C> {
    /// Checks settings, tasks, and that they fit a network of one's own.
    pub(super) fn check_settings(&self) -> Result<()> {
        self.config.validate()?;
        self.dataset.check_tasks(self.tasks)?;
        self.check_schedule(&self.config.training)?;
        let tracks = usize::from(self.dataset.has_signal());
        if self.origin.network().is_none() {
            self.config.architecture.validate_with(tracks)?;
        }
        let Origin::Own { identity: StartIdentity { name, .. }, network, .. } = &self.origin else { return Ok(()) };
        network_is(name, "its tasks", self.tasks.len().to_string(), network.tasks().to_string())?;
        let context = if network.context_bp() == 0 { "0" } else { "at least 1 bp" };
        network_is(name, "its context", "at least 1 bp".into(), context.into())?;
        let read = network.signal_tracks().unwrap_or(tracks);
        network_is(name, "the tracks of accessibility that it reads", tracks.to_string(), read.to_string())?;
        let Some((tensor, value)) = first_not_finite(network) else { return Ok(()) };
        network_is(name, &tensor, "finite weights".into(), value.to_string())
    }

    /// Checks that a schedule of one's own gives a rate for each step.
    pub(super) fn check_schedule(&self, training: &TrainingConfig) -> Result<()> {
        let Some((name, schedule)) = &self.schedule else { return Ok(()) };
        let TrainingConfig { budget, batch_size, .. } = *training;
        let mut rates = (0..budget).step_by(batch_size).map(|drawn| schedule.rate(drawn as f64 / budget as f64));
        let odd = rates.find(|rate| !(rate.is_finite() && *rate >= 0.0));
        odd.map_or(Ok(()), |odd| Error::unless(false, format!("schedule {name}"), "finite rates from 0 on", odd))
    }

    /// Checks what a network of one's own says of two samples, given the loss that belongs to it if it is minimised.
    pub(super) fn check_outputs(&self, network: &N, loss: Option<&LabelLoss>) -> Result<()> {
        const SAMPLES: usize = 2;
        let Origin::Own { identity: StartIdentity { name, .. }, .. } = &self.origin else { return Ok(()) };
        let (context_bp, tasks) = (network.context_bp(), self.tasks.len());
        let codes = Tensor::<2, Int>::zeros([SAMPLES, context_bp], &self.device);
        let signal = self.dataset.has_signal().then(|| Tensor::zeros([SAMPLES, 1, context_bp], &self.device));
        let found = network.forward(codes.clone(), signal.clone()).dims();
        let classes = loss.map_or(found[2], LabelLoss::classes);
        let shape = |shape: &[usize]| format!("shape {shape:?}");
        network_is(name, "its logits of 2 samples", shape(&[SAMPLES, tasks, classes]), shape(&found))?;
        let found = network.bound_log_odds(codes, signal).dims();
        network_is(name, "its log-odds of 2 samples", shape(&[SAMPLES, tasks]), shape(&found))
    }

    /// Checks that a penalty is one number, and an optimizer is one for the network.
    pub(super) fn check_parts(&self, network: &N) -> Result<()> {
        if let Some((name, penalty)) = &self.penalty {
            let penalty = penalty(network);
            let [count] = penalty.dims();
            let what = || format!("the penalty {name}");
            check_same(what(), "one number".into(), if count == 1 { "one number".into() } else { count.to_string() })?;
            let value = penalty.into_scalar::<f32>();
            let expected = if value.is_finite() { value.to_string() } else { "a finite number".into() };
            check_same(what(), expected, value.to_string())?;
        }
        let works = self.optimizer.is_none() || loss_scale(network) == 1.0;
        let expected = "f32 or bf16, where the optimizer is your own: with f16 gradients are scaled";
        Error::unless(works, "architecture.precision".into(), expected, "f16")
    }
}

/// Adds constants to the log-odds, to undo or redo what training does to the odds.
pub(super) fn shifted<N: Network>(network: N, shifts: &[f64]) -> Result<N> {
    if shifts.iter().all(|shift| *shift == 0.0) {
        return Ok(network);
    }
    network.shifted(shifts).ok_or_else(|| Error::Mismatch {
        what: "the odds that training.sampler.correction = \"none\" or training.bound_weight change".into(),
        expected: "a network that undoes it (Network::shifted), or correction = \"weight\" and bound_weight = 1".into(),
        found: "a network that cannot".into(),
    })
}

/// Refuses a network of one's own, part of which is not as it should be.
fn network_is(name: &str, part: &str, expected: String, found: String) -> Result<()> {
    check_same(format!("the network {name}: {part}"), expected, found)
}

fn check_same(what: String, expected: String, found: String) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::Mismatch { what, expected, found }) }
}
