//! Tasks added to a model that is trained.

use std::path::PathBuf;

use burn::{
    module::Module,
    tensor::{Int, Tensor},
};

use super::{Event, Trained, trainer::Observer};
use crate::{
    Error, Result,
    data::{Dataset, LabelShares, Sampler, Split},
    file::make_dir,
    nn::{
        Adapter, HeadKind, LabelLoss, LabelLossConfig, Model, ModelConfig, ModelFile, ModelInputs, Network, device_of,
    },
    random::mixed,
    train::{Fit, Fitted, RunConfig, Validation},
};

/// The name of an extended model in tables.
const NAME: &str = "extended";

/// What becomes of the shared part while further tasks are learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharedPart {
    /// It stays as it is: the result is one network, with a column of the head for each further task, and a linear adapter
    /// (see [`Adapter::Linear`]) by which the task sees the motifs themselves, past shared features that were made for others.
    #[default]
    Frozen,
    /// As before, and then a copy is trained on with the settings of [`FineTuning`](crate::train::FineTuning), for the further tasks
    /// alone: the result asks two networks. It costs twice as much to apply, and learns what the shared part lacks. To learn the
    /// head first keeps the shared part from being spoilt by a head that knows nothing (Kumar et al. 2022,
    /// [doi:10.48550/arXiv.2202.10054](https://doi.org/10.48550/arXiv.2202.10054)).
    Tuned,
}

/// Adds tasks to a trained model of many: a new factor, or, where it has the task already, a task learned anew from more
/// labels. What the model says of its other tasks does not change.
///
/// What of the data set is held out must be held out of the model's training as well, or the scores flatter: a model file does not
/// say what its training saw. The mask audit is that of any training (see [`MaskAudit`](crate::nn::MaskAudit)).
/// [`Comparison::with_model`](super::Comparison::with_model) compares the result with models of the factors' own.
///
/// # Examples
///
/// ```
/// use multitf::{
///     data::{Dataset, DatasetOptions, Split, simulate::{SimulationConfig, simulate}},
///     strategy::{Comparison, Extension, Setup, Strategy},
///     train::RunConfig,
/// };
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-extension-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let open = |factors: &[&str]| {
///     let factors = Some(factors.iter().map(|name| (*name).to_owned()).collect());
///     Dataset::open_with(folder.join("dataset.toml"), &DatasetOptions { factors, ..DatasetOptions::default() })
/// };
/// let config = RunConfig::default().with_budget(500);
/// let shared = Strategy::Multi.train(&Setup::new(&open(&["CTCF", "MAX"])?, config.clone())?, 0)?;
///
/// let dataset = open(&["REST"])?;
/// let extended = Extension::new(&shared, &dataset, &[0], &config).run()?;
/// assert_eq!(extended.file.tasks, ["CTCF", "MAX", "REST"]);
///
/// let setup = Setup::new(&dataset, config)?;
/// let outcome = Comparison::new(&setup, &[Strategy::Single]).with_model(extended).run()?;
/// assert_eq!(outcome.comparisons[0].model_a, "extended");
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
pub struct Extension<'a> {
    base: &'a ModelFile,
    dataset: &'a Dataset,
    tasks: &'a [usize],
    config: &'a RunConfig,
    shared: SharedPart,
    seed: u64,
    folder: Option<PathBuf>,
    observer: Observer<'a>,
}

impl<'a> Extension<'a> {
    /// Prepares to add tasks of a data set, as it counts them. Of the configuration the training is used; the architecture is
    /// the model's.
    pub fn new(base: &'a ModelFile, dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig) -> Self {
        let observer = Box::new(|_: &Event<'_>| ());
        Self { base, dataset, tasks, config, shared: SharedPart::Frozen, seed: 0, folder: None, observer }
    }

    /// Says what becomes of the shared part.
    pub fn with_shared_part(self, shared: SharedPart) -> Self {
        Self { shared, ..self }
    }

    /// Draws starting weights and samples from a seed; 0 is the default.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Saves checkpoints in `frozen/` and `tuned/` of a folder, goes on from there if it was interrupted, and leaves the extended
    /// model there as `model.safetensors`.
    pub fn with_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// Calls a function for each [`Event`]: steps, and the end of the training.
    pub fn with_observer(self, observer: impl FnMut(&Event<'_>) + 'a) -> Self {
        Self { observer: Box::new(observer), ..self }
    }

    /// Trains.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a model of another kind of head, that is joined from others, or was made for other bins, another
    /// transform of accessibility or another genome, and those of [`Fit::run`].
    pub fn run(mut self) -> Result<Trained> {
        self.check()?;
        let start = self.start()?;
        let frozen = self.fit("frozen", OnFrozenTrunk { model: start }, self.config)?;
        let learned = self.learned(&frozen, frozen.model.model.clone());
        let extended = self.base.with_further_tasks(&learned)?;
        let trained = match self.shared {
            SharedPart::Frozen => self.trained(extended, frozen),
            SharedPart::Tuned => {
                let config = self.config.fine_tuning.of(self.config);
                let tuned = self.fit("tuned", learned.model, &config)?;
                let file = joined(&extended, &self.learned(&tuned, tuned.model.clone()))?;
                after(self.trained(extended, frozen), self.trained(file, tuned))
            }
        };
        if let Some(folder) = &self.folder {
            make_dir(folder)?;
            trained.file.save(folder.join("model.safetensors"))?;
        }
        (self.observer)(&Event::Trained(&trained));
        Ok(trained)
    }

    fn trained<N>(&self, file: ModelFile, fitted: Fitted<N, String>) -> Trained {
        Trained {
            name: NAME.into(),
            tf: fitted.tasks.join(","),
            seed: self.seed,
            file,
            history: fitted.history,
            average_precision: fitted.average_precision,
            draws: fitted.draws,
            seconds: fitted.seconds,
            conflicts: fitted.conflicts,
        }
    }

    /// Refuses a model that cannot be extended, or sees other inputs than the data set has.
    fn check(&mut self) -> Result<()> {
        self.dataset.check_tasks(self.tasks)?;
        for &cell in self.dataset.split_cells(Split::Train) {
            for note in self.base.check(self.dataset, &self.dataset.cells()[cell].name)? {
                (self.observer)(&Event::Note(&note));
            }
        }
        if let Some(inputs) = &self.base.inputs {
            inputs.check_joinable(
                &ModelInputs::new(self.dataset, Vec::new()),
                self.base.model.trunk.signal_tracks().is_some(),
            )?;
        }
        let config = &self.base.config;
        let found = match (&config.head, &config.answers, &config.adapter) {
            (HeadKind::Sigmoid, None, Adapter::None) => return Ok(()),
            (HeadKind::Sigmoid, Some(_), _) => "one that is joined from others: extend one of its parts".into(),
            (HeadKind::Sigmoid, None, adapter) => format!("adapters {adapter:?}").to_lowercase(),
            (head, _, _) => format!("a head {head:?}").to_lowercase(),
        };
        let expected =
            "one network, or members that all answer for all tasks, with a sigmoid head and at most linear adapters"
                .into();
        Err(Error::Mismatch { what: "the model to extend".into(), expected, found })
    }

    /// The model of the further tasks before training: the trunk of the base, columns of its head for tasks that it has, and new
    /// ones, which say how often the factor binds.
    fn start(&self) -> Result<Model> {
        let (base, device) = (self.base, device_of(&self.base.model)?);
        let context_bp = base.model.trunk.context_bp();
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, &self.config.training.sampler, self.seed)?;
        let shares = |&task: &usize| {
            let prior = sampler.true_prior(task);
            LabelShares::from_counts([0.0, 1.0 - prior, 0.0, prior])
        };
        let mut config = ModelConfig {
            tasks: self.tasks.len(),
            shares: Some(self.tasks.iter().map(shares).collect()),
            adapter: Adapter::Linear,
            ..base.config.clone()
        };
        config.trunk.conv.seed = mixed(&[self.seed, config.trunk.conv.seed]);
        let new = config.init(&device).with_trunk_of(&base.model);
        let all = base.model.with_further_tasks(&new);
        let place = |(index, &task): (usize, &usize)| {
            let name = &self.dataset.tasks()[task].name;
            base.tasks.iter().position(|known| known == name).unwrap_or(base.tasks.len() + index)
        };
        let places: Vec<usize> = self.tasks.iter().enumerate().map(place).collect();
        let start = all.and_then(|all| all.of_tasks(&places));
        Ok(start.expect("check has refused models whose tasks are not columns"))
    }

    fn fit<N: Network>(&mut self, name: &str, network: N, config: &RunConfig) -> Result<Fitted<N, String>> {
        let device = device_of(&network)?;
        let factors = self.names().join(",");
        let observer = &mut self.observer;
        let mut fit = Fit::new(self.dataset, self.tasks, config, self.seed, &device).with_network(name, network);
        fit = fit.with_observer(|progress| {
            observer(&Event::Step { run: 0, name: NAME, tf: &factors, progress: *progress });
        });
        if let Some(folder) = &self.folder {
            fit = fit.with_folder(folder.join(name));
        }
        fit.run()
    }

    /// What was learned, as a model of the further tasks alone.
    fn learned<N>(&self, fitted: &Fitted<N, String>, model: Model) -> ModelFile {
        let config = ModelConfig {
            tasks: self.tasks.len(),
            shares: self.base.config.shares.as_ref().map(|_| {
                let shares = fitted.inputs.priors.iter().map(|prior| [0.0, 1.0 - prior, 0.0, *prior]);
                shares.map(LabelShares::from_counts).collect()
            }),
            adapter: Adapter::Linear,
            ..self.base.config.clone()
        };
        ModelFile { config, tasks: fitted.tasks.clone(), inputs: Some(fitted.inputs.clone()), model }
    }

    fn names(&self) -> Vec<String> {
        self.tasks.iter().map(|&task| self.dataset.tasks()[task].name.clone()).collect()
    }
}

/// A model for its other tasks, and what was learned for the further ones.
fn joined(base: &ModelFile, learned: &ModelFile) -> Result<ModelFile> {
    let others = base.tasks.iter().filter(|name| !learned.tasks.contains(name)).cloned().collect();
    let parts: Vec<(&ModelFile, Vec<String>)> = [(base, others), (learned, learned.tasks.clone())]
        .into_iter()
        .filter(|(_, tasks): &(_, Vec<String>)| !tasks.is_empty())
        .collect();
    ModelFile::joined(&parts, &base.tasks)
}

/// What a second training made, with the history and the cost of the first.
fn after(first: Trained, second: Trained) -> Trained {
    let (drawn, spent) = (first.draws, first.seconds);
    let later = second.history.into_iter().map(|look| Validation {
        draws: look.draws + drawn,
        seconds: look.seconds + spent,
        ..look
    });
    let history = first.history.into_iter().chain(later).collect();
    Trained { history, draws: second.draws + drawn, seconds: second.seconds + spent, ..second }
}

/// A model whose head and adapters alone learn.
#[derive(Module, Debug)]
struct OnFrozenTrunk {
    model: Model,
}

impl Network for OnFrozenTrunk {
    fn forward(&self, codes: Tensor<2, Int>, signal: Option<Tensor<3>>) -> Tensor<3> {
        self.model.forward_on_frozen_trunk(codes, signal)
    }

    fn context_bp(&self) -> usize {
        self.model.trunk.context_bp()
    }

    fn tasks(&self) -> usize {
        Network::tasks(&self.model)
    }

    fn signal_tracks(&self) -> Option<usize> {
        Network::signal_tracks(&self.model)
    }

    fn label_loss(&self, config: &LabelLossConfig) -> LabelLoss {
        Network::label_loss(&self.model, config)
    }

    fn shifted(self, shifts: &[f64]) -> Option<Self> {
        Network::shifted(self.model, shifts).map(|model| Self { model })
    }
}
