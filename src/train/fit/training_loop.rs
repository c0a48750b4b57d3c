//! The training loop.

use super::{
    Fit, Progress,
    losses::{DivergedStep, Losses},
    run::ActiveRun,
};
use crate::{
    Error, Result,
    data::HostBatch,
    device::Stopwatch,
    nn::Network,
    predict::{TrackPrecision, predict_samples},
    train::{OneCycle, Schedule, TrainingConfig, stream::BatchStream},
};

impl<N: Network, C: Clone> Fit<'_, N, C> {
    pub(super) fn train(
        &mut self,
        run: &mut ActiveRun<'_, N>,
        training: &TrainingConfig,
        batches: &mut dyn Iterator<Item = HostBatch>,
        looks: &mut BatchStream<'_>,
        watch: Stopwatch,
    ) -> Result<()> {
        let cycle = OneCycle { peak: training.learning_rate, warmup: training.warmup };
        let schedule: &dyn Schedule = self.schedule.as_ref().map_or(&cycle, |(_, schedule)| &**schedule);
        let (seconds, cpu_seconds) = (run.state.seconds, run.state.cpu_seconds);
        let mut losses = Losses::default();
        for host in batches {
            if self.needs_audit {
                run.learner.audit(&host)?;
                self.needs_audit = false;
            }
            if run.learner.is_look_due(run.state.draws)
                && let Some(look) = looks.next()
            {
                run.learner.look(&look, run.state.draws);
            }
            let done = run.state.draws as f64 / training.budget as f64;
            let rate = schedule.rate(done);
            losses.push(run.state.draws, rate, run.learner.step(&host, run.state.draws, rate));
            let validations = run.state.draws / training.validate_every;
            run.state.draws += host.size;
            let ends = run.state.draws == training.budget;
            let is_validated = run.state.draws / training.validate_every > validations || ends;
            if is_validated || losses.is_due() {
                losses.read().map_err(|diverged| self.diverged(run, diverged))?;
            }
            if is_validated {
                let tracks = self.validate(run, rate)?;
                run.state.seconds = seconds + watch.seconds();
                run.state.cpu_seconds = cpu_seconds.zip(watch.cpu_seconds()).map(|(before, since)| before + since);
                run.record(rate, losses.mean(), tracks);
                run.learner.store(&mut run.state);
                run.state.finished = ends || run.state.stopping.is_over(training.patience);
                run.save()?;
            }
            let (draws, validation) = (run.state.draws, run.state.history.last());
            (self.observer)(&Progress { draws, budget: training.budget, validation });
            if run.state.finished {
                break;
            }
        }
        Ok(())
    }

    /// The average precision of each track; at least one has bound bins.
    pub(super) fn validate(&self, run: &ActiveRun<'_, N>, learning_rate: f64) -> Result<Vec<TrackPrecision>> {
        let valid = run.valid.clone();
        let predictions = predict_samples(run.learner.network(), self.dataset, self.tasks, valid)?;
        let is_finite = |logits: &Vec<f32>| logits.iter().all(|logit| logit.is_finite());
        let tasks: Vec<usize> = (0..self.tasks.len()).filter(|&task| !is_finite(&predictions.logits[task])).collect();
        if tasks.is_empty() {
            return predictions.average_precisions(self.dataset);
        }
        Err(self.diverged(run, DivergedStep { draws: run.state.draws, learning_rate, loss: f64::NAN, tasks }))
    }

    fn diverged(&self, run: &ActiveRun<'_, N>, diverged: DivergedStep) -> Error {
        let DivergedStep { draws, learning_rate, loss, tasks } = diverged;
        let names = self.names();
        let tasks = if names.len() == 1 { vec![0] } else { tasks };
        let factors = tasks.into_iter().map(|task| names[task].clone()).collect();
        let best_draws = run.checkpoint.as_ref().and(run.state.best_draws());
        Error::Diverged { draws, learning_rate, loss, factors, best_draws }
    }
}
