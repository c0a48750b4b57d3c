//! Checks before the first step of a run.

use burn::tensor::{Int, Tensor};

use super::Fit;
use crate::{
    Error, Result,
    nn::{LabelLoss, Network, first_not_finite},
    train::{TrainingConfig, learner::loss_scale},
};

impl<N: Network, C: Clone> Fit<'_, N, C> {
    /// Checks settings, tasks, and that a custom network fits them.
    pub(super) fn check_settings(&self) -> Result<()> {
        self.config.validate()?;
        self.dataset.check_tasks(self.tasks)?;
        self.check_schedule(&self.config.training)?;
        let (tasks, tracks) = (self.tasks.len(), usize::from(self.dataset.has_signal()));
        let Some((name, network)) = self.source.custom() else {
            return self.config.architecture.validate_with(tracks);
        };
        let what = |part: &str| format!("the network {name}: {part}");
        Error::unless_fits(network.tasks() == tasks, what("its tasks"), tasks, network.tasks())?;
        Error::unless_fits(network.context_bp() > 0, what("its context"), "at least 1 bp", 0)?;
        let read = network.signal_tracks().unwrap_or(tracks);
        Error::unless_fits(read == tracks, what("the tracks of accessibility that it reads"), tracks, read)?;
        let Some((tensor, value)) = first_not_finite(network) else { return Ok(()) };
        Err(Error::mismatch(what(&tensor), "finite weights", value))
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
        let Some((name, _)) = self.source.custom() else { return Ok(()) };
        let check = |part: &str, expected: &[usize], found: &[usize]| {
            let shape = |shape: &[usize]| format!("shape {shape:?}");
            Error::unless_fits(expected == found, format!("the network {name}: {part}"), shape(expected), shape(found))
        };
        let (context_bp, tasks) = (network.context_bp(), self.tasks.len());
        let codes = Tensor::<2, Int>::zeros([SAMPLES, context_bp], &self.device);
        let signal = self.dataset.has_signal().then(|| Tensor::zeros([SAMPLES, 1, context_bp], &self.device));
        let logits = network.forward(codes.clone(), signal.clone()).dims();
        let classes = loss.map_or(logits[2], LabelLoss::classes);
        check("its logits of 2 samples", &[SAMPLES, tasks, classes], &logits)?;
        check("its log-odds of 2 samples", &[SAMPLES, tasks], &network.bound_log_odds(codes, signal).dims())
    }

    /// Checks that a penalty is one number, and that a custom optimizer works for the network.
    pub(super) fn check_parts(&self, network: &N) -> Result<()> {
        if let Some((name, penalty)) = &self.penalty {
            let (penalty, what) = (penalty(network), || format!("the penalty {name}"));
            let [count] = penalty.dims();
            Error::unless_fits(count == 1, what(), "one number", count)?;
            let value = penalty.into_scalar::<f32>();
            Error::unless_fits(value.is_finite(), what(), "a finite number", value)?;
        }
        let works = self.optimizer.is_none() || loss_scale(network) == 1.0;
        let expected = "f32 or bf16, where the optimizer is your own: with f16 gradients are scaled";
        Error::unless(works, "architecture.precision", expected, "f16")
    }
}
