//! The settings of a simulated data set.

use serde::{Deserialize, Serialize};

use super::FactorSet;
use crate::{Error, Result};

/// The length of a labelled bin.
pub(super) const BIN_BP: usize = 200;
/// The step between bins.
pub(super) const STRIDE_BP: usize = 50;

/// The settings of a simulated data set.
///
/// Two runs with equal settings write the same bytes (on one platform). Numbers of sites and regions are proportional
/// to the length, except that every factor gets at least eight sites in the accessible regions of each chromosome. A
/// data set in which a factor has no bound bin in a split, as a small one may, is drawn again, up to 50 times.
///
/// ```
/// use multitf::simulate::SimulationConfig;
///
/// let config = SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() };
/// assert_eq!((config.chromosomes, config.cells), (6, 3));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulationConfig {
    /// The seed of everything random (default 1).
    pub seed: u64,
    /// Which factors there are (default [`FactorSet::Mixed`]).
    pub factors: FactorSet,
    /// The number of chromosomes (default 6): the last is the test split, the one before the validation split.
    pub chromosomes: usize,
    /// The length of all chromosomes together (default 3,000,000).
    pub total_bases: usize,
    /// The number of cell types (default 3).
    pub cells: usize,
    /// The fraction of the pairs of factor and cell type without labels (default 0.35). Every factor keeps a cell type.
    pub missing: f64,
    /// Accessible regions in a million bases (default 250).
    pub regions_per_mb: f64,
    /// The fraction of the regions that are open in every cell type (default 0.5).
    pub shared_regions: f64,
    /// A factor on the number of sites planted in accessible regions (default 1).
    pub site_density: f64,
    /// Sites planted in closed chromatin, for each one planted in an accessible region (default 0.5).
    pub decoys: f64,
}

impl Default for SimulationConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            factors: FactorSet::Mixed,
            chromosomes: 6,
            total_bases: 3_000_000,
            cells: 3,
            missing: 0.35,
            regions_per_mb: 250.0,
            shared_regions: 0.5,
            site_density: 1.0,
            decoys: 0.5,
        }
    }
}

impl SimulationConfig {
    /// A world whose factors conflict (see [`FactorSet::Conflicting`]): a common one has tens of thousands of bound
    /// bins, a rare one tens.
    pub fn conflicting() -> Self {
        let factors = FactorSet::Conflicting;
        Self { factors, total_bases: 9_000_000, regions_per_mb: 400.0, missing: 0.2, ..Self::default() }
    }

    /// The shortest mean length of a chromosome.
    const MIN_CHROMOSOME: usize = 50_000;

    /// Checks every field.
    pub(super) fn validate(&self) -> Result<()> {
        let least = self.chromosomes.saturating_mul(Self::MIN_CHROMOSOME);
        check("chromosomes", &self.chromosomes, (3..=100).contains(&self.chromosomes), "3 to 100")?;
        let bases = self.total_bases;
        check("total_bases", &bases, (least..=1_000_000_000).contains(&bases), &format!("{least} to 1000000000"))?;
        check("cells", &self.cells, (1..=100).contains(&self.cells), "1 to 100")?;
        check("missing", &self.missing, (0.0..1.0).contains(&self.missing), "0 or more, less than 1")?;
        let regions = self.regions_per_mb;
        check("regions_per_mb", &regions, (100.0..=800.0).contains(&regions), "100 to 800")?;
        check("shared_regions", &self.shared_regions, (0.0..=1.0).contains(&self.shared_regions), "0 to 1")?;
        check("site_density", &self.site_density, (0.0..=3.0).contains(&self.site_density), "0 to 3")?;
        check("decoys", &self.decoys, (0.0..=5.0).contains(&self.decoys), "0 to 5")
    }

    /// The length of each chromosome: close to each other, and no multiples of a stride.
    pub(super) fn lengths(&self) -> Vec<usize> {
        let mean = self.total_bases / self.chromosomes;
        (0..self.chromosomes).map(|i| mean + 7 * (self.chromosomes - 1) - 14 * i).collect()
    }

    /// The number of bins on the grid.
    pub(super) fn bins(&self) -> usize {
        let bins = |length: usize| length.checked_sub(BIN_BP).map_or(0, |rest| rest / STRIDE_BP + 1);
        self.lengths().into_iter().map(bins).sum()
    }

    /// The name of each chromosome.
    pub(super) fn chromosome_names(&self) -> Vec<String> {
        (1..=self.chromosomes).map(|i| format!("chr{i}")).collect()
    }

    /// The name of each cell type.
    pub(super) fn cell_names(&self) -> Vec<String> {
        (1..=self.cells).map(|i| format!("cell{i}")).collect()
    }
}

fn check(field: &str, found: &impl ToString, fits: bool, expected: &str) -> Result<()> {
    Error::unless(fits, format!("simulation.{field}"), expected, found.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_out_of_range_is_named() {
        let nan = SimulationConfig { missing: f64::NAN, ..SimulationConfig::default() };
        let error = nan.validate().unwrap_err().to_string();
        assert_eq!(error, "simulation.missing: expected 0 or more, less than 1, found NaN");
        let short = SimulationConfig { total_bases: 500, ..SimulationConfig::default() };
        assert!(matches!(short.validate(), Err(Error::Config { key, .. }) if key == "simulation.total_bases"));
        assert!(SimulationConfig { chromosomes: 2, ..SimulationConfig::default() }.validate().is_err());
    }

    #[test]
    fn lengths_add_up_and_differ() {
        let config = SimulationConfig::default();
        let lengths = config.lengths();
        assert_eq!(lengths.iter().sum::<usize>(), 3_000_000);
        assert!(lengths.windows(2).all(|pair| pair[0] > pair[1]));
    }
}
