//! The training loop.

mod losses;
mod preparation;
mod run;
mod start;
mod steps;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use burn::{module::Module, tensor::Device};

use self::{run::Run, start::Start};
use super::{
    ConflictMap, RunConfig, Validation,
    balance::TaskBalancer,
    checkpoint::{self, Checkpoint, MODEL, State},
    identity::Identity,
    stream::BatchStream,
};
use crate::{
    Error, Result,
    data::{BatchBuilder, Dataset, Sampler, Split, prefetch},
    device,
    nn::{Loss, Model, ModelConfig, ModelFile, ModelInputs},
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
    /// What it was made from.
    pub config: ModelConfig,
    /// The names of its tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// What it was made to see.
    pub inputs: ModelInputs,
    /// The looks at the validation split.
    pub history: Vec<Validation>,
    /// The best of their scores: the mean average precision over the tracks with bound and unbound bins.
    pub average_precision: f64,
    /// Samples drawn.
    pub draws: usize,
    /// Seconds of training and validation.
    pub seconds: f64,
    /// Which tasks pull at the shared features in the same direction; none for a single task, a head that is not linear
    /// in the features, or a loss of one's own.
    pub conflicts: Option<ConflictMap>,
}

impl Fitted {
    /// Returns the model with all that is needed to use it, to predict with or to save.
    pub fn to_file(&self) -> ModelFile {
        ModelFile {
            config: self.config.clone(),
            tasks: self.tasks.clone(),
            inputs: Some(self.inputs.clone()),
            model: self.model.clone(),
        }
    }

    /// Saves the model (see [`ModelFile::save`]).
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.to_file().save(path)
    }
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
    start: Option<Start>,
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

    /// Minimises a loss of your own, in place of the one that belongs to the head: weights of bound labels and smoothing are then
    /// yours, too, and what they do to probabilities stays. Its name tells checkpoints apart.
    pub fn with_loss(mut self, name: impl Into<String>, loss: impl Loss + 'a) -> Self {
        self.loss = Some((name.into(), Box::new(loss)));
        self
    }

    /// Weighs tasks by a balancer of your own, in place of the configuration's. Its name tells checkpoints apart.
    pub fn with_balancer(mut self, name: impl Into<String>, balancer: impl TaskBalancer + 'a) -> Self {
        self.balancer = Some((name.into(), Box::new(balancer)));
        self
    }

    /// Starts from a model that was trained before, in place of new weights. It is of the configuration's architecture, dropout
    /// apart, and its tasks are those of the run, in this order; [`with_start_file`](Self::with_start_file) finds them by
    /// their names. The result is never worse than it on the validation split. Its name and weights tell checkpoints apart.
    pub fn with_start(mut self, name: impl Into<String>, model: Model) -> Self {
        self.start = Some(Start::of_model(name.into(), model));
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
        self.start = Some(Start::of_file(name.into(), file));
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
        self.dataset.check_tasks(self.tasks)?;
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
    pub fn run(mut self) -> Result<Fitted> {
        self.check_settings()?;
        self.dataset.check_tasks(self.tasks)?;
        let context_bp = self.config.architecture.context_bp;
        let config = &self.config.training.sampler;
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, config, self.seed)?;
        let training = &self.config.training.raised(sampler.epoch_len(), self.factors());
        let valid = self.dataset.samples_of(self.tasks, Split::Valid, context_bp)?;
        self.check_validation()?;
        let identity = self.identity();
        let (starts_from_another, shifts) = (self.start.is_some(), self.shifts(&sampler));
        let smoothing = if self.loss.is_some() { 0.0 } else { training.label_smoothing };
        let mut learner = self.learner(&sampler)?;
        let checkpoint = self.folder.as_deref().map(|folder| Checkpoint::new(folder, identity)).transpose()?;
        let resumed = checkpoint.as_ref().map(|saved| saved.load(&mut learner)).transpose()?.flatten();
        let (state, best) = resumed.unwrap_or_else(|| (State::default(), learner.model.clone()));
        learner.restore(&state, self.tasks.len())?;
        let mut run = Run { learner, best, state, valid, checkpoint };
        if starts_from_another && run.state.history.is_empty() {
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
        let model = run.best.valid().shifted(&shifts);
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
            fitted.save(folder.join(MODEL))?;
            if let Some(conflicts) = &fitted.conflicts {
                conflicts.write(folder.join("conflicts.tsv"))?;
            }
        }
        Ok(fitted)
    }

    fn check_settings(&self) -> Result<()> {
        self.config.validate()?;
        self.config.architecture.validate_with(usize::from(self.dataset.has_signal()))
    }

    /// Without a score in the validation split nothing says which weights are best, and when to stop.
    fn check_validation(&self) -> Result<()> {
        let (split, context_bp) = (Split::Valid, self.config.architecture.context_bp);
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

    fn conflicts(&self, run: &Run<'_>) -> Option<ConflictMap> {
        let saved = run.learner.tasks.as_ref()?.conflicts.as_ref()?.saved();
        let distinct = self.dataset.common(self.tasks, Split::Train, self.config.architecture.context_bp);
        Some(saved.map(self.names()).without_repeats(&distinct))
    }

    /// What the model is made from, and what it is made to see.
    fn made_from(&self, sampler: &Sampler, smoothing: f32) -> (ModelConfig, ModelInputs) {
        let config = self.config.architecture.configure(&self.purpose(sampler, &[]), self.seed);
        let priors = self.tasks.iter().map(|&task| sampler.true_prior(task)).collect();
        (config, ModelInputs::new(self.dataset, priors).with_label_smoothing(smoothing))
    }

    fn identity(&self) -> Identity {
        let device = device::name(&self.device).to_owned();
        let loss = self.loss.as_ref().map(|(name, _)| name.clone());
        let balancer = self.balancer.as_ref().map(|(name, _)| name.clone());
        let start = self.start.as_ref().map(Start::identity);
        let RunConfig { architecture, training, .. } = self.config.clone();
        let data = self.dataset.fingerprints();
        let data = if architecture.profiles { data } else { data.without_motifs() };
        Identity { architecture, training, seed: self.seed, tasks: self.names(), device, data, loss, balancer, start }
    }
}

#[cfg(test)]
mod tests;
