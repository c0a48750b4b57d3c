//! Further tasks for a trained model.

use std::path::PathBuf;

use burn::{
    module::Module,
    tensor::{Int, Tensor},
};

use super::{Event, TrainedModel, trainer::Observer};
use crate::{
    Error, Result,
    data::{Dataset, LabelShares, Sampler, Split},
    file::make_dir,
    nn::{
        Adapter, HeadKind, LabelLoss, LabelLossConfig, Model, ModelConfig, ModelFile, ModelInputs, Network, device_of,
    },
    random::mix,
    train::{Fit, Fitted, RunConfig, Validation},
};

/// The name of an extended model in tables.
const NAME: &str = "extended";

/// How the shared part is treated while further tasks are learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SharedPart {
    /// It stays fixed. The result is one network, with a column of the head for each further task, and a linear adapter
    /// (see [`Adapter::Linear`]) through which the task sees the motifs directly, past features trained for other
    /// tasks.
    #[default]
    Frozen,
    /// It stays fixed at first; then a copy is fine-tuned with the settings of [`FineTuning`](crate::train::FineTuning)
    /// for the further tasks alone. The result asks two networks, which costs twice as much, and learns features that
    /// the shared part lacks. Training the head first protects the shared part from a random head (Kumar et al. 2022,
    /// [doi:10.48550/arXiv.2202.10054](https://doi.org/10.48550/arXiv.2202.10054)).
    Tuned,
}

/// Adds tasks to a trained shared model: new factors, or tasks that it has, which are learned again from more labels.
/// The predictions of its other tasks do not change.
///
/// Held-out parts of the data set must also have been held out of the model's training, or its scores are too
/// optimistic: a model file does not say what its training saw. The mask audit is that of any training (see
/// [`MaskAudit`](crate::nn::MaskAudit)). [`Comparison::with_model`](super::Comparison::with_model) compares the result
/// with single models.
///
/// # Examples
///
/// ```
/// use multitf::{
///     data::{Dataset, DatasetOptions, Split}, simulate::{SimulationConfig, simulate},
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
    /// Prepares to add tasks, given by their indices in the data set. The configuration's training is used; the
    /// architecture is the model's.
    pub fn new(base: &'a ModelFile, dataset: &'a Dataset, tasks: &'a [usize], config: &'a RunConfig) -> Self {
        let observer = Box::new(|_: &Event<'_>| ());
        Self { base, dataset, tasks, config, shared: SharedPart::Frozen, seed: 0, folder: None, observer }
    }

    /// Sets how the shared part is treated.
    pub fn with_shared_part(self, shared: SharedPart) -> Self {
        Self { shared, ..self }
    }

    /// Draws initial weights and samples from a seed; 0 is the default.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Saves checkpoints in `frozen/` and `tuned/` of a folder, resumes from there, and leaves the extended model there
    /// as `model.safetensors`.
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
    /// [`Error::Mismatch`] for a model with another kind of head, that is joined from others, or that was made for
    /// other bins, another transform of accessibility or another genome, and those of [`Fit::run`].
    pub fn run(mut self) -> Result<TrainedModel> {
        self.check()?;
        let model = self.initial_model()?;
        let frozen = self.fit("frozen", OnFrozenTrunk { model }, self.config)?;
        let learned = self.learned(&frozen, frozen.model.model.clone());
        let extended = self.base.with_further_tasks(&learned)?;
        let trained = match self.shared {
            SharedPart::Frozen => self.trained(extended, frozen),
            SharedPart::Tuned => {
                let tuned = self.fit("tuned", learned.model, &self.config.for_fine_tuning())?;
                let file = joined(&extended, &self.learned(&tuned, tuned.model.clone()))?;
                with_history_of(self.trained(extended, frozen), self.trained(file, tuned))
            }
        };
        if let Some(folder) = &self.folder {
            make_dir(folder)?;
            trained.file.save(folder.join("model.safetensors"))?;
        }
        (self.observer)(&Event::Trained(&trained));
        Ok(trained)
    }

    fn trained<N>(&self, file: ModelFile, fitted: Fitted<N, String>) -> TrainedModel {
        TrainedModel::new(NAME, fitted.tasks.join(","), self.seed, file, fitted)
    }

    /// Refuses a model that cannot be extended, or that has other inputs than the data set.
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
        let expected = "one network, or members that all predict all tasks, with a sigmoid head and no adapters";
        Err(Error::mismatch("the model to extend", expected, found))
    }

    /// The model of the further tasks before training: the trunk of the base, its columns of the head for tasks that it
    /// has, and new ones with the log-odds of the prior.
    fn initial_model(&self) -> Result<Model> {
        let (base, device) = (self.base, device_of(&self.base.model)?);
        let context_bp = base.model.trunk.context_bp();
        let sampler = Sampler::new(self.dataset, self.tasks, context_bp, &self.config.training.sampler, self.seed)?;
        let mut config = self.model_config(self.tasks.iter().map(|&task| sampler.true_prior(task)));
        config.trunk.conv.seed = mix(&[self.seed, config.trunk.conv.seed]);
        let new = config.init(&device).with_trunk_of(&base.model);
        let all = base.model.with_further_tasks(&new);
        let place = |(index, &task): (usize, &usize)| {
            let name = &self.dataset.tasks()[task].name;
            base.tasks.iter().position(|known| known == name).unwrap_or(base.tasks.len() + index)
        };
        let places: Vec<usize> = self.tasks.iter().enumerate().map(place).collect();
        let model = all.and_then(|all| all.select_tasks(&places));
        Ok(model.expect("check has refused models whose tasks are not columns"))
    }

    /// The configuration of a model of the further tasks alone, given their priors.
    fn model_config(&self, priors: impl Iterator<Item = f64>) -> ModelConfig {
        let shares = priors.map(|prior| LabelShares::from_counts([0.0, 1.0 - prior, 0.0, prior]));
        ModelConfig {
            tasks: self.tasks.len(),
            shares: Some(shares.collect()),
            adapter: Adapter::Linear,
            ..self.base.config.clone()
        }
    }

    fn fit<N: Network>(&mut self, name: &str, network: N, config: &RunConfig) -> Result<Fitted<N, String>> {
        let device = device_of(&network)?;
        let factors: Vec<&str> = self.tasks.iter().map(|&task| self.dataset.tasks()[task].name.as_str()).collect();
        let factors = factors.join(",");
        let observer = &mut self.observer;
        let mut fit = Fit::new(self.dataset, self.tasks, config, self.seed, &device)
            .with_network(name, network)
            .with_observer(|&progress| observer(&Event::Step { run: 0, name: NAME, tf: &factors, progress }));
        if let Some(folder) = &self.folder {
            fit = fit.with_folder(folder.join(name));
        }
        // Each draw goes through all members of the base, of which a network of one's own says nothing.
        let members = self.base.model.members().count();
        fit.run().map(|fitted| Fitted { network_draws: fitted.draws * members, ..fitted })
    }

    /// The learned tasks as a model of their own.
    fn learned<N>(&self, fitted: &Fitted<N, String>, model: Model) -> ModelFile {
        let mut config = self.model_config(fitted.inputs.priors.iter().copied());
        config.shares = config.shares.filter(|_| self.base.config.shares.is_some());
        ModelFile { config, tasks: fitted.tasks.clone(), inputs: Some(fitted.inputs.clone()), model }
    }
}

/// The base for its other tasks, joined with the learned model for its own.
fn joined(base: &ModelFile, learned: &ModelFile) -> Result<ModelFile> {
    let others = base.tasks.iter().filter(|name| !learned.tasks.contains(name)).cloned().collect();
    let parts: Vec<(&ModelFile, Vec<String>)> = [(base, others), (learned, learned.tasks.clone())]
        .into_iter()
        .filter(|(_, tasks): &(_, Vec<String>)| !tasks.is_empty())
        .collect();
    ModelFile::joined(&parts, &base.tasks)
}

/// The result of a second training, with the history and the cost of both.
fn with_history_of(first: TrainedModel, second: TrainedModel) -> TrainedModel {
    let (drawn, spent) = (first.draws, first.seconds);
    let network_draws = first.network_draws + second.network_draws;
    let cpu_seconds = first.cpu_seconds.zip(second.cpu_seconds).map(|(first, second)| first + second);
    let later = second.history.into_iter().map(|validation| Validation {
        draws: validation.draws + drawn,
        seconds: validation.seconds + spent,
        ..validation
    });
    let history = first.history.into_iter().chain(later).collect();
    let seconds = second.seconds + spent;
    TrainedModel { history, draws: second.draws + drawn, network_draws, seconds, cpu_seconds, ..second }
}

/// A model of which only the head and the adapters learn.
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
