//! What a comparison of trained models works with: a data set, a configuration, a device.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use multitf::{
    Error, FolderLock, Result,
    data::{
        Dataset, DatasetOptions,
        simulate::{SimulationConfig, Truth, simulate},
    },
    device,
    strategy::Setup,
    train::RunConfig,
};

use crate::common::Common;

/// The folder of the simulated world.
const WORLD: &str = "world";

/// Enough for the simulated world, in a minute or two.
const SIMULATED_BUDGET: usize = 100_000;
const SIMULATED_VALIDATE_EVERY: usize = 20_000;

/// What a comparison works with.
pub struct Inputs {
    /// Where everything is written.
    pub out: PathBuf,
    pub dataset: Dataset,
    /// What is true of a simulated world.
    pub truth: Option<Truth>,
    pub config: RunConfig,
    pub device: Device,
}

impl Inputs {
    /// Reads everything. Nothing is written but the simulated world, where there is no data set.
    pub fn open(args: &Common, config: RunConfig, below: &str, world: &SimulationConfig) -> Result<Self> {
        let device = device::named(args.device.as_deref())?;
        config.validate()?;
        let out = args.folder(below);
        config.check_file(out.join("config.toml"))?;
        let path = args.data.clone().map_or_else(|| simulated(&out, world), Ok)?;
        let truth = if args.data.is_none() { Some(Truth::open(out.join(WORLD))?) } else { None };
        let options = DatasetOptions { factors: args.tasks.clone(), ..DatasetOptions::default() };
        let dataset = Dataset::open_with(&path, &options).map_err(|error| error.asked_by("--tasks"))?;
        Ok(Self { out, dataset, truth, config, device })
    }

    /// Finds what can be learned, and which factors are to have models of their own.
    pub fn setup(&self, args: &Common, factors: Option<&[String]>) -> Result<Setup<'_>> {
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

/// The configuration that is asked for, with the budget.
pub fn configuration(args: &Common) -> Result<RunConfig> {
    let mut config = args.config.as_ref().map_or_else(|| Ok(RunConfig::default()), RunConfig::open)?;
    if args.data.is_none() && args.config.is_none() {
        config.training.budget = SIMULATED_BUDGET;
        config.training.validate_every = SIMULATED_VALIDATE_EVERY;
    }
    Ok(args.budget.map_or(config.clone(), |budget| config.with_budget(budget)))
}

/// Says on what models are trained, and what a user should know of it.
pub fn announce(setup: &Setup<'_>) {
    eprintln!("{setup}");
    setup.notes().iter().for_each(|note| eprintln!("note: {note}"));
}

/// The call as the user made it.
pub fn command() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!("{} {}", crate::PROGRAM, arguments.join(" "))
}

/// The simulated world below the output folder, made if it is not there.
fn simulated(out: &Path, config: &SimulationConfig) -> Result<PathBuf> {
    let folder = out.join(WORLD);
    let path = folder.join("dataset.toml");
    // Who finds it made has nothing to lock, and who waited for another call finds it made.
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
