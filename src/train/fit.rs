//! The training of one model.

mod check;
mod custom;
mod fitted;
mod losses;
mod network_source;
mod preparation;
mod pretrained;
mod run;
#[cfg(test)]
mod tests;
mod training_loop;

use std::{collections::BTreeSet, path::PathBuf};

use burn::{optim::ModuleOptimizer, tensor::Device};

pub use self::fitted::Fitted;
use self::{network_source::NetworkSource, pretrained::Pretrained, run::ActiveRun};
use super::{
    ConflictMap, RunConfig, Schedule, Validation,
    balance::TaskBalancer,
    checkpoint::{self, Checkpoint, MODEL},
    conflicts::Conflicts,
    identity::Identity,
    learner::{Penalty, state::State},
    stream::BatchStream,
};
use crate::{
    Error, Result,
    data::{BatchBuilder, Dataset, Sampler, Split, prefetch},
    device::{self, Stopwatch},
    nn::{Loss, Model, ModelConfig, ModelFile, ModelInputs, Network, as_model},
};

/// The progress of a run.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The number of samples drawn so far.
    pub draws: usize,
    /// The number of samples to draw.
    pub budget: usize,
    /// The last validation.
    pub validation: Option<&'a Validation>,
}

/// Trains a model for some tasks of a data set.
///
/// `N` is the network and `C` its configuration: a [`Model`] and its [`ModelConfig`], or a custom network and its name
/// ([`with_network`](Self::with_network)).
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
pub struct Fit<'a, N = Model, C = ModelConfig> {
    dataset: &'a Dataset,
    tasks: &'a [usize],
    config: &'a RunConfig,
    seed: u64,
    device: Device,
    folder: Option<PathBuf>,
    observer: Box<dyn FnMut(&Progress<'_>) + 'a>,
    source: NetworkSource<N, C>,
    loss: Option<(String, Box<dyn Loss + 'a>)>,
    penalty: Option<(String, Penalty<'a, N>)>,
    balancer: Option<(String, Box<dyn TaskBalancer + 'a>)>,
    schedule: Option<(String, Box<dyn Schedule + 'a>)>,
    optimizer: Option<(String, ModuleOptimizer)>,
    needs_audit: bool,
}

impl<'a> Fit<'a> {
    /// Prepares to train one model for `tasks`, given by their indices in the data set.
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig, seed: u64, device: &Device) -> Self {
        Self {
            dataset,
            tasks,
            config,
            seed,
            device: device.clone().inner(),
            folder: None,
            observer: Box::new(|_: &Progress<'_>| ()),
            source: NetworkSource::new(None),
            loss: None,
            penalty: None,
            balancer: None,
            schedule: None,
            optimizer: None,
            needs_audit: true,
        }
    }

    /// Starts from the weights of a pretrained model. It has the configuration's architecture, dropout apart, and the
    /// run's tasks in this order; [`with_pretrained_file`](Self::with_pretrained_file) matches them by name. The result
    /// is never worse than it on the validation split. Its name and weights identify checkpoints.
    pub fn with_pretrained(mut self, name: impl Into<String>, model: Model) -> Self {
        self.source = NetworkSource::new(Some(Pretrained { name: name.into(), model, tasks: None }));
        self
    }

    /// Starts from a pretrained model in a file, whose tasks are matched by name: their order may differ, and with a
    /// sigmoid head there may be more of them than in the run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, nn::ModelFile, train::{Fit, RunConfig}};
    ///
    /// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
    /// let shared = ModelFile::open("out/multi/model.safetensors", &device)?;
    /// let config = RunConfig::default();
    /// let fitted = Fit::new(&dataset, &[3], &config, 0, &device).with_pretrained_file("multi", shared).run()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_pretrained_file(mut self, name: impl Into<String>, file: ModelFile) -> Self {
        self.source =
            NetworkSource::new(Some(Pretrained { name: name.into(), model: file.model, tasks: Some(file.tasks) }));
        self
    }
}

impl<'a, N: Network, C: Clone> Fit<'a, N, C> {
    /// Saves checkpoints, `log.tsv` and `config.toml` in a folder, and resumes an interrupted run from there. A
    /// finished run leaves its best model as `model.safetensors` (see [`ModelFile`]), and with several tasks its
    /// [`ConflictMap`] as `conflicts.tsv`.
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Calls a function after each step.
    pub fn with_observer(mut self, observer: impl FnMut(&Progress<'_>) + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Skips the mask audit, to see what a wrong mask does.
    pub fn without_audit(mut self) -> Self {
        self.needs_audit = false;
        self
    }

    /// Checks settings, tasks, the validation split, and that the folder does not hold another run. Nothing is written.
    ///
    /// Use it to refuse a series of trainings before the first one starts.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that are known beforehand.
    pub fn check(&self) -> Result<()> {
        self.check_settings()?;
        self.check_validation()?;
        self.folder.as_deref().map_or(Ok(()), |folder| checkpoint::check(folder, &self.identity()))
    }

    /// Trains until the budget is spent or the validation score stops rising. A refused call leaves the folder
    /// unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::Tasks`] for tasks that are not the data set's, each
    /// once, [`Error::NoPositives`] for tasks without a bound training bin, or if no task has a bound validation bin,
    /// [`Error::EmptySplit`], [`Error::Mismatch`] for a pretrained model that does not fit, [`Error::MaskAudit`] if
    /// missing labels would have an influence (see [`MaskAudit`](crate::nn::MaskAudit)), [`Error::InUse`] and
    /// [`Error::OtherRun`] if the folder is in use or holds another run, [`Error::Diverged`], and errors of reading and
    /// writing.
    pub fn run(mut self) -> Result<Fitted<N, C>> {
        let watch = Stopwatch::new();
        self.check_settings()?;
        let context_bp = self.context_bp();
        let config = &self.config.training.sampler;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, config, self.seed)?;
        let factors: BTreeSet<_> = self.tasks.iter().map(|&task| &self.dataset.tasks()[task].factor).collect();
        let training = &self.config.training.with_raised_budget(sampler.epoch_len(), factors.len());
        let valid = self.dataset.samples_for(self.tasks, Split::Valid, context_bp)?;
        self.check_validation()?;
        self.check_schedule(training)?;
        let identity = self.identity();
        let shifts = self.shifts(&sampler);
        let smoothing = if self.loss.is_some() { 0.0 } else { training.label_smoothing };
        let mut learner = self.learner(&sampler)?;
        let checkpoint = self.folder.as_deref().map(|folder| Checkpoint::new(folder, identity)).transpose()?;
        let resumed = checkpoint.as_ref().map(|saved| saved.load(&mut learner)).transpose()?.flatten();
        let (state, best) = resumed.unwrap_or_else(|| (State::new(), learner.network().valid()));
        learner.restore(&state)?;
        let mut run = ActiveRun { learner, best, state, valid, checkpoint };
        if self.source.has_weights() && run.state.history.is_empty() {
            let tracks = self.validate(&run, 0.0)?;
            run.record(0.0, 0.0, tracks);
        }
        if !run.state.finished {
            let mut builder = BatchBuilder::new(self.dataset, self.tasks, context_bp);
            if training.reverse_complement {
                builder = builder.with_reverse_complement(self.seed);
            }
            let (size, budget) = (training.batch_size, training.budget);
            let batches = BatchStream::new(&sampler, &builder, size, budget, run.state.draws);
            let before = Conflicts::looks_before(run.state.draws / size, self.tasks.len());
            let mut looks = BatchStream::for_looks(&sampler, &builder, Conflicts::BATCHES * size, before);
            prefetch(4, batches, |ready| self.train(&mut run, training, ready, &mut looks, watch))?;
        }
        let conflicts = self.conflicts(&run);
        let members = as_model(&run.best).map_or(1, |model| model.members().count());
        let priors = self.tasks.iter().map(|&task| sampler.true_prior(task)).collect();
        let fitted = Fitted {
            model: Self::shifted(run.best.valid(), &shifts)?,
            config: self.source.config(|| self.config.architecture.configure(&self.summary(&sampler), self.seed)),
            tasks: self.names(),
            inputs: ModelInputs::new(self.dataset, priors).with_label_smoothing(smoothing),
            average_precision: run.state.stopping.best().unwrap_or_default(),
            draws: run.state.draws,
            network_draws: run.state.draws * members,
            seconds: run.state.seconds,
            cpu_seconds: run.state.cpu_seconds,
            history: run.state.history,
            conflicts,
        };
        if let Some(folder) = &self.folder {
            self.source.save(&fitted, &folder.join(MODEL))?;
            if let Some(conflicts) = &fitted.conflicts {
                conflicts.write(folder.join("conflicts.tsv"))?;
            }
        }
        Ok(fitted)
    }

    fn context_bp(&self) -> usize {
        self.source.custom().map_or(self.config.architecture.context_bp, |(_, network)| network.context_bp())
    }

    /// Refuses a validation split without a score: it is needed to stop and to find the best weights.
    fn check_validation(&self) -> Result<()> {
        let (split, context_bp) = (Split::Valid, self.context_bp());
        let lacks = |tasks: Vec<usize>| self.tasks.iter().all(|task| tasks.contains(task));
        if !lacks(self.dataset.tasks_without_score(split, context_bp)) {
            return Ok(());
        }
        if lacks(self.dataset.tasks_without_positives(split, context_bp)) {
            return Err(Error::NoPositives { split: split.name(), tasks: self.names() });
        }
        let detail = "no task has both a bound and an unbound bin there, so that nothing says when to stop".into();
        Err(Error::EmptySplit { split: "validation", detail })
    }

    fn names(&self) -> Vec<String> {
        self.tasks.iter().map(|&task| self.dataset.tasks()[task].name.clone()).collect()
    }

    fn conflicts(&self, run: &ActiveRun<'_, N>) -> Option<ConflictMap> {
        let conflicts = run.learner.conflicts.as_ref()?;
        let distinct = self.dataset.observed_together(self.tasks, Split::Train, self.context_bp());
        Some(conflicts.map(self.names(), &distinct))
    }

    fn identity(&self) -> Identity {
        let RunConfig { architecture, training, .. } = self.config.clone();
        let data = self.dataset.fingerprint();
        let starts_from_motifs = architecture.profiles && self.source.custom().is_none();
        let (start, network) = self.source.identity();
        Identity {
            architecture: architecture.normalised(),
            training,
            seed: self.seed,
            tasks: self.names(),
            device: device::name(&self.device).to_owned(),
            data: if starts_from_motifs { data } else { data.without_motifs() },
            loss: name(self.loss.as_ref()),
            balancer: name(self.balancer.as_ref()),
            start,
            network,
            penalty: name(self.penalty.as_ref()),
            schedule: name(self.schedule.as_ref()),
            optimizer: name(self.optimizer.as_ref()),
        }
    }
}

/// The name of a custom part.
fn name<T>(part: Option<&(String, T)>) -> Option<String> {
    part.map(|(name, _)| name.clone())
}
