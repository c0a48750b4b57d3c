//! What a motif search and an accessibility track say of samples, as a table.
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
mod sites;
mod stretch;
mod table;

use std::path::Path;

use serde::{Deserialize, Serialize};

use self::sites::{Searched, Sites};
pub use self::table::FeatureTable;
use crate::{
    Error, Result,
    data::{Dataset, Sample},
    genome::Interval,
    motif::{Background, LogOddsMatrix, Motif},
    random::mixed,
};

/// What a table of features is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureConfig {
    /// How far the flanks reach to either side of a bin (default 200).
    pub flank_bp: usize,
    /// Sites drawn from the background that are added to a profile, as a share of its sites (default 0.01).
    pub pseudocount: f64,
}

impl Default for FeatureConfig {
    fn default() -> Self {
        Self { flank_bp: 200, pseudocount: 0.01 }
    }
}

impl FeatureConfig {
    pub(super) fn validate(&self) -> Result<()> {
        let pseudocount = self.pseudocount;
        let works = pseudocount > 0.0 && pseudocount.is_finite();
        Error::unless(works, "features.pseudocount".into(), "a number above 0", pseudocount)
    }
}

/// Computes features of a data set's samples.
///
/// Of each motif, with both strands searched and log-odds against the genome's base frequencies:
///
/// | column | what it is |
/// |---|---|
/// | `MOTIF.best` | the best score of a site that lies in the bin whole |
/// | `MOTIF.occupancy` | the logarithm of the sum of the odds of all sites in the bin |
/// | `MOTIF.flank_best`, `MOTIF.flank_occupancy` | the same of the sites within `flank_bp` around the bin |
/// | `MOTIF.accessibility` | the mean accessibility of the best site |
///
/// Of accessibility, transformed as the data set says: `accessibility.mean`, `.max`, `.q25`, `.median`, `.q75` over the
/// bin, and `.flank_mean` over the bin and its flanks. Where no site has known bases, or there is no motif that narrow,
/// the value is missing (NaN).
///
/// # References
///
/// Granek and Clarke 2005, [doi:10.1186/gb-2005-6-10-r87](https://doi.org/10.1186/gb-2005-6-10-r87), for occupancy.
#[derive(Clone, Debug)]
pub struct Features<'a> {
    dataset: &'a Dataset,
    config: FeatureConfig,
    /// The motifs' names: the factor's where it is a motif's own, or else its identifier.
    names: Vec<String>,
    motifs: Vec<LogOddsMatrix>,
}

impl<'a> Features<'a> {
    /// Takes the motifs of a data set; without any there is accessibility alone, and without that no feature.
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

    /// Returns the data set.
    pub(super) fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// Returns the name that stands before a factor's own columns, those of the surest of its motifs, if it has any.
    pub fn name_of(&self, factor: &str) -> Option<&str> {
        let motif = *self.dataset.profiles(factor).first()?;
        let index = self.dataset.motifs()?.iter().position(|other| other.id == motif.id)?;
        Some(&self.names[index])
    }

    /// Returns those columns of a table that tell most of a factor: all of its own motif, the best score of every other
    /// motif, and accessibility.
    pub fn columns_for(&self, factor: &str, table: &FeatureTable) -> FeatureTable {
        let own = self.name_of(factor);
        // A name may hold dots itself, and begin as another does.
        let is_own = |name: &str| own.is_some() && name.rsplit_once('.').map(|(motif, _)| motif) == own;
        table.columns_where(|name| is_own(name) || is_best(name) || name.starts_with("accessibility."))
    }

    /// Computes the features of some samples, which may repeat, in any order: a row for each.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if two motifs have the same name.
    ///
    /// # Panics
    ///
    /// If the data set has no such bin or cell type.
    pub fn table(&self, samples: &[Sample]) -> Result<FeatureTable> {
        let mut bins: Vec<u32> = samples.iter().map(|sample| sample.bin).collect();
        bins.sort_unstable();
        bins.dedup();
        let flank_bp = self.config.flank_bp;
        let searched = Searched { genome: self.dataset.genome(), grid: self.dataset.grid(), flank_bp };
        let places: Vec<usize> = samples.iter().map(|sample| bins.partition_point(|&bin| bin < sample.bin)).collect();
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        let has_signal = self.dataset.has_signal();
        for ((name, motif), found) in
            self.names.iter().zip(&self.motifs).zip(Sites::find(searched, &self.motifs, &bins))
        {
            let mut add = |kind: &str, column: Vec<f32>| {
                names.push(format!("{name}.{kind}"));
                columns.push(column);
            };
            let of_places = |value: fn(&Sites) -> f32| places.iter().map(|&place| value(&found[place])).collect();
            add("best", of_places(|sites| sites.best));
            add("occupancy", of_places(|sites| sites.occupancy));
            add("flank_best", of_places(|sites| sites.flank_best));
            add("flank_occupancy", of_places(|sites| sites.flank_occupancy));
            if has_signal {
                add("accessibility", self.at_best(samples, &places, &found, motif.width()));
            }
        }
        if has_signal {
            for (kind, column) in
                accessibility::KINDS.iter().zip(accessibility::columns(self.dataset, samples, flank_bp))
            {
                names.push(format!("accessibility.{kind}"));
                columns.push(column);
            }
        }
        FeatureTable::new(names, columns)
    }

    /// As [`table`](Self::table), from a file if it was made of the same data set, configuration and samples, or else
    /// written there.
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
        let mut state = mixed(&[self.dataset.fingerprint(), flank_bp as u64, pseudocount.to_bits()]);
        let mut add = |value: u64| state = mixed(&[state, value]);
        self.names.iter().flat_map(|name| name.bytes().chain([0])).for_each(|byte| add(u64::from(byte)));
        self.motifs.iter().flat_map(|motif| motif.rows().as_flattened()).for_each(|value| add(value.to_bits()));
        for sample in samples {
            add(u64::from(sample.bin) << 16 | u64::from(sample.cell));
        }
        state
    }

    /// The mean accessibility of each sample's best site.
    fn at_best(&self, samples: &[Sample], places: &[usize], found: &[Sites], width: usize) -> Vec<f32> {
        let mut values = vec![0.0; width];
        let of_sample = |(sample, &place): (&Sample, &usize)| {
            let sites = &found[place];
            if sites.best.is_nan() {
                return f32::NAN;
            }
            let Interval { chromosome, .. } = self.dataset.grid().interval(sample.bin as usize);
            let start = i64::from(sites.best_start);
            self.dataset.fill_signal(usize::from(sample.cell), chromosome, start, &mut values);
            values.iter().sum::<f32>() / width as f32
        };
        samples.iter().zip(places).map(of_sample).collect()
    }
}

/// Whether a column is the best score of a motif in the bin.
fn is_best(name: &str) -> bool {
    name.rsplit('.').next() == Some("best")
}
