//! A model, and a data set in one cell type that it is applied to.

use std::path::Path;

use burn::tensor::Device;
use multitf::{
    Error, Result,
    data::{Dataset, DatasetOptions},
    device,
    nn::ModelFile,
    predict::ScanSource,
};

/// A model and a data set that fits it.
pub struct ModelData {
    pub device: Device,
    pub file: ModelFile,
    pub dataset: Dataset,
    /// The cell type's index.
    pub cell: usize,
}

impl ModelData {
    /// Reads model and data, finds the cell type, and prints notes. Labels and motifs of the data set are not read.
    pub fn open(model: &Path, data: &Path, cell: Option<&str>, device: Option<&str>) -> Result<Self> {
        Self::open_by(model, cell, device, |options| Dataset::open_with(data, &options))
    }

    /// The same with labels and motifs, if the data set has labels that can be read.
    pub fn open_labelled(model: &Path, data: &Path, cell: Option<&str>, device: Option<&str>) -> Result<Self> {
        Self::open_by(model, cell, device, |options| {
            let labelled = DatasetOptions { without_labels: false, ..options.clone() };
            Dataset::open_with(data, &labelled).or_else(|error| {
                let dataset = Dataset::open_with(data, &options)?;
                eprintln!("note: filters are not compared with known profiles: {error}");
                Ok(dataset)
            })
        })
    }

    fn open_by(
        model: &Path,
        cell: Option<&str>,
        device: Option<&str>,
        open: impl FnOnce(DatasetOptions) -> Result<Dataset>,
    ) -> Result<Self> {
        let device = device::named(device)?;
        let file = ModelFile::open(model, &device)?;
        let dataset = open(file.dataset_options())?;
        let cells: Vec<&str> = dataset.cells().iter().map(|cell| cell.name.as_str()).collect();
        let cell = cell_of(cell, &cells)?;
        let notes = file.check(&dataset, cells[cell])?;
        dataset.notes().iter().chain(&notes).for_each(|note| eprintln!("note: {note}"));
        Ok(Self { device, file, dataset, cell })
    }

    /// Returns the genome, the bins and the accessibility of the cell type.
    pub fn source(&self) -> ScanSource<'_> {
        ScanSource::from_dataset(&self.dataset, self.cell)
    }

    /// Returns the name of the cell type.
    pub fn cell_name(&self) -> &str {
        &self.dataset.cells()[self.cell].name
    }
}

fn cell_of(wanted: Option<&str>, known: &[&str]) -> Result<usize> {
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
