//! The part of a data set that determines a model.

mod profiles;

use crate::{
    data::{Dataset, LabelShares, Sampler},
    motif::Motif,
    nn::Ambiguous,
};

/// The part of a data set that [`Architecture::build`](crate::nn::Architecture::build) needs to know.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     data::{Dataset, Sampler, SamplerConfig}, simulate::{SimulationConfig, simulate},
///     nn::{Ambiguous, Architecture, DataSummary},
/// };
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-summary-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let architecture = Architecture { motifs: 16, hidden: 8, ..Architecture::default() };
/// let sampler = Sampler::new(&dataset, &[0, 3], architecture.context_bp, &SamplerConfig::default(), 0)?;
/// let summary = DataSummary::new(&dataset, &sampler, Ambiguous::Masked);
/// let summary = summary.with_profiles(&dataset, &sampler, &architecture);
/// assert_eq!((summary.shares.len(), summary.tracks), (2, 1));
/// let model = architecture.build(&summary, 0, &Device::default())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DataSummary {
    /// How often each label of each task occurs in the training draws; ambiguous labels count as the loss treats them.
    pub shares: Vec<LabelShares>,
    /// Number of signal tracks that come with a sample.
    pub tracks: usize,
    /// Profiles that motifs are initialized from, the most important first: motifs may be fewer.
    pub profiles: Vec<Motif>,
    /// The fractions of A, C, G and T in the genome.
    pub base_frequencies: [f64; 4],
}

impl DataSummary {
    /// Summarises a data set for a model of the sampler's tasks, which trains on its draws. Without profiles, all
    /// motifs are random initially.
    ///
    /// # Panics
    ///
    /// Panics if the sampler belongs to another data set.
    pub fn new(dataset: &Dataset, sampler: &Sampler, ambiguous: Ambiguous) -> Self {
        Self {
            shares: sampler.tasks().iter().map(|&task| ambiguous.apply(sampler.shares(task))).collect(),
            tracks: usize::from(dataset.has_signal()),
            profiles: Vec::new(),
            base_frequencies: dataset.genome().base_frequencies(),
        }
    }
}
