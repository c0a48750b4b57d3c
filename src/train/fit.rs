//! The training loop.

mod preparation;
mod run;

use std::{collections::BTreeSet, path::PathBuf, time::Instant};

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use self::run::Run;
use super::{
    ConflictMap, OneCycle, RunConfig, TrainingConfig, Validation,
    balance::TaskBalancer,
    checkpoint::{Checkpoint, Identity, State},
    stream::BatchStream,
};
use crate::{
    Error, Result,
    data::{BatchBuilder, Dataset, HostBatch, Sampler, Split, prefetch},
    device,
    nn::{Loss, Model, ModelFile, ModelInputs},
    predict::{TrackPrecision, predict},
};

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Samples drawn so far.
    pub draws: usize,
    /// Samples that may be drawn.
    pub budget: usize,
    /// The last look at the validation split.
    pub validation: Option<&'a Validation>,
}

/// A trained model.
#[derive(Debug)]
pub struct Fitted {
    /// The model with the best validation score, without autodiff.
    pub model: Model,
    /// The looks at the validation split.
    pub history: Vec<Validation>,
    /// The best of their scores: the mean average precision over the tracks with bound bins.
    pub average_precision: f64,
    /// Samples drawn.
    pub draws: usize,
    /// Seconds of training and validation.
    pub seconds: f64,
    /// Which tasks pull at the shared features in the same direction; none for a single task, a head that is not linear
    /// in the features, or a loss of one's own.
    pub conflicts: Option<ConflictMap>,
}

/// Trains a model for some tasks of a data set.
///
/// ```no_run
/// use burn::tensor::Device;
/// use multitf::{data::Dataset, train::{Fit, RunConfig}};
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
/// let fitted = Fit::new(&dataset, &tasks, &RunConfig::default(), 0, &Device::default())
///     .with_folder("out/multi")
///     .run()?;
/// println!("{:.3} after {} samples", fitted.average_precision, fitted.draws);
/// # Ok::<(), multitf::Error>(())
/// ```
pub struct Fit<'a> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    config: &'a RunConfig,
    seed: u64,
    device: Device,
    folder: Option<PathBuf>,
    observer: Box<dyn FnMut(&Progress<'_>) + 'a>,
    loss: Option<(String, Box<dyn Loss + 'a>)>,
    balancer: Option<(String, Box<dyn TaskBalancer + 'a>)>,
    start: Option<(String, Model)>,
    is_audited: bool,
}

impl<'a> Fit<'a> {
    /// Prepares to train one model for `tasks`, as the data set counts them.
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig, seed: u64, device: &Device) -> Self {
        let device = device.clone().inner();
        let observer = Box::new(|_: &Progress<'_>| ());
        Self {
            dataset,
            tasks,
            config,
            seed,
            device,
            folder: None,
            observer,
            loss: None,
            balancer: None,
            start: None,
            is_audited: true,
        }
    }

    /// Saves checkpoints, `log.tsv` and `config.toml` in a folder, and goes on from there if a run was interrupted. A
    /// run that is finished leaves its best model there as `model.safetensors` (see [`ModelFile`]), and one of several tasks
    /// its [`ConflictMap`] as `conflicts.tsv`.
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Calls a function after each step.
    pub fn with_observer(mut self, observer: impl FnMut(&Progress<'_>) + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Minimises a loss of your own, in place of the one that belongs to the head. Its name tells checkpoints apart.
    pub fn with_loss(mut self, name: impl Into<String>, loss: impl Loss + 'a) -> Self {
        self.loss = Some((name.into(), Box::new(loss)));
        self
    }

    /// Weighs tasks by a balancer of your own, in place of the configuration's. Its name tells checkpoints apart.
    pub fn with_balancer(mut self, name: impl Into<String>, balancer: impl TaskBalancer + 'a) -> Self {
        self.balancer = Some((name.into(), Box::new(balancer)));
        self
    }

    /// Starts from a model that was trained before, as the configuration's architecture and tasks have it, in place of new
    /// weights. The result is never worse than it on the validation split. Its name tells checkpoints apart.
    pub fn with_start(mut self, name: impl Into<String>, model: Model) -> Self {
        self.start = Some((name.into(), model));
        self
    }

    /// Leaves out the mask audit, for those who want to see what a wrong mask does.
    pub fn without_audit(mut self) -> Self {
        self.is_audited = false;
        self
    }

    /// Trains until the budget is spent or the validation score has stopped rising.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::NoPositives`] for tasks without a bound bin to
    /// learn from, [`Error::MaskAudit`] if missing labels would have an influence (see
    /// [`MaskAudit`](crate::nn::MaskAudit)), [`Error::EmptySplit`], [`Error::Mismatch`] if the folder holds another run,
    /// [`Error::ScoreNan`] if the training diverged, and what reading and writing can meet.
    pub fn run(mut self) -> Result<Fitted> {
        self.config.validate()?;
        let context_bp = self.config.architecture.context_bp;
        let config = &self.config.training.sampler;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, config, self.seed)?;
        let training = &self.config.training.raised(sampler.epoch_len(), self.factors());
        let valid = self.dataset.samples_of(self.tasks, Split::Valid, context_bp)?;
        let identity = self.identity();
        let starts_from_another = self.start.is_some();
        let mut learner = self.learner(&sampler)?;
        let checkpoint = self.folder.as_deref().map(|folder| Checkpoint::new(folder, identity)).transpose()?;
        let resumed = checkpoint.as_ref().map(|saved| saved.load(&mut learner)).transpose()?.flatten();
        let (state, best) = resumed.unwrap_or_else(|| (State::default(), learner.model.clone()));
        learner.restore(&state, self.tasks.len())?;
        let mut run = Run { learner, best, state, valid, checkpoint };
        if starts_from_another && run.state.history.is_empty() {
            let tracks = self.validate(&run)?;
            run.look(0.0, 0.0, tracks);
        }
        if !run.state.finished {
            let builder = BatchBuilder::new(self.dataset, self.tasks, context_bp);
            let builder =
                if training.reverse_complement { builder.with_reverse_complement(self.seed) } else { builder };
            let (size, budget) = (training.batch_size, training.budget);
            let batches = BatchStream::new(&sampler, &builder, size, budget, run.state.draws);
            prefetch(4, batches, |ready| self.train(&mut run, training, ready))?;
        }
        let conflicts = self.conflicts(&run);
        let shifts: Vec<f64> = self.tasks.iter().map(|&task| sampler.shift(task)).collect();
        let model = run.best.valid().shifted(&shifts);
        if let Some(folder) = &self.folder {
            self.model_file(&model, &sampler).save(folder.join("model.safetensors"))?;
            if let Some(conflicts) = &conflicts {
                conflicts.write(folder.join("conflicts.tsv"))?;
            }
        }
        Ok(Fitted {
            model,
            average_precision: run.state.stopping.best().unwrap_or_default(),
            draws: run.state.draws,
            seconds: run.state.seconds,
            history: run.state.history,
            conflicts,
        })
    }

    fn factors(&self) -> usize {
        let factors: BTreeSet<&str> =
            self.tasks.iter().map(|&task| self.dataset.tasks()[task].factor.as_str()).collect();
        factors.len()
    }

    fn conflicts(&self, run: &Run<'_>) -> Option<ConflictMap> {
        let saved = run.learner.tasks.as_ref()?.conflicts.as_ref()?.saved();
        Some(saved.map(self.identity().tasks))
    }

    fn model_file(&self, model: &Model, sampler: &Sampler) -> ModelFile {
        let config = self.config.architecture.configure(&self.purpose(sampler, &[]), self.seed);
        let priors = self.tasks.iter().map(|&task| sampler.true_prior(task)).collect();
        let inputs = Some(ModelInputs::new(self.dataset, priors));
        ModelFile { config, tasks: self.identity().tasks, inputs, model: model.clone() }
    }

    fn identity(&self) -> Identity {
        let tasks = self.tasks.iter().map(|&task| self.dataset.tasks()[task].name.clone()).collect();
        let device = device::name(&self.device).to_owned();
        let loss = self.loss.as_ref().map(|(name, _)| name.clone());
        let balancer = self.balancer.as_ref().map(|(name, _)| name.clone());
        let start = self.start.as_ref().map(|(name, _)| name.clone());
        let RunConfig { architecture, training, .. } = self.config.clone();
        let (seed, data) = (self.seed, self.dataset.fingerprint());
        Identity { architecture, training, seed, tasks, device, data, loss, balancer, start }
    }

    fn train(
        &mut self,
        run: &mut Run<'_>,
        training: &TrainingConfig,
        batches: &mut dyn Iterator<Item = HostBatch>,
    ) -> Result<()> {
        let schedule = OneCycle { peak: training.learning_rate, warmup: training.warmup };
        let (start, before) = (Instant::now(), run.state.seconds);
        let mut losses = Vec::new();
        for host in batches {
            if self.is_audited {
                run.learner.audit(&host)?;
                self.is_audited = false;
            }
            let done = run.state.draws as f64 / training.budget as f64;
            let rate = schedule.rate(done);
            losses.push(run.learner.step(&host, run.state.draws, rate));
            let looks = run.state.draws / training.validate_every;
            run.state.draws += host.size;
            let ends = run.state.draws == training.budget;
            if run.state.draws / training.validate_every > looks || ends {
                let tracks = self.validate(run)?;
                run.state.seconds = before + start.elapsed().as_secs_f64();
                run.look(rate, mean(std::mem::take(&mut losses)), tracks);
                run.learner.remember(&mut run.state);
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
    fn validate(&self, run: &Run<'_>) -> Result<Vec<TrackPrecision>> {
        let context_bp = self.config.architecture.context_bp;
        let valid = run.valid.clone();
        let predictions = predict(&run.learner.model, self.dataset, self.tasks, valid, context_bp, &self.device)?;
        let tracks = predictions.average_precisions(self.dataset)?;
        if tracks.iter().all(|track| track.average_precision.is_none()) {
            return Err(Error::EmptySplit {
                split: "validation",
                detail: "no task has a bound bin there, so that nothing says when to stop".into(),
            });
        }
        Ok(tracks)
    }
}

/// Losses stay on the device until here, so that no step waits for the host.
fn mean(losses: Vec<Tensor<1>>) -> f64 {
    let count = losses.len() as f64;
    Tensor::cat(losses, 0).into_data().iter::<f64>().sum::<f64>() / count
}

#[cfg(test)]
mod tests;
