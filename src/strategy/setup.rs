//! What all trainings of a comparison share.

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
    data::{Dataset, Sample, SampleSet, Sampler, Split, factors_named, simulate::Truth},
    device,
    file::at,
    predict::Predictions,
    train::RunConfig,
};

const CONFIG: &str = "config.toml";

/// What all trainings of a comparison share: the data set, the tasks that can be learned, the configuration, the split
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
    config: RunConfig,
    split: Split,
    device: Device,
    tasks: Vec<usize>,
    factors: Vec<String>,
    /// None stands for all of the factors.
    singles: Option<Vec<String>>,
    /// What was found before the split is known, and what after.
    notes: [Vec<String>; 2],
}

impl<'a> Setup<'a> {
    /// Finds what can be learned from a data set. Scores are those on the validation split, and the device is
    /// `$BURN_DEVICE`, or the first that was compiled in.
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
    /// Those of [`new`](Self::new), but for that of the device.
    pub fn on_device(dataset: &'a Dataset, config: RunConfig, device: &Device) -> Result<Self> {
        config.validate()?;
        let context_bp = config.architecture.context_bp;
        let unlearnable = dataset.tasks_without_positives(Split::Train, context_bp);
        let tasks: Vec<usize> = (0..dataset.tasks().len()).filter(|task| !unlearnable.contains(task)).collect();
        let mut before = dataset.notes().to_vec();
        if !unlearnable.is_empty() {
            let names: Vec<&str> = unlearnable.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect();
            before.push(format!("Left out, without a bound bin in the training split: {}.", names.join(", ")));
        }
        before.push(exposure(dataset, &tasks, &config)?);
        let (factors, silent) = single_factors(dataset, &tasks, context_bp);
        let notes = [before, silent.into_iter().collect()];
        Ok(Self { dataset, config, split: Split::Valid, device: device.clone(), tasks, factors, singles: None, notes })
    }

    /// Scores models on a split. The validation split flatters: early stopping and `rescue` have seen it.
    pub fn with_split(self, split: Split) -> Self {
        Self { split, ..self }
    }

    /// Makes models of their own, of any kind, for some factors only; shared models still learn all of them.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFactors`], and [`Error::Config`] for a factor that no model of its own can be trained for.
    pub fn with_factors<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let factors = restricted(self.dataset, &self.factors, "factors", names)?;
        let singles =
            self.singles.map(|singles| restricted(self.dataset, &factors, "singles", &singles)).transpose()?;
        Ok(Self { factors, singles, ..self })
    }

    /// Trains networks of their own for some factors only; baselines are made for all, and shared models learn all.
    ///
    /// # Errors
    ///
    /// Those of [`with_factors`](Self::with_factors).
    pub fn with_singles<S: AsRef<str>>(self, names: &[S]) -> Result<Self> {
        let singles = Some(restricted(self.dataset, &self.factors, "singles", names)?);
        Ok(Self { singles, ..self })
    }

    /// Returns the data set.
    pub fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// Returns the configuration.
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

    /// Returns the tasks that can be learned, as the data set counts them.
    pub fn tasks(&self) -> &[usize] {
        &self.tasks
    }

    /// Returns the factors for which a model of their own can be trained and stopped.
    pub fn factors(&self) -> &[String] {
        &self.factors
    }

    /// Returns those that get a network of their own.
    pub fn singles(&self) -> &[String] {
        self.singles.as_deref().unwrap_or(&self.factors)
    }

    /// Returns what a user should know: of the data set, of what is left out, of what the budget gives a shared model, and of
    /// what has seen the split.
    pub fn notes(&self) -> Vec<String> {
        let [before, after] = &self.notes;
        before.iter().cloned().chain(seen(self.split).map(str::to_owned)).chain(after.iter().cloned()).collect()
    }

    /// Checks that a folder, if it is there, holds what was made with the same configuration.
    ///
    /// # Errors
    ///
    /// Those of [`RunConfig::check_file`].
    pub fn check_folder(&self, folder: &Path) -> Result<()> {
        self.config.check_file(folder.join(CONFIG))
    }

    /// Takes a folder for one call: locks it, keeps the configuration there as `config.toml`, with the command in its heading,
    /// and puts on record in `test-openings.tsv` that models are scored on the test split, if they are.
    ///
    /// # Errors
    ///
    /// [`Error::InUse`] if it is another's, [`Error::OtherRun`] if it is for another configuration, and [`Error::Io`].
    pub fn begin(&self, folder: &Path, command: &str) -> Result<FolderLock> {
        let lock = FolderLock::new(folder)?;
        self.config.keep(folder.join(CONFIG), command)?;
        if self.split == Split::Test {
            record_opening(&folder.join("test-openings.tsv"), command)?;
        }
        Ok(lock)
    }

    /// The configuration of a model with the cure.
    pub(super) fn cured(&self) -> RunConfig {
        self.config.recipe.of(&self.config)
    }

    /// Whether there are motifs or accessibility to learn from.
    pub(super) fn has_features(&self) -> bool {
        self.dataset.has_signal() || self.dataset.motifs().is_some_and(|motifs| !motifs.is_empty())
    }

    /// Returns what the planted truth of a simulated world allows: each bin's probability of being bound, from sites and
    /// accessibility as they were planted. What is left to miss is the toss of coins.
    pub fn allowed(&self, truth: &Truth, samples: &SampleSet) -> Predictions {
        let of_task = |&task: &usize| {
            let factor = &self.dataset.tasks()[task].factor;
            let cells: Vec<_> = self.dataset.cells().iter().map(|cell| truth.best_scores(factor, &cell.name)).collect();
            let score = |sample: Sample| {
                let bins = cells[usize::from(sample.cell)].as_ref();
                bins.and_then(|bins| bins.get(sample.bin as usize)).copied().unwrap_or_default()
            };
            samples.iter().map(score).collect()
        };
        let logits = self.tasks.iter().map(of_task).collect();
        Predictions { samples: samples.clone(), tasks: self.tasks.clone(), logits }
    }
}

impl fmt::Display for Setup<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, tasks, cells) = (self.dataset.name(), self.tasks.len(), self.dataset.cells().len());
        write!(formatter, "{name}: {tasks} tasks, {cells} cell types, on {}", device::describe(&self.device))
    }
}

/// A test set that is looked at again and again is none: each look is on record.
fn record_opening(path: &Path, command: &str) -> Result<()> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = format!("{seconds}\t{command}\n");
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(at(path))
}

/// What has seen the split that models are scored on.
fn seen(split: Split) -> Option<&'static str> {
    match split {
        Split::Train => Some("Scored on the training split, from which the models have learned."),
        Split::Valid => Some(
            "Scored on the validation split, which early stopping and what `rescue` chooses have seen: the scores flatter.",
        ),
        Split::Test => None,
    }
}

/// How often a shared model meets each bound bin, which is what it lacks first where factors are many.
fn exposure(dataset: &Dataset, tasks: &[usize], config: &RunConfig) -> Result<String> {
    let sampler = Sampler::new(dataset, tasks, config.architecture.context_bp, &config.training.sampler, 0)?;
    let (budget, epoch) = (config.training.budget, sampler.epoch_len());
    Ok(format!(
        "An epoch of all {} tasks, every bound bin once, is {epoch} draws. The budget of {budget} gives a shared model {:.1}.",
        tasks.len(),
        budget as f64 / epoch as f64,
    ))
}

/// The factors with a bound and an unbound bin in the validation split: without both, nothing says when to stop. What is left
/// out is noted.
fn single_factors(dataset: &Dataset, tasks: &[usize], context_bp: usize) -> (Vec<String>, Option<String>) {
    let silent = dataset.tasks_without_score(Split::Valid, context_bp);
    let factors_of = |tasks: &mut dyn Iterator<Item = &usize>| -> BTreeSet<String> {
        tasks.map(|&task| dataset.tasks()[task].factor.clone()).collect()
    };
    let factors = factors_of(&mut tasks.iter().filter(|task| !silent.contains(task)));
    let left_out: Vec<String> = factors_of(&mut tasks.iter()).difference(&factors).cloned().collect();
    let note = (!left_out.is_empty()).then(|| {
        let names = left_out.join(", ");
        format!("No single models, without a bound and an unbound bin in the validation split: {names}.")
    });
    (factors.into_iter().collect(), note)
}

/// Those factors that are asked for, as the data set spells them.
fn restricted<S: AsRef<str>>(dataset: &Dataset, able: &[String], key: &str, names: &[S]) -> Result<Vec<String>> {
    let known: Vec<&str> = dataset.tasks().iter().map(|task| task.factor.as_str()).collect();
    let wanted = factors_named(names, &known).map_err(|error| error.asked_by(key))?;
    match wanted.iter().find(|name| !able.contains(name)) {
        None => Ok(able.iter().filter(|name| wanted.contains(name)).cloned().collect()),
        Some(unable) => Err(Error::Config {
            key: key.into(),
            expected: "factors with bound and unbound bins to train on and to validate on, and of those asked for"
                .into(),
            found: unable.clone(),
        }),
    }
}
