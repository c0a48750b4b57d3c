//! Data sets without one of the cell types to train on.

use std::sync::Arc;

use super::{Dataset, normalisation::Normalisation};
use crate::{
    Error, Result,
    data::{SignalTransform, Split},
    genome::Interval,
};

impl Dataset {
    /// Leaves one of the cell types to train on out: a fold of a cross-validation over cell types.
    ///
    /// The others are trained on and validated as before. The test split is the cell type that was left out, in the
    /// regions for validation, so that settings for cell types without labels can be chosen without a look at the test
    /// split. Data in memory is shared with this data set.
    ///
    /// # Errors
    /// [`Error::Config`] for another cell type, or if nothing would be left to train on; [`Error::EmptySplit`].
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::{data::{Dataset, Split}, simulate::{SimulationConfig, simulate}};
    ///
    /// let folder = std::env::temp_dir().join(format!("multitf-doc-leave-out-{}", std::process::id()));
    /// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
    /// let dataset = Dataset::open(folder.join("dataset.toml"))?;
    /// let cell = dataset.split_cells(Split::Train)[0];
    /// let fold = dataset.leave_out(&dataset.cells()[cell].name)?;
    /// assert_eq!(fold.split_cells(Split::Test), [cell]);
    /// assert!(!fold.split_cells(Split::Train).contains(&cell));
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn leave_out(&self, cell: &str) -> Result<Self> {
        let trained = self.split_cells(Split::Train);
        let names: Vec<&str> = trained.iter().map(|&cell| &*self.cells[cell].name).collect();
        let expected = format!("one of several cell types to train on; there are {}", names.join(", "));
        let place = names.iter().position(|name| *name == cell).filter(|_| names.len() > 1);
        let index = place.ok_or_else(|| Error::config("leave_out", expected, format!("{cell:?}")))?;
        let split_notes = self.split_notes();
        let notes = self.notes.iter().filter(|note| !split_notes.contains(note)).cloned().collect();
        let name = format!("{} without {cell}", self.name);
        let plan = self.plan.leaving_out(trained[index]);
        let trained = plan.cells(Split::Train).to_vec();
        Self { name, plan, is_fold: true, notes, ..self.clone() }.normalised_to(&trained).check_and_note()
    }

    /// The same data set with accessibility normalised to the mean of other cell types, if it is normalised.
    fn normalised_to(self, trained: &[usize]) -> Self {
        if self.transform != SignalTransform::Quantile {
            return self;
        }
        let normalisation = Normalisation::new(&self.signals, &self.genome, None, trained);
        Self { normalisation: Some(Arc::new(normalisation)), ..self }
    }

    /// Returns the data set whose test split is that of several folds together. It is for scores: the cell types are
    /// still trained on.
    pub(crate) fn folds_together(&self, cells: &[String]) -> Self {
        let is_wanted = |cell: &usize| cells.contains(&self.cells[*cell].name);
        let plan = self.plan.testing((0..self.cells.len()).filter(is_wanted).collect());
        Self { plan, is_fold: true, ..self.clone() }
    }

    /// Returns whether the test split is a part of another data set's validation split.
    pub(crate) fn is_fold(&self) -> bool {
        self.is_fold
    }

    /// Returns the name of a split in tables: that of cell types that were left out is no test split.
    pub(crate) fn split_name(&self, split: Split) -> &'static str {
        if self.is_fold && split == Split::Test { "left-out" } else { split.name() }
    }

    /// Returns the share of a split's places that are trained on, which can only be in other cell types.
    pub(crate) fn trained_share(&self, split: Split) -> f64 {
        let bases = |regions: &[Interval]| regions.iter().map(Interval::len).sum::<usize>() as f64;
        bases(&self.plan.common_regions(Split::Train, split)) / bases(self.plan.regions(split)).max(1.0)
    }
}
