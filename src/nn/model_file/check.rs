//! Checks that a model and a data set fit.

use super::ModelFile;
use crate::{
    Error, Result,
    data::{Dataset, DatasetOptions, WindowsConfig},
    nn::SignalInput,
};

impl ModelFile {
    /// Returns how to open a data set for this model's predictions: without labels, and with the bins and the transform
    /// of training where the data set has none. A model of sequences without a genome has no bins.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, nn::ModelFile};
    ///
    /// let file = ModelFile::open("model.safetensors", &Device::default())?;
    /// let dataset = Dataset::open_with("another-species/dataset.toml", &file.dataset_options())?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn dataset_options(&self) -> DatasetOptions {
        let inputs = self.inputs.as_ref();
        let with_bins = inputs.filter(|inputs| !inputs.is_without_genome());
        let windows = with_bins.map(|inputs| WindowsConfig { bin_bp: inputs.bin_bp, stride_bp: inputs.stride_bp });
        let transform = inputs.and_then(|inputs| inputs.transform);
        let reference = inputs.and_then(|inputs| inputs.reference.clone());
        DatasetOptions { factors: None, without_labels: true, windows, transform, reference }
    }

    /// Checks that a cell type of a data set fits the model, and returns notes for the user: another genome,
    /// accessibility in other units, or unknown inputs of the model.
    ///
    /// Another genome is allowed (a new assembly, another species), and so is a cell type without training data.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a cell type that the data set does not have, for other bins or another transform of
    /// accessibility, and if the model reads accessibility and the cell type has none.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::Dataset, nn::ModelFile};
    ///
    /// let (dataset, device) = (Dataset::open("yeast/dataset.toml")?, Device::default());
    /// let file = ModelFile::open("model.safetensors", &device)?;
    /// for note in file.check(&dataset, "BY4741")? {
    ///     eprintln!("note: {note}");
    /// }
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn check(&self, dataset: &Dataset, cell: &str) -> Result<Vec<String>> {
        let names = || dataset.cells().iter().map(|cell| cell.name.as_str());
        let index = names().position(|known| known == cell).ok_or_else(|| {
            let expected = format!("one of {}", names().collect::<Vec<_>>().join(", "));
            Error::mismatch(format!("the cell type of data set {}", dataset.name()), expected, cell)
        })?;
        self.check_signal(dataset, index)?;
        let Some(inputs) = &self.inputs else {
            return Ok(vec![format!(
                "the model file was made by an older version of this crate, or from weights alone: its bins, transform \
                 and genome are unknown, so that those of data set {} cannot be checked",
                dataset.name()
            )]);
        };
        inputs.check(dataset, self.reads_signal())?;
        Ok(inputs.notes(dataset, index, self.reads_signal()))
    }

    /// Refuses probabilities from a model that was trained with label smoothing, which biases them away from 0 and 1.
    ///
    /// Log-odds have the same bias, but their ranks are right.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for such a model.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::nn::ModelFile;
    ///
    /// let file = ModelFile::open("model.safetensors", &Device::default())?;
    /// file.check_probabilities()?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn check_probabilities(&self) -> Result<()> {
        let smoothing = self.inputs.as_ref().map_or(0.0, |inputs| inputs.label_smoothing);
        if smoothing == 0.0 {
            return Ok(());
        }
        let expected = "a model trained without label smoothing, or log-odds, whose ranks are right";
        Err(Error::mismatch("probabilities of bound bins", expected, format!("label_smoothing = {smoothing}")))
    }

    /// Whether the model reads accessibility.
    pub(super) fn reads_signal(&self) -> bool {
        self.config.trunk.signal != SignalInput::Absent
    }

    /// Refuses a cell type without the accessibility that the model reads.
    fn check_signal(&self, dataset: &Dataset, cell: usize) -> Result<()> {
        let needed = if self.reads_signal() { self.config.trunk.tracks } else { 0 };
        let found = usize::from(dataset.signal(cell).is_some());
        if needed == 0 || needed == found {
            return Ok(());
        }
        let what = format!("accessibility tracks of cell type {}", dataset.cells()[cell].name);
        let found = format!("{found} in data set {}: name one in [accessibility]", dataset.name());
        Err(Error::mismatch(what, format!("{needed}, since the model reads as many"), found))
    }
}
