//! Models in files.

mod check;
mod config;
mod entries;
mod extension;
mod header;
mod motifs;
mod packed;
#[cfg(test)]
mod tests;

use std::path::Path;

use burn::tensor::Device;

pub(super) use self::{
    entries::{json_of, same},
    header::Header,
    packed::PackedWeights,
};
use super::{Model, ModelConfig, ModelInputs, weights::Weights};
use crate::{Error, Result, file::write_atomic};

/// A model in a file, with all that is needed to use it.
///
/// The file is a [safetensors](https://github.com/huggingface/safetensors) file whose metadata holds the configuration,
/// the names of the tasks and what the model was made to see as JSON, and a checksum (CRC-32) of all of the file, so that no
/// damage goes unnoticed. Names and layouts of the weights are those that the same modules have in PyTorch, so that
/// `safetensors.torch.load_file` gives a `state_dict`. Equal models make equal files.
///
/// Files of version 3 of the format, which say nothing of inputs and have no checksum, are read too.
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
#[derive(Debug, Clone)]
pub struct ModelFile {
    /// What the model was made from.
    pub config: ModelConfig,
    /// The names of the tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// What the model was made to see; none in files of older versions, and for a model that was not made from a data set.
    pub inputs: Option<ModelInputs>,
    /// The model.
    pub model: Model,
}

impl ModelFile {
    const FORMAT: &str = "multitf";
    const VERSION: u32 = 4;
    /// The oldest version that is read.
    const OLDEST: u32 = 3;
    /// Values for which memory is taken on the word of a configuration alone.
    const SMALL: usize = 1 << 20;

    /// Joins files into one whose model says of each task what its part does (see [`Model::joined`]): the tasks named beside a
    /// file are taken from it. They come in the order of `tasks`. Parts may differ in dropout, which a finished model does not
    /// do, and in cell types; what is joined has the first one's dropout and all cell types. It says nothing of its inputs if
    /// one part does not.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if a task is not in exactly one part, a file does not have it, the models are not of one
    /// architecture with a sigmoid head, or were made for other bins, another transform or another genome; sequences
    /// without a genome may be of any length.
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
        let (mut models, mut shares, mut priors) = (Vec::new(), vec![None; tasks.len()], vec![None; tasks.len()]);
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
                priors[place] = file.inputs.as_ref().map(|inputs| inputs.priors[column]);
                places.push(place);
                own.push(column);
            }
            models.push((file.model.of_tasks(&own), places));
        }
        let inputs: Option<Vec<_>> = parts.iter().map(|(file, _)| file.inputs.as_ref()).collect();
        let inputs = if let (Some(inputs), Some(priors)) = (inputs, priors.into_iter().collect()) {
            ModelInputs::joined(&inputs, priors, first.reads_signal())?
        } else {
            // The whole says nothing of its inputs, and would lose what one part says of its probabilities.
            parts.iter().try_for_each(|(file, _)| file.check_probabilities())?;
            None
        };
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
        Ok(Self { config, tasks: tasks.to_vec(), inputs, model })
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
        let weights = Weights::behind(&header)?;
        check_format(path, &header)?;
        let config = config::read(&header)?;
        let tasks = header.tasks()?;
        let what = |part| format!("{}: {part}", path.display());
        same(what("the number of tasks"), config.tasks, tasks.len())?;
        let inputs = header.inputs(tasks.len())?;
        config.trunk.precision.check(device)?;
        let (expected, found) = (config.num_params(), weights.num_params());
        if expected.is_none_or(|expected| expected > found.saturating_mul(4).max(Self::SMALL)) {
            let expected = expected.map_or_else(|| "too many to count".into(), |count| count.to_string());
            return Err(Error::Mismatch { what: what("the number of weights"), expected, found: found.to_string() });
        }
        let model = weights.load_into(config.init(device))?;
        Ok(Self { config, tasks, inputs, model })
    }

    /// The file, with its header in a fixed order.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.config.validate()?;
        same("the number of tasks".into(), self.config.tasks, self.tasks.len())?;
        self.inputs.as_ref().map_or(Ok(()), |inputs| inputs.validate(self.tasks.len()))?;
        let weights = PackedWeights::new(&self.model)?;
        same("the number of weights".into(), self.config.num_params().unwrap_or(usize::MAX), weights.len())?;
        Ok(weights.into_bytes(self.entries()?))
    }

    fn entries(&self) -> Result<Vec<(&'static str, String)>> {
        let mut entries = vec![
            ("format", Self::FORMAT.into()),
            ("version", Self::VERSION.to_string()),
            ("config", config::text(&self.config, &json_of("the configuration", &self.config)?)),
            ("tasks", json_of("the names of the tasks", &self.tasks)?),
        ];
        if let Some(inputs) = &self.inputs {
            entries.push(("inputs", json_of("the inputs", inputs)?));
        }
        Ok(entries)
    }
}

fn check_format(path: &Path, header: &Header) -> Result<()> {
    if header.get("format") != Some(ModelFile::FORMAT) {
        let detail = match header.get("name") {
            Some(name) => format!("a network of its own, {name}: NetworkFile::open reads it"),
            None => "a safetensors file without a configuration".into(),
        };
        return Err(Error::Format { path: path.to_owned(), expected: "a model of this crate", detail });
    }
    let text = header.get("version").unwrap_or("none");
    let version: Option<u32> = text.parse().ok();
    let advice = match version {
        Some(ModelFile::OLDEST..ModelFile::VERSION) => return Ok(()),
        Some(ModelFile::VERSION) if header.is_sealed() => return Ok(()),
        Some(ModelFile::VERSION) => return Err(header.corrupt("checksum", &"it is not where this crate writes it")),
        Some(newer) if newer > ModelFile::VERSION => ": the file is of a newer version of this crate, which reads it",
        _ => "",
    };
    Err(Error::Mismatch {
        what: format!("{}: the version of the format", path.display()),
        expected: format!("{} or {}", ModelFile::OLDEST, ModelFile::VERSION),
        found: format!("{text}{advice}"),
    })
}
