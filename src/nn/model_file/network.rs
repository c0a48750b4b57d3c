//! Files of custom networks.

#[cfg(test)]
mod tests;

use std::path::Path;

use burn::tensor::Device;

use super::{EncodedWeights, Header, to_json, weights::Weights};
use crate::{
    Error, Result,
    file::write_atomic,
    nn::{ModelInputs, Network},
};

/// A custom network in a file, with its name, its tasks and its inputs.
///
/// The file is a safetensors file with a checksum, like that of a [`ModelFile`](crate::nn::ModelFile). It does not hold
/// the architecture: whoever opens it builds the network, and names, shapes and context are compared.
///
/// # Examples
///
/// ```
/// use burn::{module::Module, nn::{Linear, LinearConfig}, tensor::{Device, Int, Tensor}};
/// use multitf::{
///     data::{Dataset, Split}, simulate::{SimulationConfig, simulate},
///     nn::{ModelInputs, Network, NetworkFile},
/// };
///
/// /// Counts of A, C, G and T.
/// #[derive(Module, Debug)]
/// struct Composition {
///     linear: Linear,
/// }
///
/// impl Network for Composition {
///     fn forward(&self, codes: Tensor<2, Int>, _: Option<Tensor<3>>) -> Tensor<3> {
///         let counts = (0..4).map(|base| codes.clone().equal_elem(base).float().sum_dim(1)).collect();
///         self.linear.forward(Tensor::cat(counts, 1)).unsqueeze_dim(2)
///     }
///
///     fn context_bp(&self) -> usize {
///         200
///     }
///
///     fn tasks(&self) -> usize {
///         self.linear.weight.dims()[1]
///     }
/// }
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-network-file-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let (device, path) = (Device::default(), folder.join("composition.safetensors"));
/// let new = |tasks: &[String]| Composition { linear: LinearConfig::new(4, tasks.len()).init(&device) };
///
/// let tasks = [5, 2].map(|task: usize| dataset.tasks()[task].name.clone()).to_vec();
/// let inputs = Some(ModelInputs::new(&dataset, vec![0.01; 2]));
/// NetworkFile { name: "composition".into(), network: new(&tasks), tasks, inputs }.save(&path)?;
///
/// let file = NetworkFile::open(&path, "composition", new, &device)?;
/// assert_eq!(file.predict(&dataset, Split::Valid)?.tasks, [5, 2]);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NetworkFile<N> {
    /// The name of this kind of network.
    pub name: String,
    /// The names of the tasks, in the order of the outputs.
    pub tasks: Vec<String>,
    /// The inputs in training, if known.
    pub inputs: Option<ModelInputs>,
    /// The network.
    pub network: N,
}

const FORMAT: &str = "multitf-network";
const VERSION: &str = "1";

impl<N: Network> NetworkFile<N> {
    /// Writes the file; an old one stays until the new one is complete.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], and [`Error::Mismatch`] if the parts do not fit together or a weight is not a finite float.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let bytes = self.to_bytes()?;
        write_atomic(path.as_ref(), |out| out.write_all(&bytes))
    }

    /// Reads the network of this name: `new` makes one for the tasks, which is put on the device and gets the file's
    /// weights.
    ///
    /// # Errors
    ///
    /// [`Error::Io`], [`Error::Format`] for a file of another kind, [`Error::Corrupt`] for a damaged one, and
    /// [`Error::Mismatch`] for another name, number of tasks or context, and for weights of other names or shapes.
    pub fn open(path: impl AsRef<Path>, name: &str, new: impl FnOnce(&[String]) -> N, device: &Device) -> Result<Self> {
        let path = path.as_ref();
        let header = Header::open(path)?;
        let weights = Weights::from_header(&header)?;
        check_format(path, &header)?;
        let text = |key| header.get(key).ok_or_else(|| header.corrupt(key, &"is missing"));
        let what = |part| format!("{}: {part}", path.display());
        Error::unless_equal(what("the name of the network"), name, text("name")?)?;
        let tasks = header.tasks()?;
        let inputs = header.inputs(tasks.len())?;
        let network = new(&tasks).valid().fork(&device.clone().inner());
        Error::unless_equal(what("the number of tasks"), network.tasks(), tasks.len())?;
        let context_bp = network.context_bp().to_string();
        Error::unless_equal(what("the context of the network"), context_bp.as_str(), text("context_bp")?)?;
        Ok(Self { name: name.to_owned(), tasks, inputs, network: weights.load_into(network)? })
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        Error::unless_equal("the number of tasks", self.network.tasks(), self.tasks.len())?;
        self.inputs.as_ref().map_or(Ok(()), |inputs| inputs.validate(self.tasks.len()))?;
        let mut entries = vec![
            ("format", FORMAT.to_owned()),
            ("version", VERSION.to_owned()),
            ("name", self.name.clone()),
            ("context_bp", self.network.context_bp().to_string()),
            ("tasks", to_json("the names of the tasks", &self.tasks)?),
        ];
        if let Some(inputs) = &self.inputs {
            entries.push(("inputs", to_json("the inputs", inputs)?));
        }
        Ok(EncodedWeights::new(&self.network)?.into_bytes(entries))
    }
}

fn check_format(path: &Path, header: &Header) -> Result<()> {
    if header.get("format") != Some(FORMAT) {
        let detail = match header.get("config") {
            Some(_) => "a model of this crate: ModelFile::open reads it",
            None => "a safetensors file without the name of a network",
        };
        return Err(Error::format(path, "a custom network", detail));
    }
    if !header.has_checksum() {
        return Err(header.corrupt("checksum", &"it is not where this crate writes it"));
    }
    let version = header.get("version").unwrap_or("none");
    Error::unless_equal(format!("{}: the version of the format", path.display()), VERSION, version)
}
