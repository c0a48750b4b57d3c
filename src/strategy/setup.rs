//! The setup that all trainings of a comparison share.

use std::{
    collections::BTreeSet,
    fmt,
    fs::OpenOptions,
    io::Write,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use burn::tensor::Device;

use crate::{
    Error, FolderLock, Result,
    data::{Dataset, Sample, SampleSet, Sampler, Split, find_factors},
    device,
    file::at,
    predict::Predictions,
    simulate::Truth,
    train::RunConfig,
};

/// The setup that all trainings of a comparison share: the data set, the learnable tasks, the configuration, the split
/// that models are scored on, and the device.
///
/// # Examples
///
/// ```
/// use multitf::{data::{Dataset, Split}, strategy::Setup, train::RunConfig};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-setup-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # std::fs::write(folder.join("genome.fa"), format!(">chr1\n{0}\n>chr2\n{0}\n>chr3\n{0}\n", "ACGT".repeat(250)))?;
/// # std::fs::write(folder.join("Reb1.bed"), "chr1\t400\t500\nchr2\t0\t100\nchr3\t10\t90\n")?;
/// # std::fs::write(folder.join("Abf1.bed"), "chr1\t400\t500\nchr3\t10\t90\n")?;
/// # std::fs::write(folder.join("dataset.toml"), r#"
/// #     name = "small"
/// #     genome = "genome.fa"
/// #     windows = { bin_bp = 200, stride_bp = 50 }
/// #     peaks = { pattern = "{tf}.bed", cell = "BY4741" }
/// #     tasks = { per = "tf" }
/// #     split = { valid = ["chr2"], test = ["chr3"] }
/// # "#)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let setup = Setup::new(&dataset, RunConfig::default().with_budget(1000))?.with_split(Split::Test);
/// assert_eq!(setup.tasks().len(), 2);
/// assert_eq!(setup.singles(), ["Reb1"]); // nothing says when to stop learning Abf1 alone
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setup<'a> {
    dataset: &'a Dataset,
    /// As it was given.
    given: RunConfig,
    /// With the defaults that depend on the data set.
    config: RunConfig,
    split: Split,
    device: Device,
    tasks: Vec<usize>,
    factors: Vec<String>,
    /// None for all of the factors.
    singles: Option<Vec<String>>,
    /// On the data set, on what is left out, and on the budget of a shared model.
    data_notes: Vec<String>,
    /// On factors without a single model.
    single_note: Option<String>,
}

impl<'a> Setup<'a> {
    /// Finds the tasks that can be learned from a data set. Models are scored on the validation split, and the device
    /// is `$BURN_DEVICE`, or the first one compiled in.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a setting that cannot work, [`Error::Device`], and [`Error::EmptySplit`] or
    /// [`Error::NoPositives`] if there is nothing to learn.
    pub fn new(dataset: &'a Dataset, config: RunConfig) -> Result<Self> {
        Self::on_device(dataset, config, &device::named(None)?)
    }

    /// As [`new`](Self::new), on a device of your choice.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), except that of the device.
    pub fn on_device(dataset: &'a Dataset, config: RunConfig, device: &Device) -> Result<Self> {
        config.validate()?;
        let context_bp = config.architecture.context_bp;
        let unlearnable = dataset.tasks_without_positives(Split::Train, context_bp);
        let tasks: Vec<usize> = (0..dataset.tasks().len()).filter(|task| !unlearnable.contains(task)).collect();
        let mut data_notes = dataset.notes().to_vec();
        if !unlearnable.is_empty() {
            let names: Vec<&str> = unlearnable.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect();
            data_notes.push(format!("Left out, without a bound bin in the training split: {}.", names.join(", ")));
        }
        data_notes.push(epochs_note(dataset, &tasks, &config)?);
        let (factors, single_note) = single_factors(dataset, &tasks, context_bp);
        let (split, device, singles) = (Split::Valid, device.clone(), None);
        let (given, config) = (config.clone(), with_defaults(config, dataset));
        Ok(Self { dataset, given, config, split, device, tasks, factors, singles, data_notes, single_note })
    }

    /// Scores models on a split. Scores on the validation split are optimistic: early stopping and `rescue` have used
    /// it.
    pub fn with_split(self, split: Split) -> Self {
        Self { split, ..self }
    }

    /// Limits single models and baselines to some factors; shared models still learn all of them.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`], and [`Error::Config`] for a factor without enough bins for a model of its own.
    pub fn with_factors<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let factors = select_factors(self.dataset, &self.factors, "factors", names)?;
        let singles =
            self.singles.map(|singles| select_factors(self.dataset, &factors, "singles", &singles)).transpose()?;
        Ok(Self { factors, singles, ..self })
    }

    /// Limits single models to some factors; baselines are fitted for all, and shared models learn all.
    ///
    /// # Errors
    ///
    /// Those of [`with_factors`](Self::with_factors).
    pub fn with_singles<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let singles = Some(select_factors(self.dataset, &self.factors, "singles", names)?);
        Ok(Self { singles, ..self })
    }

    /// The same setup with the settings of an arm.
    pub(super) fn for_arm(&self, config: &RunConfig) -> Result<Self> {
        config.validate()?;
        let (expected, found) = (self.config.architecture.context_bp, config.architecture.context_bp);
        Error::unless(expected == found, "architecture.context_bp", format!("{expected} in all arms"), found)?;
        let (given, config) = (config.clone(), with_defaults(config.clone(), self.dataset));
        Ok(Self { given, config, ..self.clone() })
    }

    /// The same setup on a data set that leaves a cell type out, which models are scored in.
    pub(super) fn for_fold<'b>(&self, fold: &'b Dataset) -> Result<Setup<'b>> {
        let setup = Setup::on_device(fold, self.given.clone(), &self.device)?.with_split(Split::Test);
        let usable = |names: &[String]| names.iter().filter(|name| setup.factors.contains(name)).cloned().collect();
        let (factors, singles) = (usable(&self.factors), self.singles.as_deref().map(usable));
        Ok(Setup { factors, singles, ..setup })
    }

    /// Returns the data set.
    pub fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// Returns the configuration, with the defaults of the recipe that depend on the data set.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Returns the split that models are scored on.
    pub fn split(&self) -> Split {
        self.split
    }

    /// Returns the device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns the tasks that can be learned, as indices in the data set.
    pub fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    /// Returns the factors for which a single model can be trained and stopped.
    pub fn factors(&self) -> &[String] {
        &self.factors
    }

    /// Returns the factors that get a single model.
    pub fn singles(&self) -> &[String] {
        self.singles.as_deref().unwrap_or(&self.factors)
    }

    /// Returns notes on the data set, on what is left out, on the budget of a shared model, and on the split.
    pub fn notes(&self) -> Vec<String> {
        let split_note = self.split_note().map(str::to_owned);
        self.data_notes.iter().cloned().chain(split_note).chain(self.single_note.clone()).collect()
    }

    /// A note on what has used the split.
    fn split_note(&self) -> Option<&'static str> {
        match self.split {
            Split::Train => Some("Scored on the training split, from which the models have learned."),
            Split::Valid => Some(
                "Scored on the validation split, which early stopping and `rescue` have used: the scores are \
                 optimistic.",
            ),
            Split::Test if self.dataset.is_fold() => Some(
                "Scored in cell types that were left out, one after the other: nothing was trained or stopped on them. \
                 The regions are those for validation, in which early stopping has used the other cell types.",
            ),
            Split::Test => None,
        }
    }

    /// Locks a folder, writes the configuration there as `config.toml` with the command as its heading, and records in
    /// `test-openings.tsv` if models are scored on the test split.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`], [`Error::OtherRun`] if it is for another configuration, and [`Error::Io`].
    pub fn lock_folder(&self, folder: &Path, command: &str) -> Result<FolderLock> {
        let lock = FolderLock::new(folder)?;
        self.config.save_or_check(folder.join("config.toml"), command)?;
        if self.split == Split::Test && !self.dataset.is_fold() {
            record_opening(&folder.join("test-openings.tsv"), command)?;
        }
        Ok(lock)
    }

    /// Whether there are motifs or accessibility to learn from.
    pub(super) fn has_features(&self) -> bool {
        self.dataset.has_signal() || self.dataset.motifs().is_some_and(|motifs| !motifs.is_empty())
    }

    /// Returns the ideal predictions in a simulated world: each bin's probability of being bound, given the planted
    /// sites and accessibility. `logits` holds these probabilities, not their log-odds: the ranks are the same. The
    /// remaining errors are due to chance.
    pub fn ideal_predictions(&self, truth: &Truth, samples: &SampleSet) -> Predictions {
        let probabilities = |&task: &usize| {
            let factor = &self.dataset.tasks()[task].factor;
            let cells: Vec<_> = self.dataset.cells().iter().map(|cell| truth.best_scores(factor, &cell.name)).collect();
            let score = |sample: Sample| {
                let bins = cells[usize::from(sample.cell)].as_ref();
                bins.and_then(|bins| bins.get(sample.bin as usize)).copied().unwrap_or_default()
            };
            samples.iter().map(score).collect()
        };
        // Probabilities rank bins as their log-odds do.
        let logits = self.tasks.iter().map(probabilities).collect();
        Predictions { samples: samples.clone(), tasks: self.tasks.clone(), logits }
    }
}

impl fmt::Display for Setup<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, tasks, cells) = (self.dataset.name(), self.tasks.len(), self.dataset.cells().len());
        write!(formatter, "{name}: {tasks} tasks, {cells} cell types, on {}", device::describe(&self.device))
    }
}

/// A configuration with the defaults of the recipe for a data set.
fn with_defaults(config: RunConfig, dataset: &Dataset) -> RunConfig {
    RunConfig { recipe: config.recipe.with_defaults(dataset.holds_out_cells()), ..config }
}

/// Records an opening of the test split.
fn record_opening(path: &Path, command: &str) -> Result<()> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = format!("{seconds}\t{command}\n");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(at(path))
}

/// A note on how often a shared model sees each bound bin, which is often too rarely with many factors.
fn epochs_note(dataset: &Dataset, tasks: &[usize], config: &RunConfig) -> Result<String> {
    let sampler = Sampler::new(dataset, tasks, config.architecture.context_bp, &config.training.sampler, 0)?;
    let (budget, epoch) = (config.training.budget, sampler.epoch_len());
    Ok(format!(
        "An epoch of all {} tasks, every bound bin once, is {epoch} draws. The budget of {budget} gives a shared model \
         {:.1}.",
        tasks.len(),
        budget as f64 / epoch as f64,
    ))
}

/// The factors with a bound and an unbound bin in the validation split, which early stopping needs, and a note on the
/// others.
fn single_factors(dataset: &Dataset, tasks: &[usize], context_bp: usize) -> (Vec<String>, Option<String>) {
    let unscored = dataset.tasks_without_score(Split::Valid, context_bp);
    let factor = |&task: &usize| dataset.tasks()[task].factor.clone();
    let all: BTreeSet<String> = tasks.iter().map(factor).collect();
    let factors: BTreeSet<String> = tasks.iter().filter(|task| !unscored.contains(task)).map(factor).collect();
    let left_out: Vec<String> = all.difference(&factors).cloned().collect();
    let note = (!left_out.is_empty()).then(|| {
        let names = left_out.join(", ");
        format!("No single models, without a bound and an unbound bin in the validation split: {names}.")
    });
    (factors.into_iter().collect(), note)
}

/// The requested factors, as the data set spells them.
fn select_factors<S: AsRef<str>>(dataset: &Dataset, usable: &[String], key: &str, names: &[S]) -> Result<Vec<String>> {
    let known: Vec<&str> = dataset.tasks().iter().map(|task| task.factor.as_str()).collect();
    let wanted = find_factors(names, &known).map_err(|error| error.asked_by(key))?;
    let unusable = wanted.iter().find(|name| !usable.contains(name)).map(String::as_str);
    let expected = "factors with bound and unbound bins to train on and to validate on, and of those asked for";
    Error::unless(unusable.is_none(), key, expected, unusable.unwrap_or_default())?;
    Ok(usable.iter().filter(|name| wanted.contains(name)).cloned().collect())
}
