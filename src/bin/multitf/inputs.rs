//! The arguments of comparisons of trained models, and what they name: a data set, a configuration, a device.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use multitf::{
    Error, FolderLock, Result,
    data::{Dataset, DatasetOptions, SignalReference, Split},
    device,
    simulate::{SimulationConfig, Truth, simulate},
    strategy::{Setup, Strategy},
    train::RunConfig,
};

/// The folder of the simulated world.
const WORLD: &str = "world";

/// Data, budget, device and output.
#[derive(Debug, clap::Args)]
pub struct ComparisonArgs {
    /// A data set: dataset.toml.
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// The factors of the data set to use, separated by commas [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    tasks: Option<Vec<String>>,
    /// The factors to train a neural network of their own for; shared models still learn all of --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    singles: Option<Vec<String>>,
    /// How many times each model is trained, from another initialization each time. There are no verdicts below two
    /// [default: 1].
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: Option<u64>,
    /// Samples that each training may draw, repeats counted [default: the configuration's].
    #[arg(long, value_name = "SAMPLES")]
    budget: Option<usize>,
    /// A run's config.toml: architecture and training.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = ScoredSplit::Valid)]
    score: ScoredSplit,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// The folder for everything that is written [default: out/ and a name].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl ComparisonArgs {
    /// Reads the configuration. A simulated world has a default budget of its own, and five validations of any budget.
    pub fn configuration(&self, simulated_budget: usize) -> Result<RunConfig> {
        let mut default = RunConfig::default();
        if self.data.is_none() {
            default.training.budget = simulated_budget;
            default.training.validate_every = (self.budget.unwrap_or(simulated_budget) / 5).max(1);
        }
        open_config(self.config.as_deref(), default, self.budget)
    }

    /// The folder for everything that is written: as given, or in `out/` and named after the data set's folder.
    fn folder(&self, subfolder: &str) -> PathBuf {
        let data = self.data.as_ref().and_then(|path| path.canonicalize().ok());
        let name = data.as_ref().and_then(|path| path.parent()).and_then(|folder| folder.file_name());
        let default = || PathBuf::from("out").join(subfolder).join(name.unwrap_or("simulated".as_ref()));
        self.out.clone().unwrap_or_else(default)
    }
}

/// A split to score on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScoredSplit {
    /// The training split.
    Train,
    /// The validation split, which early stopping uses.
    Valid,
    /// The test split.
    Test,
}

impl From<ScoredSplit> for Split {
    fn from(split: ScoredSplit) -> Self {
        match split {
            ScoredSplit::Train => Self::Train,
            ScoredSplit::Valid => Self::Valid,
            ScoredSplit::Test => Self::Test,
        }
    }
}

/// A world that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum World {
    /// Twelve factors that differ in their numbers of sites and in their partners.
    Mixed,
    /// Twelve factors that conflict when one model learns all of them.
    Conflicting,
}

impl World {
    /// Returns the settings of the world.
    pub fn config(self) -> SimulationConfig {
        match self {
            Self::Mixed => SimulationConfig::default(),
            Self::Conflicting => SimulationConfig::conflicting(),
        }
    }

    /// Returns the folder in `out/` for comparisons on the world.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Mixed => "",
            Self::Conflicting => "conflicting",
        }
    }
}

/// A parser of some strategies by their names, with their descriptions in the help.
pub fn strategies(is_allowed: fn(&Strategy) -> bool) -> impl TypedValueParser<Value = Strategy> {
    let name = |strategy: Strategy| PossibleValue::new(strategy.name()).help(strategy.description());
    let names = Strategy::all().filter(is_allowed).map(name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Strategy>())
}

/// The inputs of a comparison.
pub struct Inputs {
    /// The folder for everything that is written.
    pub out: PathBuf,
    pub dataset: Dataset,
    /// The ground truth of a simulated world.
    pub truth: Option<Truth>,
    pub config: RunConfig,
    device: Device,
}

impl Inputs {
    /// Reads all inputs. Only the simulated world is written, where there is no data set.
    pub fn open(args: &ComparisonArgs, config: RunConfig, below: &str, world: &SimulationConfig) -> Result<Self> {
        let device = device::named(args.device.as_deref())?;
        config.validate()?;
        let out = args.folder(below);
        config.check_file(out.join("config.toml"))?;
        let path = args.data.clone().map_or_else(|| simulated(&out, world), Ok)?;
        let truth = if args.data.is_none() { Some(Truth::open(out.join(WORLD))?) } else { None };
        let dataset = open_dataset(&path, args.tasks.as_deref(), None)?;
        Ok(Self { out, dataset, truth, config, device })
    }

    /// Returns the setup of the comparison: what can be learned, and which factors have models of their own.
    pub fn setup(&self, args: &ComparisonArgs, factors: Option<&[String]>) -> Result<Setup<'_>> {
        let mut setup = Setup::on_device(&self.dataset, self.config.clone(), &self.device)?;
        setup = setup.with_split(args.score.into());
        if let Some(factors) = factors {
            setup = setup.with_factors(factors).map_err(|error| error.asked_by("--factors"))?;
        }
        match &args.singles {
            Some(singles) => setup.with_singles(singles).map_err(|error| error.asked_by("--singles")),
            None => Ok(setup),
        }
    }
}

/// Reads a data set, with some of its factors or with all, and with accessibility normalised to a model's reference if
/// there is one.
pub fn open_dataset(path: &Path, factors: Option<&[String]>, reference: Option<SignalReference>) -> Result<Dataset> {
    let options = DatasetOptions { factors: factors.map(<[_]>::to_vec), reference, ..DatasetOptions::default() };
    Dataset::open_with(path, &options).map_err(|error| error.asked_by("--tasks"))
}

/// Reads a configuration, or takes the default one, and sets its budget if one is given.
pub fn open_config(path: Option<&Path>, default: RunConfig, budget: Option<usize>) -> Result<RunConfig> {
    let config = path.map_or(Ok(default), RunConfig::open)?;
    Ok(budget.into_iter().fold(config, RunConfig::with_budget))
}

/// Prints the data and the device of a training, and notes for the user.
pub fn announce(setup: &Setup<'_>) {
    eprintln!("{setup}");
    setup.notes().iter().for_each(|note| eprintln!("note: {note}"));
}

/// Returns the command line of this call.
pub fn command() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!("{} {}", crate::PROGRAM, arguments.join(" "))
}

/// Returns the data set of the simulated world in the output folder, and makes it if it is missing.
fn simulated(out: &Path, config: &SimulationConfig) -> Result<PathBuf> {
    let folder = out.join(WORLD);
    let path = folder.join("dataset.toml");
    // A world that is there needs no lock; another call may have made it while this one waited for the lock.
    let lock = if path.exists() { None } else { Some(FolderLock::new(&folder)?) };
    if lock.is_some() && !path.exists() {
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
