//! What a model is made for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ambiguous, Architecture};
use crate::{
    data::{Dataset, LabelShares, Sampler, Split},
    motif::{Motif, MotifSet, RegionSet, discover},
};

/// What a model is made for: the part of a data set that [`Architecture::build`] needs to know.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     data::{Dataset, Sampler, SamplerConfig, simulate::{SimulationConfig, simulate}},
///     nn::{Ambiguous, Architecture, DataSummary},
/// };
///
/// let folder = std::env::temp_dir().join(format!("multitf-doc-summary-{}", std::process::id()));
/// simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
/// let dataset = Dataset::open(folder.join("dataset.toml"))?;
/// let architecture = Architecture { motifs: 16, hidden: 8, ..Architecture::default() };
/// let sampler = Sampler::new(&dataset, &[0, 3], architecture.context_bp, &SamplerConfig::default(), 0)?;
/// let summary = DataSummary::new(&dataset, &sampler, Ambiguous::Masked).with_profiles(&dataset, &sampler, &architecture);
/// assert_eq!((summary.shares.len(), summary.tracks), (2, 1));
/// let model = architecture.build(&summary, 0, &Device::default())?;
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DataSummary {
    /// How often each label of each task occurs in what it will train on, ambiguous ones as the loss will take them.
    pub shares: Vec<LabelShares>,
    /// Signal tracks that come with a sample.
    pub tracks: usize,
    /// Profiles that motifs start from, those first that must not be left out where motifs are few.
    pub profiles: Vec<Motif>,
    /// The share of A, C, G and T in the genome.
    pub base_frequencies: [f64; 4],
}

impl DataSummary {
    /// Summarises a data set for a model of the sampler's tasks that will train on its draws. There are no profiles, so
    /// that all motifs start at random.
    ///
    /// # Panics
    ///
    /// Panics if the sampler is of another data set.
    pub fn new(dataset: &Dataset, sampler: &Sampler, ambiguous: Ambiguous) -> Self {
        Self {
            shares: sampler.tasks().iter().map(|&task| ambiguous.apply(sampler.shares(task))).collect(),
            tracks: usize::from(dataset.has_signal()),
            profiles: Vec::new(),
            base_frequencies: dataset.genome().base_frequencies(),
        }
    }

    /// Takes the profiles that an architecture's motifs start from: the surest profile of each factor of the data set, then
    /// motifs [discovered](Architecture::discovered) for those of the tasks' factors that have none, then all other profiles.
    pub fn with_profiles(self, dataset: &Dataset, sampler: &Sampler, architecture: &Architecture) -> Self {
        let given = Profiles { dataset, architecture };
        let discovered = given.discovered(sampler.tasks());
        Self { profiles: given.ordered(discovered), ..self }
    }
}

/// The profiles of a data set, as an architecture uses them.
struct Profiles<'a> {
    dataset: &'a Dataset,
    architecture: &'a Architecture,
}

impl<'a> Profiles<'a> {
    /// The data set's profiles, if motifs are to start from them.
    fn given(&self) -> Option<&'a MotifSet> {
        self.dataset.motifs().filter(|_| self.architecture.profiles)
    }

    /// Those of a factor, the surest first.
    fn of_factor(&self, factor: &str) -> Vec<&'a Motif> {
        self.given().map_or_else(Vec::new, |_| self.dataset.profiles(factor))
    }

    /// Motifs of the training split for those factors that the data set has no profile of, the best of each first.
    fn discovered(&self, tasks: &[usize]) -> Vec<Motif> {
        let Architecture { context_bp, discovered, .. } = *self.architecture;
        let mut by_factor = BTreeMap::<&str, Vec<usize>>::new();
        for &task in tasks {
            let factor = &self.dataset.tasks()[task].factor;
            if self.of_factor(factor).is_empty() {
                by_factor.entry(factor).or_default().push(task);
            }
        }
        if discovered == 0 || by_factor.is_empty() {
            return Vec::new();
        }
        let bound = |(name, tasks): (&str, Vec<usize>)| RegionSet {
            name: name.to_owned(),
            regions: self.dataset.bound_regions(&tasks, Split::Train, context_bp),
        };
        let sets: Vec<RegionSet> = by_factor.into_iter().map(bound).collect();
        let background = self.dataset.regions(Split::Train, context_bp);
        discover(self.dataset.genome(), &background, &sets, discovered)
    }

    /// The surest profile of each of the data set's factors, what was discovered, further profiles of the factors, and all
    /// other profiles of the data set.
    fn ordered(&self, discovered: Vec<Motif>) -> Vec<Motif> {
        let (mut first, mut further) = (BTreeSet::new(), BTreeSet::new());
        for task in self.dataset.tasks() {
            let mut ids = self.of_factor(&task.factor).into_iter().map(|motif| motif.id.as_str());
            first.extend(ids.next());
            further.extend(ids);
        }
        let given = || self.given().into_iter().flatten();
        let mut profiles: Vec<Motif> = given().filter(|motif| first.contains(&*motif.id)).cloned().collect();
        // A quarter of the filters starts at random, for what no word stands for.
        let room = (3 * self.architecture.motifs / 4).saturating_sub(profiles.len());
        profiles.extend(discovered.into_iter().take(room));
        let (further, others): (Vec<_>, Vec<_>) =
            given().filter(|motif| !first.contains(&*motif.id)).partition(|motif| further.contains(&*motif.id));
        profiles.extend(further.into_iter().chain(others).cloned());
        profiles
    }
}

#[cfg(test)]
mod tests;
