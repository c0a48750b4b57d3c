//! Model files.

mod check;
mod config;
mod encoded;
mod entries;
mod extension;
mod header;
mod motifs;
pub(super) mod network;
#[cfg(test)]
mod tests;
pub(super) mod weights;

use std::path::Path;

use burn::tensor::Device;

use self::weights::Weights;
pub(super) use self::{encoded::EncodedWeights, entries::to_json, header::Header};
use super::{Model, ModelConfig, ModelInputs};
use crate::{Error, Result, file::write_atomic};

/// A model in a file, with everything needed to use it.
///
/// It is a [safetensors](https://github.com/huggingface/safetensors) file. Its metadata holds the configuration, the
/// names of the tasks and the model's inputs as JSON, and a checksum (CRC-32) of the whole file, so that damage is
/// noticed. Weights have the names and layouts of the same modules in PyTorch: `safetensors.torch.load_file` gives a
/// `state_dict`. Equal models make equal files.
///
/// Files of version 3 of the format are read too; they have neither inputs nor a checksum.
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
/// ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model }.save(&path)?;
/// assert_eq!(ModelFile::open(&path, &device)?.tasks, ["CTCF", "REST"]);
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The configuration of the model.
    pub config: ModelConfig,
    /// The names of the tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// The inputs in training; none in older files, and for a model that was not made from a data set.
    pub inputs: Option<ModelInputs>,
    /// The model.
    pub model: Model,
}

impl ModelFile {
    const FORMAT: &str = "multitf";
    const VERSION: u32 = 4;
    /// The oldest readable version.
    const OLDEST: u32 = 3;
    /// Number of weights for which memory is allocated before they are known to be in the file.
    const SMALL: usize = 1 << 20;

    /// Joins files into one (see [`Model::joined`]). Each file comes with the names of the tasks that are taken from
    /// it; the joined model has them in the order of `tasks`. Parts may differ in dropout and cell types: the result
    /// has the dropout of the first part and all cell types. It has no inputs if one part has none.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if a task is not in exactly one part, if a file does not have it, if architectures differ or
    /// the head is not sigmoid, and if bins, transform or genome differ; sequences without a genome may have any
    /// length.
    pub fn joined(parts: &[(&Self, Vec<String>)], tasks: &[String]) -> Result<Self> {
        let position = |names: &[String], name: &String, what: &str| {
            let place = names.iter().position(|known| known == name);
            place.ok_or_else(|| Error::mismatch(what, format!("one of {}", names.join(", ")), name))
        };
        for name in tasks {
            let count = parts.iter().filter(|(_, own)| own.contains(name)).count();
            Error::unless_equal(format!("parts that predict {name}"), 1, count)?;
        }
        let Some((first, _)) = parts.first() else {
            return Err(Error::mismatch("the parts of a model", "at least one", "none"));
        };
        let (mut models, mut shares, mut priors) = (Vec::new(), vec![None; tasks.len()], vec![None; tasks.len()]);
        for (file, names) in parts {
            if file.config.architecture() != first.config.architecture() {
                return Err(Error::mismatch("the architectures of parts", "one for all", "two that differ"));
            }
            let (mut places, mut columns) = (Vec::new(), Vec::new());
            for name in names {
                let place = position(tasks, name, "a task of a part")?;
                let column = position(&file.tasks, name, "a task")?;
                shares[place] = file.config.shares.as_ref().map(|shares| shares[column]);
                priors[place] = file.inputs.as_ref().map(|inputs| inputs.priors[column]);
                places.push(place);
                columns.push(column);
            }
            models.push((file.model.select_tasks(&columns), places));
        }
        let inputs: Option<Vec<_>> = parts.iter().map(|(file, _)| file.inputs.as_ref()).collect();
        let inputs = if let (Some(inputs), Some(priors)) = (inputs, priors.into_iter().collect()) {
            ModelInputs::joined(&inputs, priors, first.reads_signal())?
        } else {
            // Without inputs, the joined file would not tell that the probabilities of a part are smoothed.
            parts.iter().try_for_each(|(file, _)| file.check_probabilities())?;
            None
        };
        let models = models.into_iter().map(|(model, places)| Some((model?, places))).collect::<Option<Vec<_>>>();
        let model = models
            .and_then(|models| Model::joined(&models))
            .ok_or_else(|| Error::mismatch("the heads of parts", "sigmoid", format!("{:?}", first.config.head)))?;
        let config = ModelConfig {
            tasks: tasks.len(),
            shares: shares.into_iter().collect(),
            members: model.members().count(),
            answers: model.answers.clone(),
            ..first.config.clone()
        };
        Ok(Self { config, tasks: tasks.to_vec(), inputs, model })
    }

    /// Writes the file; an old one stays until the new one is complete.
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
    /// [`Error::Io`], [`Error::Format`] for a file of another kind, [`Error::Corrupt`] for a damaged one,
    /// [`Error::Mismatch`] for another version or for weights that do not fit the configuration, and [`Error::Config`]
    /// if the device does not compute in the model's precision.
    pub fn open(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let header = Header::open(path)?;
        let weights = Weights::from_header(&header)?;
        check_format(path, &header)?;
        let config = config::read(&header)?;
        let tasks = header.tasks()?;
        let what = |part| format!("{}: {part}", path.display());
        Error::unless_equal(what("the number of tasks"), config.tasks, tasks.len())?;
        let inputs = header.inputs(tasks.len())?;
        config.trunk.precision.check(device)?;
        let (expected, found) = (config.num_params().unwrap_or(usize::MAX), weights.num_params());
        if expected > found.saturating_mul(4).max(Self::SMALL) {
            return Err(Error::mismatch(what("the number of weights"), expected, found));
        }
        let model = weights.load_into(config.init(device))?;
        Ok(Self { config, tasks, inputs, model })
    }

    /// The bytes of the file.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.config.validate()?;
        Error::unless_equal("the number of tasks", self.config.tasks, self.tasks.len())?;
        self.inputs.as_ref().map_or(Ok(()), |inputs| inputs.validate(self.tasks.len()))?;
        let weights = EncodedWeights::new(&self.model)?;
        Error::unless_equal("the number of weights", self.config.num_params().unwrap_or(usize::MAX), weights.len())?;
        Ok(weights.into_bytes(self.entries()?))
    }

    fn entries(&self) -> Result<Vec<(&'static str, String)>> {
        let mut entries = vec![
            ("format", Self::FORMAT.into()),
            ("version", Self::VERSION.to_string()),
            ("config", config::text(&self.config, &to_json("the configuration", &self.config)?)),
            ("tasks", to_json("the names of the tasks", &self.tasks)?),
        ];
        if let Some(inputs) = &self.inputs {
            entries.push(("inputs", to_json("the inputs", inputs)?));
        }
        Ok(entries)
    }
}

fn check_format(path: &Path, header: &Header) -> Result<()> {
    if header.get("format") != Some(ModelFile::FORMAT) {
        let detail = match header.get("name") {
            Some(name) => format!("a custom network, {name}: NetworkFile::open reads it"),
            None => "a safetensors file without a configuration".into(),
        };
        return Err(Error::format(path, "a model of this crate", detail));
    }
    let text = header.get("version").unwrap_or("none");
    let version: Option<u32> = text.parse().ok();
    let advice = match version {
        Some(ModelFile::OLDEST..ModelFile::VERSION) => return Ok(()),
        Some(ModelFile::VERSION) if header.has_checksum() => return Ok(()),
        Some(ModelFile::VERSION) => return Err(header.corrupt("checksum", &"it is not where this crate writes it")),
        Some(newer) if newer > ModelFile::VERSION => ": the file is of a newer version of this crate, which reads it",
        _ => "",
    };
    let expected = format!("{} or {}", ModelFile::OLDEST, ModelFile::VERSION);
    Err(Error::mismatch(format!("{}: the version of the format", path.display()), expected, format!("{text}{advice}")))
}
