use std::path::Path;

use super::features::{FeatureConfig, FeatureTable, Features};
use crate::{
    Result,
    data::{Dataset, Sample, SampleSet, Split},
};

/// The features of all samples that the baselines of a data set learn from, stop by and are scored on.
///
/// They are computed once for all factors, and kept in a folder beside a fingerprint of what they were made of.
#[derive(Clone, Debug)]
pub struct BaselineTables<'a> {
    pub(super) features: Features<'a>,
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
    /// Computes the features of the samples to learn from, to stop by and to be scored, or reads them from `folder`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) if the data set names no motifs,
    /// [`Error::EmptySplit`](crate::Error::EmptySplit), and what reading and writing can meet.
    pub fn new(
        dataset: &'a Dataset,
        context_bp: usize,
        scored: SampleSet,
        config: &FeatureConfig,
        folder: &Path,
    ) -> Result<Self> {
        let features = Features::new(dataset, config)?;
        crate::file::make_dir(folder)?;
        let table = |samples: &[Sample], name: &str| features.cached(samples, folder.join(format!("{name}.features")));
        let rows = |split: Split| {
            let samples: Vec<Sample> = dataset.samples(split, context_bp)?.iter().collect();
            let table = table(&samples, split.name())?;
            Ok(Rows { samples, table })
        };
        let samples: Vec<Sample> = scored.iter().collect();
        Ok(Self {
            train: rows(Split::Train)?,
            #[cfg(feature = "boost")]
            valid: rows(Split::Valid)?,
            scored: table(&samples, "scored")?,
            scored_samples: scored,
            features,
        })
    }
}
