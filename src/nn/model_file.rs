//! Models in files.

mod header;
#[cfg(test)]
mod tests;

use std::path::Path;

use burn::{store::bridge, tensor::Device};
use serde_json::{Map, Value, json};

pub(super) use header::Header;

use super::{
    Model, ModelConfig,
    weights::{Weights, not_finite, tensors},
};
use crate::{Error, Result, file::write_atomic};

/// A model in a file, with all that is needed to use it.
///
/// The file is a [safetensors](https://github.com/huggingface/safetensors) file whose metadata holds the configuration
/// and the names of the tasks as JSON. Names and layouts of the weights are those that the same modules have in
/// PyTorch, so that `safetensors.torch.load_file` gives a `state_dict`. Equal models make equal files.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig};
///
/// let path = std::env::temp_dir().join(format!("multitf-doc-{}.safetensors", std::process::id()));
/// let device = Device::default();
/// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 2);
/// let model = config.init(&device);
/// ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], model }.save(&path)?;
/// assert_eq!(ModelFile::open(&path, &device)?.tasks, ["CTCF", "REST"]);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// What the model was made from.
    pub config: ModelConfig,
    /// The names of the tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// The model.
    pub model: Model,
}

impl ModelFile {
    const FORMAT: &str = "multitf";
    const VERSION: &str = "3";
    /// Values for which memory is taken on the word of a configuration alone.
    const SMALL: usize = 1 << 20;

    /// Joins files into one whose model says of each task what its part does (see [`Model::joined`]): the tasks named beside a
    /// file are taken from it. They come in the order of `tasks`. Parts may differ in dropout, which a finished model does not
    /// do; what is joined has the first one's.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if a task is not in exactly one part, a file does not have it, or the models are not of one
    /// architecture with a sigmoid head.
    pub fn joined(parts: &[(&Self, Vec<String>)], tasks: &[String]) -> Result<Self> {
        let mismatch =
            |what: String, expected: &str, found: String| Error::Mismatch { what, expected: expected.into(), found };
        let position = |names: &[String], name: &String, what: &str| {
            let place = names.iter().position(|known| known == name);
            place.ok_or_else(|| mismatch(what.to_owned(), &format!("one of {}", names.join(", ")), name.clone()))
        };
        for name in tasks {
            let count = parts.iter().filter(|(_, of)| of.contains(name)).count();
            same(format!("parts that answer for {name}"), 1, count)?;
        }
        let Some((first, _)) = parts.first() else {
            return Err(mismatch("the parts of a model".into(), "at least one", "none".into()));
        };
        let (mut models, mut shares) = (Vec::new(), vec![None; tasks.len()]);
        for (file, names) in parts {
            if file.config.made_alike() != first.config.made_alike() {
                return Err(mismatch("the architectures of parts".into(), "one for all", "two that differ".into()));
            }
            let mut places = Vec::with_capacity(names.len());
            let mut own = Vec::with_capacity(names.len());
            for name in names {
                let (place, column) =
                    (position(tasks, name, "a task of a part")?, position(&file.tasks, name, "a task")?);
                shares[place] = file.config.shares.as_ref().map(|shares| shares[column]);
                places.push(place);
                own.push(column);
            }
            models.push((file.model.of_tasks(&own), places));
        }
        let models = models.into_iter().map(|(model, places)| Some((model?, places))).collect::<Option<Vec<_>>>();
        let model = models
            .and_then(|models| Model::joined(&models))
            .ok_or_else(|| mismatch("the heads of parts".into(), "sigmoid", format!("{:?}", first.config.head)))?;
        let config = ModelConfig {
            tasks: tasks.len(),
            shares: shares.into_iter().collect(),
            members: model.members().count(),
            answers: model.answers.clone(),
            ..first.config.clone()
        };
        Ok(Self { config, tasks: tasks.to_vec(), model })
    }

    /// Writes the file; an old one stays as it was until the new one is whole.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], and [`Error::Mismatch`] if the parts do not fit together or a weight is not finite.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_atomic(path.as_ref(), |out| out.write_all(&bytes))
    }

    /// Reads a file, and puts the model on a device.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Format`] for a file of another kind, [`Error::Corrupt`] for a damaged one, or
    /// [`Error::Mismatch`] for one of another version, or whose weights are not those of its configuration, or
    /// [`Error::Config`] if the device does not compute in the model's precision.
    pub fn open(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let header = Header::open(path)?;
        check_format(path, &header)?;
        let config = config(&header)?;
        let tasks: Vec<String> =
            serde_json::from_value(header.json("tasks")?).map_err(|error| header.corrupt("tasks", &error))?;
        let what = |part| format!("{}: {part}", path.display());
        same(what("the number of tasks"), config.tasks, tasks.len())?;
        config.trunk.precision.check(device)?;
        let weights = Weights::open_safetensors(path)?;
        let (expected, found) = (config.num_params(), weights.num_params());
        if expected.is_none_or(|expected| expected > found.saturating_mul(4).max(Self::SMALL)) {
            let expected = expected.map_or_else(|| "too many to count".into(), |count| count.to_string());
            return Err(Error::Mismatch { what: what("the number of weights"), expected, found: found.to_string() });
        }
        let model = weights.load_into(config.init(device))?;
        Ok(Self { config, tasks, model })
    }

    /// The file, with its header in a fixed order.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.config.validate()?;
        same("the number of tasks".into(), self.config.tasks, self.tasks.len())?;
        let (mut header, mut values) = (Map::new(), Vec::new());
        header.insert("__metadata__".into(), self.metadata()?);
        for (name, tensor) in tensors(&self.model) {
            let shape = tensor.shape.to_vec();
            let mismatch = |found| Error::Mismatch { what: name.clone(), expected: "finite weights".into(), found };
            let data = bridge::into_data(tensor).map_err(|error| mismatch(error.to_string()))?;
            if let Some(value) = not_finite(&data) {
                return Err(mismatch(value.to_string()));
            }
            let start = values.len();
            values.extend(data.iter::<f32>().flat_map(f32::to_le_bytes));
            let place = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, values.len()] });
            header.insert(name, place);
        }
        let found = values.len() / size_of::<f32>();
        same("the number of weights".into(), self.config.num_params().unwrap_or(usize::MAX), found)?;
        let mut header = Value::Object(header).to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        Ok([&(header.len() as u64).to_le_bytes(), header.as_slice(), &values].concat())
    }

    fn metadata(&self) -> Result<Value> {
        let unwritable = |error: serde_json::Error| Error::Mismatch {
            what: "the configuration".into(),
            expected: "one that JSON can hold".into(),
            found: error.to_string(),
        };
        let config = serde_json::to_string(&self.config).map_err(unwritable)?;
        let tasks = serde_json::to_string(&self.tasks).map_err(unwritable)?;
        Ok(json!({ "format": Self::FORMAT, "version": Self::VERSION, "config": config, "tasks": tasks }))
    }
}

fn check_format(path: &Path, header: &Header) -> Result<()> {
    if header.get("format") != Some(ModelFile::FORMAT) {
        return Err(Error::Format {
            path: path.to_owned(),
            expected: "a model of this crate",
            detail: "a safetensors file without a configuration".into(),
        });
    }
    let version = header.get("version").unwrap_or("none");
    same(format!("{}: the version of the format", path.display()), ModelFile::VERSION, version)
}

/// The configuration of a header, whose keys must all be known.
fn config(header: &Header) -> Result<ModelConfig> {
    let corrupt = |error: &dyn std::fmt::Display| header.corrupt("config", error);
    let given = header.json("config")?;
    let config: ModelConfig = serde_json::from_value(given.clone()).map_err(|error| corrupt(&error))?;
    let known = serde_json::to_value(&config).map_err(|error| corrupt(&error))?;
    if let Some(key) = other_key(&given, &known) {
        return Err(corrupt(&format!("unknown or missing key `{key}`")));
    }
    config.validate().map_err(|error| corrupt(&error))?;
    Ok(config)
}

/// A key that only one of two values has, at any depth.
fn other_key<'a>(a: &'a Value, b: &'a Value) -> Option<&'a str> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return None };
    let only = |a: &'a Map<String, Value>, b: &Map<String, Value>| a.keys().find(|key| !b.contains_key(*key));
    let below = || a.iter().find_map(|(key, a)| other_key(a, b.get(key)?));
    only(a, b).or_else(|| only(b, a)).map(String::as_str).or_else(below)
}

fn same<T: PartialEq + ToString>(what: String, expected: T, found: T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch { what, expected: expected.to_string(), found: found.to_string() })
}
