//! What every model shares: data, configuration, device.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use burn::{module::Module, tensor::Device};
use multitf::{
    Error, FolderLock, Result,
    data::{
        Dataset, DatasetOptions, Pool, Sample, SampleSet, Sampler, Split,
        simulate::{SimulationConfig, Truth, simulate},
    },
    device,
    eval::run::RunRow,
    predict::Predictions,
    train::{Fitted, RunConfig},
};

use crate::{
    call,
    common::{Common, Scored},
};

/// The folder of the simulated world.
const WORLD: &str = "world";
const CONFIG: &str = "config.toml";

/// Enough for the simulated world, in a minute or two.
const SIMULATED_BUDGET: usize = 100_000;
const SIMULATED_VALIDATE_EVERY: usize = 20_000;

/// What a comparison does in its own way.
pub struct Options<'a> {
    /// The folder below `out/`.
    pub below: &'a str,
    /// What is simulated where no data set is given.
    pub world: SimulationConfig,
    /// Where a single model's unbound bins come from.
    pub pool: Pool,
    /// The factors to make models of their own for, if not all.
    pub factors: Option<Vec<String>>,
}

/// What every model shares.
pub struct Setting {
    /// Where everything is written.
    pub out: PathBuf,
    pub dataset: Dataset,
    /// The tasks that can be learned, as the data set counts them.
    pub tasks: Vec<usize>,
    pub config: RunConfig,
    pub device: Device,
    /// The factors that a model of their own can be trained and stopped for.
    pub factors: Vec<String>,
    /// Those to train a neural network of their own for; none asks for all.
    singles: Option<Vec<String>>,
    pub notes: Vec<String>,
    /// What is true of a simulated world.
    truth: Option<Truth>,
    /// Keeps others from the folder.
    lock: Option<FolderLock>,
}

impl Setting {
    /// The factors that have a neural network of their own.
    pub fn singles(&self) -> impl Iterator<Item = &String> {
        self.factors.iter().filter(|tf| self.singles.as_ref().is_none_or(|wanted| wanted.contains(tf)))
    }

    /// What a training cost.
    pub fn row(&self, model: String, tf: &str, seed: u64, fitted: &Fitted) -> RunRow {
        RunRow {
            model,
            seed,
            tf: tf.to_owned(),
            draws: fitted.draws as u64,
            parameters: fitted.model.num_params() as u64,
            seconds: fitted.seconds,
            device: device::name(&self.device).to_owned(),
        }
    }

    /// Reads everything, and says what it found. Nothing is written but the simulated world, where there is no data set.
    pub fn prepare(args: &Common, options: &Options<'_>) -> Result<Self> {
        let device = device::named(args.device.as_deref())?;
        let config = configuration(args, options.pool)?;
        let out = args.folder(options.below);
        config.check_file(out.join(CONFIG))?;
        let lock = args.data.is_none().then(|| FolderLock::new(&out)).transpose()?;
        let path = args.data.clone().map_or_else(|| world(&out, &options.world), Ok)?;
        let truth = if args.data.is_none() { Some(Truth::open(out.join(WORLD))?) } else { None };
        let dataset =
            Dataset::open_with(&path, &DatasetOptions { factors: args.tasks.clone(), ..DatasetOptions::default() })?;
        let mut notes = dataset.notes().to_vec();
        let unlearnable = dataset.tasks_without_positives(Split::Train, config.architecture.context_bp);
        let tasks: Vec<usize> = (0..dataset.tasks().len()).filter(|task| !unlearnable.contains(task)).collect();
        if !unlearnable.is_empty() {
            let names: Vec<&str> = unlearnable.iter().map(|&task| dataset.tasks()[task].name.as_str()).collect();
            notes.push(format!("Left out, without a bound bin in the training split: {}.", names.join(", ")));
        }
        notes.push(exposure(&dataset, &tasks, &config)?);
        notes.extend(seen(args.score).map(str::to_owned));
        let factors = single_factors(&dataset, &tasks, config.architecture.context_bp, &mut notes);
        let factors = restricted(factors, "--factors", options.factors.as_deref())?;
        let singles = args.singles.as_deref();
        let singles = singles.map(|wanted| restricted(factors.clone(), "--singles", Some(wanted))).transpose()?;
        let setting = Self { out, dataset, tasks, config, device, factors, singles, notes, truth, lock };
        setting.announce();
        Ok(setting)
    }

    /// Takes the folder for this call, when all is checked, and notes there what is asked for.
    pub fn begin(&mut self, args: &Common) -> Result<()> {
        if self.lock.is_none() {
            self.lock = Some(FolderLock::new(&self.out)?);
        }
        self.config.keep(self.out.join(CONFIG), &call::heading())?;
        if args.score == Scored::Test { call::log_opening(&self.out) } else { Ok(()) }
    }

    /// What the planted truth of a simulated world allows: each bin's probability of being bound, from sites and
    /// accessibility as they were planted. What is left to miss is the toss of coins.
    pub fn allowed(&self, samples: &SampleSet) -> Option<Predictions> {
        let truth = self.truth.as_ref()?;
        let of_task = |&task: &usize| {
            let factor = &self.dataset.tasks()[task].factor;
            let cells: Vec<_> = self.dataset.cells().iter().map(|cell| truth.oracle(factor, &cell.name)).collect();
            let score = |sample: Sample| {
                let bins = cells[usize::from(sample.cell)].as_ref();
                bins.and_then(|bins| bins.get(sample.bin as usize)).copied().unwrap_or_default()
            };
            samples.iter().map(score).collect()
        };
        let logits = self.tasks.iter().map(of_task).collect();
        Some(Predictions { samples: samples.clone(), tasks: self.tasks.clone(), logits })
    }

    fn announce(&self) {
        let (name, tasks, cells) = (self.dataset.name(), self.tasks.len(), self.dataset.cells().len());
        eprintln!("{name}: {tasks} tasks, {cells} cell types, on {}", device::describe(&self.device));
        self.notes.iter().for_each(|note| eprintln!("note: {note}"));
    }
}

/// What has seen the split that models are scored on.
fn seen(scored: Scored) -> Option<&'static str> {
    match scored {
        Scored::Train => Some("Scored on the training split, from which the models have learned."),
        Scored::Valid => Some(
            "Scored on the validation split, which early stopping and what `rescue` chooses have seen: the scores flatter.",
        ),
        Scored::Test => None,
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

/// The factors with a bound and an unbound bin in the validation split: without both, nothing says when to stop.
fn single_factors(dataset: &Dataset, tasks: &[usize], context_bp: usize, notes: &mut Vec<String>) -> Vec<String> {
    let silent = dataset.tasks_without_score(Split::Valid, context_bp);
    let of = |tasks: &mut dyn Iterator<Item = &usize>| -> BTreeSet<String> {
        tasks.map(|&task| dataset.tasks()[task].factor.clone()).collect()
    };
    let factors = of(&mut tasks.iter().filter(|task| !silent.contains(task)));
    let left_out: Vec<String> = of(&mut tasks.iter()).difference(&factors).cloned().collect();
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        notes.push(format!("No single models, without a bound and an unbound bin in the validation split: {names}."));
    }
    factors.into_iter().collect()
}

/// Those factors that are asked for.
fn restricted(factors: Vec<String>, key: &str, wanted: Option<&[String]>) -> Result<Vec<String>> {
    let Some(wanted) = wanted else { return Ok(factors) };
    match wanted.iter().find(|factor| !factors.contains(factor)) {
        Some(unknown) => Err(Error::Config {
            key: key.into(),
            expected: format!("some of {}", factors.join(", ")),
            found: unknown.clone(),
        }),
        None => Ok(wanted.to_vec()),
    }
}

fn configuration(args: &Common, pool: Pool) -> Result<RunConfig> {
    let mut config = args.config.as_ref().map_or_else(|| Ok(RunConfig::default()), RunConfig::open)?;
    if args.data.is_none() && args.config.is_none() {
        config.training.budget = SIMULATED_BUDGET;
        config.training.validate_every = SIMULATED_VALIDATE_EVERY;
    }
    if let Some(budget) = args.budget {
        config = config.with_budget(budget);
    }
    if pool == Pool::Own {
        config.training.sampler.pool = pool;
    }
    config.validate()?;
    Ok(config)
}

/// The simulated world below the output folder, made if it is not there.
fn world(out: &Path, config: &SimulationConfig) -> Result<PathBuf> {
    let folder = out.join(WORLD);
    let path = folder.join("dataset.toml");
    if !path.exists() {
        eprintln!("simulating a world in {}", folder.display());
        simulate(config, &folder)?;
    } else if Truth::open(&folder)?.config() != config {
        return Err(Error::Mismatch {
            what: folder.display().to_string(),
            expected: "the simulated world that is asked for".into(),
            found: "another one: choose another --out, or remove this folder".into(),
        });
    }
    Ok(path)
}
