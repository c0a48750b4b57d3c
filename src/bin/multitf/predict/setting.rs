//! The inputs of predictions: a model, a data set, and the wanted parts of both.

use std::path::PathBuf;

use burn::tensor::Device;
use multitf::{
    Error, Result,
    data::{Dataset, find_factors},
    device,
    nn::ModelFile,
    predict::{RunIdentity, ScanSource, Shard, TrackFile, TrackWriterConfig},
};

use super::args::{Args, Value, given};

/// The inputs of a scan.
pub struct Inputs {
    model: PathBuf,
    pub device: Device,
    pub file: ModelFile,
    pub dataset: Dataset,
    pub chromosomes: Vec<usize>,
    pub shard: Shard,
    cell: usize,
    /// The tasks to write, as indices into the model's.
    tasks: Vec<usize>,
}

impl Inputs {
    /// Reads model and data, and prints what it found.
    pub fn open(args: &Args) -> Result<Self> {
        let device = device::named(args.device.as_deref())?;
        let model = given("--model", "a model", args.model.as_deref())?;
        let file = ModelFile::open(model, &device)?;
        let dataset = given("--data", "a data set", args.data.as_deref())?;
        let dataset = Dataset::open_with(dataset, &file.dataset_options())?;
        let cells: Vec<&str> = dataset.cells().iter().map(|cell| cell.name.as_str()).collect();
        let cell = cell(args.cell.as_deref(), &cells)?;
        let notes = file.check(&dataset, cells[cell])?;
        if args.value == Value::Probability {
            file.check_probabilities()?;
        }
        let tasks = tasks(args.tasks.as_deref(), &file.tasks)?;
        let known: Vec<&str> = dataset.genome().names().collect();
        let chromosomes = chromosomes(args.chromosomes.as_deref(), &known)?;
        eprintln!(
            "{} tasks on {} in cell type {}, on {}",
            tasks.len(),
            dataset.name(),
            cells[cell],
            device::describe(&device)
        );
        dataset.notes().iter().chain(&notes).for_each(|note| eprintln!("note: {note}"));
        Ok(Self {
            model: model.to_owned(),
            device,
            file,
            dataset,
            chromosomes,
            shard: args.shard.unwrap_or_default(),
            cell,
            tasks,
        })
    }

    pub fn source(&self) -> ScanSource<'_> {
        ScanSource::from_dataset(&self.dataset, self.cell)
    }

    /// Returns the number of tasks to write.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Returns the configuration of the writer of tracks.
    pub fn writer(&self, args: &Args) -> Result<TrackWriterConfig> {
        let (cell, genome) = (&self.dataset.cells()[self.cell].name, self.dataset.genome());
        let chromosomes: Vec<&str> = self.chromosomes.iter().map(|&chromosome| genome.name(chromosome)).collect();
        let identity =
            RunIdentity::from_files(&self.model, &self.dataset, cell, device::name(&self.device), &chromosomes)?;
        let name = |task: &String| if cell == "*" { task.clone() } else { format!("{task}.{cell}") };
        let file = |&task: &usize| TrackFile { task, name: name(&self.file.tasks[task]) };
        Ok(TrackWriterConfig {
            files: self.tasks.iter().map(file).collect(),
            value: args.value.into(),
            identity,
            shard: self.shard,
        })
    }
}

fn cell(wanted: Option<&str>, known: &[&str]) -> Result<usize> {
    let unknown = |found: &str| Error::Config {
        key: "--cell".into(),
        expected: format!("one of {}", known.join(", ")),
        found: found.into(),
    };
    match wanted {
        None if known.len() == 1 => Ok(0),
        None => Err(unknown("none")),
        Some(name) => known.iter().position(|known| *known == name).ok_or_else(|| unknown(name)),
    }
}

/// The indices of the wanted tasks, or of all.
fn tasks(wanted: Option<&[String]>, known: &[String]) -> Result<Vec<usize>> {
    let Some(wanted) = wanted else { return Ok((0..known.len()).collect()) };
    let wanted = find_factors(wanted, known).map_err(|error| error.asked_by("--tasks"))?;
    Ok((0..known.len()).filter(|&index| wanted.contains(&known[index])).collect())
}

/// The indices of the wanted chromosomes, or of all.
fn chromosomes(wanted: Option<&[String]>, known: &[&str]) -> Result<Vec<usize>> {
    let Some(wanted) = wanted else { return Ok((0..known.len()).collect()) };
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(&name.as_str())) {
        let expected = format!("some of {}", known.join(", "));
        return Err(Error::Config { key: "--chromosomes".into(), expected, found: unknown.clone() });
    }
    Ok((0..known.len()).filter(|&index| wanted.iter().any(|name| name == known[index])).collect())
}
