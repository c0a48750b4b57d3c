//! The inputs of predictions: a model, a data set, and the wanted parts of both.

use std::path::PathBuf;

use multitf::{
    Error, Result,
    data::find_factors,
    device,
    predict::{RunIdentity, Shard, TrackFile, TrackWriterConfig},
};

use super::args::{Args, Value, given};
use crate::model_data::ModelData;

/// The inputs of a scan.
pub struct Inputs {
    model: PathBuf,
    /// The model, and the data that it is applied to.
    pub on: ModelData,
    pub chromosomes: Vec<usize>,
    pub shard: Shard,
    /// The tasks to write, as indices into the model's.
    tasks: Vec<usize>,
}

impl Inputs {
    /// Reads model and data, and prints what it found.
    pub fn open(args: &Args) -> Result<Self> {
        let model = given("--model", "a model", args.model.as_deref())?;
        let data = given("--data", "a data set", args.data.as_deref())?;
        let on = ModelData::open(model, data, args.cell.as_deref(), args.device.as_deref())?;
        if args.value == Value::Probability {
            on.file.check_probabilities()?;
        }
        let tasks = tasks(args.tasks.as_deref(), &on.file.tasks)?;
        let known: Vec<&str> = on.dataset.genome().names().collect();
        let chromosomes = chromosomes(args.chromosomes.as_deref(), &known)?;
        let (count, name, device) = (tasks.len(), on.dataset.name(), device::describe(&on.device));
        eprintln!("{count} tasks on {name} in cell type {}, on {device}", on.cell_name());
        Ok(Self { model: model.to_owned(), on, chromosomes, shard: args.shard.unwrap_or_default(), tasks })
    }

    /// Returns the number of tasks to write.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Returns the configuration of the writer of tracks.
    pub fn writer(&self, args: &Args) -> Result<TrackWriterConfig> {
        let ModelData { dataset, file, device, .. } = &self.on;
        let (cell, genome) = (self.on.cell_name(), dataset.genome());
        let chromosomes: Vec<&str> = self.chromosomes.iter().map(|&chromosome| genome.name(chromosome)).collect();
        let identity = RunIdentity::from_files(&self.model, dataset, cell, device::name(device), &chromosomes)?;
        let name = |task: &String| if cell == "*" { task.clone() } else { format!("{task}.{cell}") };
        let track = |&task: &usize| TrackFile { task, name: name(&file.tasks[task]) };
        Ok(TrackWriterConfig {
            files: self.tasks.iter().map(track).collect(),
            value: args.value.into(),
            identity,
            shard: self.shard,
        })
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
