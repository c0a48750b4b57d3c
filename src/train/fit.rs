//! The training loop.

mod check;
mod fitted;
mod losses;
mod origin;
mod own;
mod preparation;
mod run;
mod start;
mod steps;

use std::{collections::BTreeSet, path::PathBuf};

use burn::{optim::ModuleOptimizer, tensor::Device};

pub use self::fitted::Fitted;
use self::{check::shifted, origin::Origin, run::Run, start::Start};
use super::{
    ConflictMap, RunConfig, Schedule, Validation,
    balance::TaskBalancer,
    checkpoint::{self, Checkpoint, MODEL, State},
    identity::Identity,
    step::Penalty,
    stream::BatchStream,
};
use crate::{
    Error, Result,
    data::{BatchBuilder, Dataset, Sampler, Split, prefetch},
    device,
    nn::{Loss, Model, ModelConfig, ModelFile, ModelInputs, Network},
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

/// Trains a model for some tasks of a data set.
///
/// `N` is the network, and `C` what it is made from: a [`Model`] and its [`ModelConfig`], or a network of your own and its name
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
    origin: Origin<N, C>,
    loss: Option<(String, Box<dyn Loss + 'a>)>,
    penalty: Option<(String, Penalty<'a, N>)>,
    balancer: Option<(String, Box<dyn TaskBalancer + 'a>)>,
    schedule: Option<(String, Box<dyn Schedule + 'a>)>,
    optimizer: Option<(String, ModuleOptimizer)>,
    is_audited: bool,
}

impl<'a> Fit<'a> {
    /// Prepares to train one model for `tasks`, as the data set counts them.
    pub fn new(dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig, seed: u64, device: &Device) -> Self {
        Self {
            dataset,
            tasks,
            config,
            seed,
            device: device.clone().inner(),
            folder: None,
            observer: Box::new(|_: &Progress<'_>| ()),
            origin: Origin::of_architecture(None),
            loss: None,
            penalty: None,
            balancer: None,
            schedule: None,
            optimizer: None,
            is_audited: true,
        }
    }

    /// Starts from a model that was trained before, in place of new weights. It is of the configuration's architecture, dropout
    /// apart, and its tasks are those of the run, in this order; [`with_start_file`](Self::with_start_file) finds them by
    /// their names. The result is never worse than it on the validation split. Its name and weights tell checkpoints apart.
    pub fn with_start(mut self, name: impl Into<String>, model: Model) -> Self {
        self.origin = Origin::of_architecture(Some(Start::of_model(name.into(), model)));
        self
    }

    /// As [`with_start`](Self::with_start), from a model in a file, whose tasks are matched by name: they may stand in another
    /// order, and, where the head is sigmoid, may be more than those of the run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, nn::ModelFile, train::{Fit, RunConfig}};
    ///
    /// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
    /// let shared = ModelFile::open("out/multi/model.safetensors", &device)?;
    /// let fitted = Fit::new(&dataset, &[3], &RunConfig::default(), 0, &device).with_start_file("multi", shared).run()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn with_start_file(mut self, name: impl Into<String>, file: ModelFile) -> Self {
        self.origin = Origin::of_architecture(Some(Start::of_file(name.into(), file)));
        self
    }
}

impl<'a, N: Network, C: Clone> Fit<'a, N, C> {
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

    /// Leaves out the mask audit, for those who want to see what a wrong mask does.
    pub fn without_audit(mut self) -> Self {
        self.is_audited = false;
        self
    }

    /// Checks what can be checked without training: settings, tasks, the validation split, and that the folder does not hold
    /// another run. Nothing is written.
    ///
    /// Use it to refuse a series of trainings before the first of them.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that are known beforehand.
    pub fn check(&self) -> Result<()> {
        self.check_settings()?;
        self.check_validation()?;
        self.folder.as_deref().map_or(Ok(()), |folder| checkpoint::check(folder, &self.identity()))
    }

    /// Trains until the budget is spent or the validation score has stopped rising. A call that is refused leaves the folder as it
    /// was.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::Tasks`] for tasks that are not the data set's, each once,
    /// [`Error::NoPositives`] for tasks without a bound bin to learn from, or all of which have none to validate on,
    /// [`Error::EmptySplit`], [`Error::Mismatch`] for a model to start from that does not fit, [`Error::MaskAudit`] if
    /// missing labels would have an influence (see [`MaskAudit`](crate::nn::MaskAudit)), [`Error::InUse`] and
    /// [`Error::OtherRun`] if the folder is another's or holds another run, [`Error::Diverged`], and what reading and
    /// writing can meet.
    pub fn run(mut self) -> Result<Fitted<N, C>> {
        self.check_settings()?;
        let context_bp = self.context_bp();
        let config = &self.config.training.sampler;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, config, self.seed)?;
        let training = &self.config.training.raised(sampler.epoch_len(), self.factors());
        let valid = self.dataset.samples_of(self.tasks, Split::Valid, context_bp)?;
        self.check_validation()?;
        self.check_schedule(training)?;
        let identity = self.identity();
        let shifts = self.shifts(&sampler);
        let smoothing = if self.loss.is_some() { 0.0 } else { training.label_smoothing };
        let mut learner = self.learner(&sampler)?;
        let checkpoint = self.folder.as_deref().map(|folder| Checkpoint::new(folder, identity)).transpose()?;
        let resumed = checkpoint.as_ref().map(|saved| saved.load(&mut learner)).transpose()?.flatten();
        let (state, best) = resumed.unwrap_or_else(|| (State::default(), learner.network.valid()));
        learner.restore(&state, self.tasks.len())?;
        let mut run = Run { learner, best, state, valid, checkpoint };
        if self.origin.is_trained() && run.state.history.is_empty() {
            let tracks = self.validate(&run, 0.0)?;
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
        let model = shifted(run.best.valid(), &shifts)?;
        let (config, inputs) = self.made_from(&sampler, smoothing);
        let fitted = Fitted {
            model,
            config,
            tasks: self.names(),
            inputs,
            average_precision: run.state.stopping.best().unwrap_or_default(),
            draws: run.state.draws,
            seconds: run.state.seconds,
            history: run.state.history,
            conflicts,
        };
        if let Some(folder) = &self.folder {
            self.origin.save(&fitted, &folder.join(MODEL))?;
            if let Some(conflicts) = &fitted.conflicts {
                conflicts.write(folder.join("conflicts.tsv"))?;
            }
        }
        Ok(fitted)
    }

    /// The positions that the network sees.
    fn context_bp(&self) -> usize {
        self.origin.network().map_or(self.config.architecture.context_bp, Network::context_bp)
    }

    /// Without a score in the validation split nothing says which weights are best, and when to stop.
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

    fn factors(&self) -> usize {
        let factors: BTreeSet<&str> =
            self.tasks.iter().map(|&task| self.dataset.tasks()[task].factor.as_str()).collect();
        factors.len()
    }

    fn conflicts(&self, run: &Run<'_, N>) -> Option<ConflictMap> {
        let saved = run.learner.tasks.as_ref()?.conflicts.as_ref()?.saved();
        let distinct = self.dataset.common(self.tasks, Split::Train, self.context_bp());
        Some(saved.map(self.names()).without_repeats(&distinct))
    }

    /// What the network is made from, and what it is made to see.
    fn made_from(&self, sampler: &Sampler, smoothing: f32) -> (C, ModelInputs) {
        let config = self.origin.config(|| self.config.architecture.configure(&self.summary(sampler), self.seed));
        let priors = self.tasks.iter().map(|&task| sampler.true_prior(task)).collect();
        (config, ModelInputs::new(self.dataset, priors).with_label_smoothing(smoothing))
    }

    fn identity(&self) -> Identity {
        let RunConfig { architecture, training, .. } = self.config.clone();
        let data = self.dataset.fingerprints();
        let starts_from_motifs = architecture.profiles && self.origin.network().is_none();
        let (start, network) = self.origin.identity();
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

/// The name of what is not the configuration's.
fn name<T>(own: Option<&(String, T)>) -> Option<String> {
    own.map(|(name, _)| name.clone())
}

#[cfg(test)]
mod tests;
