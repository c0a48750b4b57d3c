//! Features of samples from motif scores and accessibility, as a table.
//!
//! # Examples
//!
//! ```no_run
//! use multitf::{
//!     baseline::features::{FeatureConfig, Features},
//!     data::{Dataset, Split},
//! };
//!
//! let dataset = Dataset::open("yeast/dataset.toml")?;
//! let features = Features::new(&dataset, &FeatureConfig::default())?;
//! let samples: Vec<_> = dataset.samples(Split::Valid, 1000)?.iter().collect();
//! let table = features.table(&samples)?;
//! println!("{} rows, {}", table.rows(), table.names().join(" "));
//! # Ok::<(), multitf::Error>(())
//! ```

mod accessibility;
mod merged_region;
mod sites;
mod table;

use std::path::Path;

use serde::{Deserialize, Serialize};

use self::sites::{BinScores, Search};
pub use self::table::FeatureTable;
use crate::{
    Error, Result,
    data::{Dataset, Sample},
    motif::{Background, LogOddsMatrix, Motif},
    random::mix,
};

/// The settings of a table of features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureConfig {
    /// The length of the flanks on either side of a bin (default 200).
    pub flank_bp: usize,
    /// The pseudocount of each profile, relative to its number of sites (default 0.01).
    pub pseudocount: f64,
}

impl Default for FeatureConfig {
    fn default() -> Self {
        Self { flank_bp: 200, pseudocount: 0.01 }
    }
}

impl FeatureConfig {
    pub(super) fn validate(&self) -> Result<()> {
        Error::unless_within(0..=1_000_000, "features.flank_bp", self.flank_bp)?;
        let pseudocount = self.pseudocount;
        let works = pseudocount > 0.0 && pseudocount.is_finite();
        Error::unless(works, "features.pseudocount", "a number above 0", pseudocount)
    }
}

/// Computes features of a data set's samples.
///
/// For each motif, on both strands, with log-odds against the genome's base frequencies:
///
/// | column | meaning |
/// |---|---|
/// | `MOTIF.best` | the best score of the sites inside the bin |
/// | `MOTIF.occupancy` | the logarithm of the sum of the odds of all sites in the bin |
/// | `MOTIF.flank_best`, `MOTIF.flank_occupancy` | the same for the other sites within `flank_bp` of the bin |
/// | `MOTIF.accessibility` | the mean accessibility of the best site |
///
/// For accessibility, transformed as the data set says: `accessibility.mean`, `.max`, `.q25`, `.median`, `.q75` over
/// the bin, and `.flank_mean` over the bin and its flanks. Where no site has known bases, or the motif is too wide, the
/// value is missing (NaN).
///
/// # References
///
/// Granek and Clarke 2005, [doi:10.1186/gb-2005-6-10-r87](https://doi.org/10.1186/gb-2005-6-10-r87), for occupancy.
#[derive(Clone, Debug)]
pub struct Features<'a> {
    pub(super) dataset: &'a Dataset,
    config: FeatureConfig,
    /// The motifs' names: that of the factor if it is unique, or else the identifier.
    names: Vec<String>,
    motifs: Vec<LogOddsMatrix>,
}

impl<'a> Features<'a> {
    /// Takes the motifs of a data set. Without motifs there are the features of accessibility alone, if there is any.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a pseudocount that is not above 0.
    pub fn new(dataset: &'a Dataset, config: &FeatureConfig) -> Result<Self> {
        config.validate()?;
        let set: Vec<&Motif> = dataset.motifs().into_iter().flatten().collect();
        let background = Background::new(dataset.genome().base_frequencies())?;
        let motifs = set.iter().map(|motif| motif.matrix.to_log_odds(&background, config.pseudocount));
        let name = |motif: &&Motif| {
            let unique = set.iter().filter(|other| other.name == motif.name).count() == 1;
            if unique && !motif.name.is_empty() { motif.name.clone() } else { motif.id.clone() }
        };
        let (names, motifs) = (set.iter().map(name).collect(), motifs.collect::<Result<_>>()?);
        Ok(Self { dataset, config: config.clone(), names, motifs })
    }

    /// Returns the prefix of a factor's own columns: the name of its most reliable motif, if it has any.
    pub fn motif_name(&self, factor: &str) -> Option<&str> {
        let motif = *self.dataset.factor_motifs(factor).first()?;
        let index = self.dataset.motifs()?.iter().position(|other| other.id == motif.id)?;
        Some(&self.names[index])
    }

    /// Returns the columns of a table that matter to a factor: all of its own motif, the best score of every other
    /// motif, and accessibility.
    pub fn columns_for(&self, factor: &str, table: &FeatureTable) -> FeatureTable {
        let own = self.motif_name(factor);
        // A name may contain dots, and start with another name.
        table.columns_where(|name| {
            let (motif, score) = name.rsplit_once('.').unwrap_or_default();
            own == Some(motif) || score == "best" || name.starts_with("accessibility.")
        })
    }

    /// Computes the features of samples, a row for each; they may repeat, and be in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if two motifs have the same name.
    ///
    /// # Panics
    ///
    /// Panics if the data set has no such bin or cell type.
    pub fn table(&self, samples: &[Sample]) -> Result<FeatureTable> {
        let mut bins: Vec<u32> = samples.iter().map(|sample| sample.bin).collect();
        bins.sort_unstable();
        bins.dedup();
        let flank_bp = self.config.flank_bp;
        let search = Search { genome: self.dataset.genome(), grid: self.dataset.grid(), flank_bp };
        let indices: Vec<usize> = samples.iter().map(|sample| bins.partition_point(|&bin| bin < sample.bin)).collect();
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        let mut add = |prefix: &str, name: &str, column: Vec<f32>| {
            names.push(format!("{prefix}.{name}"));
            columns.push(column);
        };
        let has_signal = self.dataset.has_signal();
        for ((motif, matrix), scores) in self.names.iter().zip(&self.motifs).zip(search.scores(&self.motifs, &bins)) {
            let column = |value: fn(&BinScores) -> f32| indices.iter().map(|&index| value(&scores[index])).collect();
            add(motif, "best", column(|scores| scores.best));
            add(motif, "occupancy", column(|scores| scores.occupancy));
            add(motif, "flank_best", column(|scores| scores.flank_best));
            add(motif, "flank_occupancy", column(|scores| scores.flank_occupancy));
            if has_signal {
                let mut values = vec![0.0; matrix.width()];
                let mean = |(&sample, &index)| self.site_accessibility(sample, &scores[index], &mut values);
                add(motif, "accessibility", samples.iter().zip(&indices).map(mean).collect());
            }
        }
        if has_signal {
            let columns = accessibility::columns(self.dataset, samples, flank_bp);
            accessibility::NAMES.iter().zip(columns).for_each(|(name, column)| add("accessibility", name, column));
        }
        FeatureTable::new(names, columns)
    }

    /// Reads the features from a file of the same data set, settings and samples, or computes them as
    /// [`table`](Self::table) does and writes them there.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table), [`FeatureTable::open`] and [`FeatureTable::save`].
    pub fn cached(&self, samples: &[Sample], path: impl AsRef<Path>) -> Result<FeatureTable> {
        let path = path.as_ref();
        let fingerprint = self.fingerprint(samples);
        if let Some(table) = FeatureTable::open(path, fingerprint)? {
            return Ok(table);
        }
        let table = self.table(samples)?;
        table.save(path, fingerprint)?;
        Ok(table)
    }

    fn fingerprint(&self, samples: &[Sample]) -> u64 {
        let FeatureConfig { flank_bp, pseudocount } = self.config;
        let mut state = mix(&[self.dataset.fingerprint_number(), flank_bp as u64, pseudocount.to_bits()]);
        let mut add = |value: u64| state = mix(&[state, value]);
        self.names.iter().flat_map(|name| name.bytes().chain([0])).for_each(|byte| add(u64::from(byte)));
        self.motifs.iter().flat_map(|motif| motif.rows().as_flattened()).for_each(|value| add(value.to_bits()));
        for sample in samples {
            add(u64::from(sample.bin) << 16 | u64::from(sample.cell));
        }
        state
    }

    /// The mean accessibility of a sample's best site; `values` is a buffer of the site's width.
    fn site_accessibility(&self, sample: Sample, scores: &BinScores, values: &mut [f32]) -> f32 {
        if scores.best.is_nan() {
            return f32::NAN;
        }
        let chromosome = self.dataset.grid().interval(sample.bin as usize).chromosome;
        self.dataset.fill_signal(usize::from(sample.cell), chromosome, i64::from(scores.best_start), values);
        values.iter().sum::<f32>() / values.len() as f32
    }
}
