use std::path::Path;

use super::features::{FeatureConfig, FeatureTable, Features};
use crate::{
    FolderLock, Result,
    data::{Dataset, Sample, SampleSet, Split},
};

/// The features of all samples that the baselines of a data set learn from, stop by and are scored on.
///
/// They are computed once for all factors, and kept in a folder beside a fingerprint of what they were made of.
#[derive(Clone, Debug)]
pub struct BaselineTables<'a> {
    pub(super) features: Features<'a>,
    pub(super) context_bp: usize,
    pub(super) train: Rows,
    /// What decides how many trees are kept.
    #[cfg(feature = "boost")]
    pub(super) valid: Rows,
    pub(super) scored: FeatureTable,
    pub(super) scored_samples: SampleSet,
}

/// Samples, and a table with a row for each.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// Sorted by cell type, then bin.
    pub(super) samples: Vec<Sample>,
    pub(super) table: FeatureTable,
}

impl Rows {
    /// The row of a sample.
    ///
    /// # Panics
    ///
    /// If the sample is not there: a programming error.
    pub(super) fn place(&self, sample: Sample) -> usize {
        let key = |sample: &Sample| (sample.cell, sample.bin);
        let found = self.samples.binary_search_by_key(&key(&sample), key);
        found.expect("the sampler draws from the samples of the training split")
    }
}

impl<'a> BaselineTables<'a> {
    /// Computes the features of the samples to learn from, to stop by and to be scored.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) for a setting that cannot work, and
    /// [`Error::EmptySplit`](crate::Error::EmptySplit).
    pub fn new(dataset: &'a Dataset, context_bp: usize, scored: SampleSet, config: &FeatureConfig) -> Result<Self> {
        Self::made(dataset, context_bp, scored, config, None)
    }

    /// As [`new`](Self::new), or reads them from `folder`, where they are kept.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new), [`Error::InUse`](crate::Error::InUse) while another call fills the folder,
    /// [`Error::Corrupt`](crate::Error::Corrupt) for a damaged file there, and what reading and writing can meet.
    pub fn cached(
        dataset: &'a Dataset,
        context_bp: usize,
        scored: SampleSet,
        config: &FeatureConfig,
        folder: &Path,
    ) -> Result<Self> {
        Self::made(dataset, context_bp, scored, config, Some(folder))
    }

    fn made(
        dataset: &'a Dataset,
        context_bp: usize,
        scored: SampleSet,
        config: &FeatureConfig,
        folder: Option<&Path>,
    ) -> Result<Self> {
        let features = Features::new(dataset, config)?;
        let of_split = |split| Ok::<Vec<Sample>, crate::Error>(dataset.samples(split, context_bp)?.iter().collect());
        let train = of_split(Split::Train)?;
        #[cfg(feature = "boost")]
        let valid = of_split(Split::Valid)?;
        let _lock = folder.map(FolderLock::new).transpose()?;
        let table = |samples: &[Sample], name: &str| match folder {
            Some(folder) => features.cached(samples, folder.join(format!("{name}.features"))),
            None => features.table(samples),
        };
        let rows = |samples: Vec<Sample>, split: Split| {
            Ok::<_, crate::Error>(Rows { table: table(&samples, split.name())?, samples })
        };
        let samples: Vec<Sample> = scored.iter().collect();
        Ok(Self {
            train: rows(train, Split::Train)?,
            #[cfg(feature = "boost")]
            valid: rows(valid, Split::Valid)?,
            scored: table(&samples, "scored")?,
            scored_samples: scored,
            context_bp,
            features,
        })
    }
}
