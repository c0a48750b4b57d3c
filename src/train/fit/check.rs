//! Checks before the first step of a run.

use burn::tensor::{Int, Tensor};

use super::{Fit, origin::NetworkSource};
use crate::{
    Error, Result,
    nn::{LabelLoss, Network, first_not_finite},
    train::{TrainingConfig, identity::NetworkIdentity, step::loss_scale},
};

impl<N: Network, C: Clone> Fit<'_, N, C> {
    /// Checks settings, tasks, and that a custom network fits them.
    pub(super) fn check_settings(&self) -> Result<()> {
        self.config.validate()?;
        self.dataset.check_tasks(self.tasks)?;
        self.check_schedule(&self.config.training)?;
        let tracks = usize::from(self.dataset.has_signal());
        if self.source.custom().is_none() {
            self.config.architecture.validate_with(tracks)?;
        }
        let NetworkSource::Custom { identity: NetworkIdentity { name, .. }, network, .. } = &self.source else {
            return Ok(());
        };
        check_network(name, "its tasks", self.tasks.len().to_string(), network.tasks().to_string())?;
        let context = if network.context_bp() == 0 { "0" } else { "at least 1 bp" };
        check_network(name, "its context", "at least 1 bp".into(), context.into())?;
        let read = network.signal_tracks().unwrap_or(tracks);
        check_network(name, "the tracks of accessibility that it reads", tracks.to_string(), read.to_string())?;
        let Some((tensor, value)) = first_not_finite(network) else { return Ok(()) };
        check_network(name, &tensor, "finite weights".into(), value.to_string())
    }

    /// Checks that a custom schedule gives a rate for each step.
    pub(super) fn check_schedule(&self, training: &TrainingConfig) -> Result<()> {
        let Some((name, schedule)) = &self.schedule else { return Ok(()) };
        let TrainingConfig { budget, batch_size, .. } = *training;
        let mut rates = (0..budget).step_by(batch_size).map(|drawn| schedule.rate(drawn as f64 / budget as f64));
        let odd = rates.find(|rate| !(rate.is_finite() && *rate >= 0.0));
        odd.map_or(Ok(()), |odd| Error::unless(false, format!("schedule {name}"), "finite rates from 0 on", odd))
    }

    /// Checks the outputs of a custom network for two samples, given its loss unless that is custom.
    pub(super) fn check_outputs(&self, network: &N, loss: Option<&LabelLoss>) -> Result<()> {
        const SAMPLES: usize = 2;
        let NetworkSource::Custom { identity: NetworkIdentity { name, .. }, .. } = &self.source else { return Ok(()) };
        let (context_bp, tasks) = (network.context_bp(), self.tasks.len());
        let codes = Tensor::<2, Int>::zeros([SAMPLES, context_bp], &self.device);
        let signal = self.dataset.has_signal().then(|| Tensor::zeros([SAMPLES, 1, context_bp], &self.device));
        let found = network.forward(codes.clone(), signal.clone()).dims();
        let classes = loss.map_or(found[2], LabelLoss::classes);
        let shape = |shape: &[usize]| format!("shape {shape:?}");
        check_network(name, "its logits of 2 samples", shape(&[SAMPLES, tasks, classes]), shape(&found))?;
        let found = network.bound_log_odds(codes, signal).dims();
        check_network(name, "its log-odds of 2 samples", shape(&[SAMPLES, tasks]), shape(&found))
    }

    /// Checks that a penalty is one number, and that a custom optimizer works for the network.
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

/// Refuses a custom network by one of its properties.
fn check_network(name: &str, part: &str, expected: String, found: String) -> Result<()> {
    check_same(format!("the network {name}: {part}"), expected, found)
}

fn check_same(what: String, expected: String, found: String) -> Result<()> {
    if expected == found { Ok(()) } else { Err(Error::Mismatch { what, expected, found }) }
}
