//! Whether a model and a data set fit.

use super::ModelFile;
use crate::{
    Error, Result,
    data::{Dataset, DatasetOptions, WindowsConfig},
    nn::SignalInput,
};

impl ModelFile {
    /// Returns how to open a data set for this model's predictions: without labels, and with bins and a transform as the model
    /// was trained with, where the data set does not say. A model of sequences without a genome has no bins of its own.
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
        let of_bins = inputs.filter(|inputs| !inputs.has_sequences());
        let windows = of_bins.map(|inputs| WindowsConfig { bin_bp: inputs.bin_bp, stride_bp: inputs.stride_bp });
        let transform = inputs.and_then(|inputs| inputs.transform);
        DatasetOptions { factors: None, without_labels: true, windows, transform }
    }

    /// Checks that a cell type of a data set is what the model was made to see, and returns what a user should know: another
    /// genome, accessibility in other units, or that nothing is known of the model's inputs.
    ///
    /// Another genome is a use: a new assembly, or another species. So is a cell type that the model was not trained on.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a cell type that the data set has not, for bins or a transform of accessibility that are not
    /// the model's, and if the model reads accessibility that the cell type has not.
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
        let names = || dataset.cells().iter().map(|cell| cell.name.as_str()).collect::<Vec<_>>().join(", ");
        let index = dataset.cells().iter().position(|known| known.name == cell).ok_or_else(|| Error::Mismatch {
            what: format!("the cell type of data set {}", dataset.name()),
            expected: format!("one of {}", names()),
            found: cell.to_owned(),
        })?;
        self.check_signal(dataset, index)?;
        let Some(inputs) = &self.inputs else {
            let data = dataset.name();
            return Ok(vec![format!(
                "the model file was made by an older version of this crate, or from weights alone: it says nothing of bins, \
                 transform and genome, so that those of data set {data} cannot be checked"
            )]);
        };
        inputs.check(dataset, self.reads_signal())?;
        Ok(inputs.notes(dataset, index, self.reads_signal()))
    }

    /// Refuses to call what the model says probabilities if it was trained with label smoothing, which keeps them from 0 and 1.
    ///
    /// Log-odds are shifted alike, but their ranks are right.
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
        Err(Error::Mismatch {
            what: "probabilities of bound bins".into(),
            expected: "a model trained without label smoothing, or log-odds, whose ranks are right".into(),
            found: format!("label_smoothing = {smoothing}"),
        })
    }

    /// Whether the model reads accessibility.
    pub(super) fn reads_signal(&self) -> bool {
        self.config.trunk.signal != SignalInput::Absent
    }

    /// A model that reads accessibility needs some, and as many tracks as there are: one.
    fn check_signal(&self, dataset: &Dataset, cell: usize) -> Result<()> {
        let needed = if self.reads_signal() { self.config.trunk.tracks } else { 0 };
        let found = usize::from(dataset.signal(cell).is_some());
        if needed == 0 || needed == found {
            return Ok(());
        }
        Err(Error::Mismatch {
            what: format!("accessibility tracks of cell type {}", dataset.cells()[cell].name),
            expected: format!("{needed}, since the model reads as many"),
            found: format!("{found} in data set {}: name one in [accessibility]", dataset.name()),
        })
    }
}
