//! Weights by name, as in files: paths through the model's parts, in PyTorch's layouts.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    store::{
        BurnToPyTorchAdapter, FloatCastAdapter, ModuleAdapter, ModuleSnapshot, ModuleStore, PyTorchToBurnAdapter,
        PytorchStore, SafetensorsStore, bridge, burn_pack,
    },
    tensor::{DType, TensorData},
};

use super::Header;
use crate::{
    Error, Result,
    file::{Digest, at, text_words},
    nn::Model,
};

type Tensors = BTreeMap<String, burn_pack::Tensor>;

/// The weights of a file, read when needed.
pub(in crate::nn) struct Weights {
    path: PathBuf,
    tensors: Tensors,
}

impl Weights {
    /// Opens a file of weights; its extension tells the format.
    pub(in crate::nn) fn open(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            // The header reveals files of other kinds before they are read completely.
            "safetensors" => Self::from_header(&Header::open(path)?),
            "pt" | "pth" => Self::open_pytorch(path),
            _ => {
                let detail = "its name ends in none of .safetensors, .pt and .pth";
                Err(Error::format(path, "a file of weights", detail))
            }
        }
    }

    /// Opens the safetensors file of a header, and verifies its checksum if it has one.
    pub(in crate::nn) fn from_header(header: &Header) -> Result<Self> {
        let path = header.path();
        let bytes = fs::read(path).map_err(at(path))?;
        header.verify_checksum(&bytes)?;
        let mut store = SafetensorsStore::from_bytes(Some(bytes));
        let tensors = store.get_all_tensors().map_err(|error| Error::corrupt(path, error.to_string()))?;
        Ok(Self { path: path.to_owned(), tensors: tensors.clone() })
    }

    fn open_pytorch(path: &Path) -> Result<Self> {
        File::open(path).map_err(at(path))?;
        // Names stay exact: indices are not renumbered to close gaps.
        let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
        let tensors = store
            .get_all_tensors()
            .map_err(|error| Error::format(path, "a PyTorch file of weights", error.to_string()))?;
        Ok(Self { path: path.to_owned(), tensors: tensors.clone() })
    }

    /// Returns the number of values.
    pub(in crate::nn) fn num_params(&self) -> usize {
        self.tensors.values().map(|tensor| tensor.shape.num_elements()).sum()
    }

    /// Loads the weights into a model of the same architecture.
    pub(in crate::nn) fn load_into<N: Module>(self, mut model: N) -> Result<N> {
        let expected = tensors(&model);
        let Self { path, tensors } = self.without_prefix(&expected)?.checked(&expected)?;
        let mut checked = Vec::with_capacity(tensors.len());
        for (name, tensor) in tensors {
            let data = bridge::into_data(tensor).map_err(|error| Error::corrupt(&path, format!("{name}: {error}")))?;
            if let Some(value) = not_finite(&data) {
                return Err(Error::corrupt(&path, format!("{name} holds {value}, not a finite number")));
            }
            checked.push(bridge::from_data(data, name, None));
        }
        let adapter = PyTorchToBurnAdapter.chain(FloatCastAdapter::to(float(&model)));
        let result = model.apply(checked, None, Some(Box::new(adapter)), true);
        match result.errors.first() {
            Some(error) => Err(Error::corrupt(&path, error.to_string())),
            None => Ok(model),
        }
    }

    /// Takes the tensors under the prefix that has all names of a model's weights, as for a `state_dict` in a
    /// dictionary or a model within another module. Other tensors, such as an optimizer's state, are ignored.
    fn without_prefix(self, expected: &Tensors) -> Result<Self> {
        let prefixes = self.prefixes(expected);
        match prefixes.as_slice() {
            [] => Ok(self),
            [prefix] if prefix.is_empty() => Ok(self),
            [prefix] => {
                let below = |(name, tensor): (String, _)| Some((name.strip_prefix(prefix)?.to_owned(), tensor));
                Ok(Self { tensors: self.tensors.into_iter().filter_map(below).collect(), path: self.path })
            }
            several => {
                let found = format!("models under {}: save one of them", several.join(", "));
                Err(Error::mismatch(format!("{}: the weights", self.path.display()), "those of one model", found))
            }
        }
    }

    /// The prefixes, with the final dot, that have a tensor for each name; only the empty one if it does.
    fn prefixes(&self, expected: &Tensors) -> Vec<String> {
        let has_all = |prefix: &str| expected.keys().all(|name| self.tensors.contains_key(&format!("{prefix}{name}")));
        let Some(first) = expected.keys().next().filter(|_| !has_all("")) else { return vec![String::new()] };
        let before = self.tensors.keys().filter_map(|name| name.strip_suffix(first.as_str()));
        before.filter(|prefix| prefix.ends_with('.') && has_all(prefix)).map(str::to_owned).collect()
    }

    /// Checks that names, shapes and types are those of a model's weights.
    fn checked(self, expected: &Tensors) -> Result<Self> {
        let mismatch = |name: &str, expected: &str, found: String| {
            Err(Error::mismatch(format!("{}: {name}", self.path.display()), expected, found))
        };
        if let Some(name) = expected.keys().find(|name| !self.tensors.contains_key(*name)) {
            return mismatch("the weights", &format!("a tensor {name}"), self.others(expected));
        }
        for (name, found) in &self.tensors {
            let Some(expected) = expected.get(name) else {
                return mismatch("the weights", "only the model's tensors", name.clone());
            };
            if found.shape != expected.shape {
                let [expected, found] = [&expected.shape, &found.shape].map(|shape| format!("{:?}", shape.to_vec()));
                return mismatch(name, &format!("shape {expected}"), found);
            }
            if !found.dtype.is_float() {
                return mismatch(name, "floats", format!("{:?}", found.dtype));
            }
        }
        Ok(self)
    }

    /// Describes the tensors with unexpected names.
    fn others(&self, expected: &Tensors) -> String {
        const SHOWN: usize = 10;
        let others: Vec<_> = self.tensors.iter().filter(|(name, _)| !expected.contains_key(*name)).collect();
        let shown = others.iter().take(SHOWN).map(|(name, tensor)| format!("{name} {:?}", tensor.shape.to_vec()));
        let mut words: Vec<String> = shown.collect();
        if others.len() > SHOWN {
            words.push(format!("{} more", others.len() - SHOWN));
        }
        let known = self.tensors.len() - others.len();
        match (known, words.is_empty()) {
            (0, true) => "no tensor at all".into(),
            (_, true) => format!("{known} of the model's {} and no other", expected.len()),
            _ => format!("{known} of the model's {}, and {}", expected.len(), words.join(", ")),
        }
    }
}

/// Returns the weights of a model by name, read from its device when needed.
pub(in crate::nn) fn tensors(model: &impl Module) -> Tensors {
    let tensors = model.collect(None, Some(Box::new(BurnToPyTorchAdapter)), true);
    tensors.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect()
}

/// Returns a number that differs between networks with other weights.
pub(crate) fn weight_digest(network: &impl Module) -> Digest {
    let words = tensors(network).into_iter().flat_map(|(name, tensor)| {
        let values = bridge::into_data(tensor).map(|data| data.iter::<f32>().collect::<Vec<_>>());
        let values = values.unwrap_or_default().into_iter().map(|value| u64::from(value.to_bits()));
        text_words(&name).chain(values).collect::<Vec<_>>()
    });
    Digest::new(words)
}

/// Returns the first weight that is not finite, with the name of its tensor.
pub(crate) fn first_not_finite(network: &impl Module) -> Option<(String, f32)> {
    let value = |(name, tensor)| Some((name, not_finite(&bridge::into_data(tensor).ok()?)?));
    tensors(network).into_iter().find_map(value)
}

/// Returns the first value that is not finite.
pub(in crate::nn) fn not_finite(data: &TensorData) -> Option<f32> {
    data.iter::<f32>().find(|value| !value.is_finite())
}

/// The float type of the device that a model is on.
fn float(model: &impl Module) -> DType {
    model.devices().first().map_or(DType::F32, |device| device.settings().float_dtype.into())
}

impl Model {
    /// Replaces the weights by those of the same architecture in PyTorch.
    ///
    /// The file is a `state_dict`, saved with `safetensors.torch.save_file` as `.safetensors` or with `torch.save` as
    /// `.pt` or `.pth`; code in a `.pt` file is not run. Names are the paths through the parts of the model
    /// (`trunk.conv.weight`, `[motif, 4 + channel, width]` as in `Conv1d`; `trunk.dense.weight`, `[out, in]` as in
    /// `Linear`). All of them must be present, and no others. They may share a prefix, such as `module.` or
    /// `state_dict.model.`; other tensors are then ignored.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Format`] for a file of another kind, [`Error::Corrupt`] for a damaged one or one with
    /// a value that is not finite, and [`Error::Mismatch`] for weights of another architecture.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::nn::{ModelConfig, MotifConvConfig, TrunkConfig};
    ///
    /// let config = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(128, 19)), 3);
    /// let model = config.init(&Device::default()).load_pytorch("model.pt")?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn load_pytorch(self, path: impl AsRef<Path>) -> Result<Self> {
        Weights::open(path.as_ref())?.load_into(self)
    }
}
