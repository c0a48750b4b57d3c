//! The features of samples, computed once for all factors.

use std::path::Path;

use super::features::{FeatureConfig, FeatureTable, Features};
use crate::{
    FolderLock, Result,
    data::{Dataset, Sample, SampleSet, Split},
};

/// The features of all samples on which the baselines of a data set are trained, validated and scored.
///
/// They are computed once for all factors, and kept in a folder beside a fingerprint of their sources.
#[derive(Clone, Debug)]
pub struct BaselineTables<'a> {
    pub(super) features: Features<'a>,
    pub(super) context_bp: usize,
    pub(super) train: SampleTable,
    /// For early stopping.
    #[cfg(feature = "boost")]
    pub(super) valid: SampleTable,
    pub(super) scored: FeatureTable,
    pub(super) scored_samples: SampleSet,
}

/// Samples, and a table with a row for each.
#[derive(Clone, Debug)]
pub(super) struct SampleTable {
    /// Sorted by cell type, then bin.
    pub(super) samples: Vec<Sample>,
    pub(super) table: FeatureTable,
}

impl SampleTable {
    /// Returns the row of a sample.
    ///
    /// # Panics
    ///
    /// Panics if the table has no such sample: a programming error.
    pub(super) fn row(&self, sample: Sample) -> usize {
        let key = |sample: &Sample| (sample.cell, sample.bin);
        let found = self.samples.binary_search_by_key(&key(&sample), key);
        found.expect("the sampler draws from the samples of the training split")
    }
}

impl<'a> BaselineTables<'a> {
    /// Computes the features of the training split, of the validation split and of the scored samples.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a setting that cannot work, and
    /// [`Error::EmptySplit`](crate::Error::EmptySplit).
    pub fn new(dataset: &'a Dataset, context_bp: usize, scored: SampleSet, config: &FeatureConfig) -> Result<Self> {
        Self::build(dataset, context_bp, scored, config, None)
    }

    /// Reads the features from a folder, or computes them as [`new`](Self::new) does and saves them there.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), [`Error::InUse`](crate::Error::InUse) while another call uses the folder,
    /// [`Error::Corrupt`](crate::Error::Corrupt) for a damaged file there, and [`Error::Io`](crate::Error::Io).
    pub fn cached(
        dataset: &'a Dataset,
        context_bp: usize,
        scored: SampleSet,
        config: &FeatureConfig,
        folder: &Path,
    ) -> Result<Self> {
        Self::build(dataset, context_bp, scored, config, Some(folder))
    }

    fn build(
        dataset: &'a Dataset,
        context_bp: usize,
        scored: SampleSet,
        config: &FeatureConfig,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let features = Features::new(dataset, config)?;
        // An empty split is an error before anything is computed.
        let train = dataset.samples(Split::Train, context_bp)?;
        #[cfg(feature = "boost")]
        let valid = dataset.samples(Split::Valid, context_bp)?;
        let _lock = folder.map(FolderLock::new).transpose()?;
        let table = |samples: &SampleSet, name: &str| -> Result<SampleTable> {
            let samples: Vec<Sample> = samples.iter().collect();
            let table = match folder {
                Some(folder) => features.cached(&samples, folder.join(format!("{name}.features")))?,
                None => features.table(&samples)?,
            };
            Ok(SampleTable { samples, table })
        };
        Ok(Self {
            train: table(&train, Split::Train.name())?,
            #[cfg(feature = "boost")]
            valid: table(&valid, Split::Valid.name())?,
            scored: table(&scored, "scored")?.table,
            scored_samples: scored,
            context_bp,
            features,
        })
    }
}
