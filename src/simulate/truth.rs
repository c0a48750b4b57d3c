//! The ground truth of a simulated world.

pub(super) mod best_scores;
mod line;
mod scores;
mod sites;

use std::path::Path;

use self::best_scores::BinScores;
use super::{SimulationConfig, Site};
use crate::{
    Error, Result,
    file::{at, gzip, write_atomic},
};

const CONFIG: &str = "config.json";
const SITES: &str = "sites.tsv";
const BEST_SCORES: &str = "oracle.tsv.gz";

/// The sites of a simulated world, and the best possible score of each bin.
///
/// It lies in the folder `truth` beside the data set: `config.json` holds the settings, `sites.tsv` has a line for
/// each [`Site`], and `oracle.tsv.gz` has the columns tf, cell, bin (an index into the grid) and score, for each bin
/// whose score is not 0.
///
/// # The best possible scores
/// The score of a bin for a factor in a cell type is the probability that it is labelled bound, given that it is not
/// ambiguous, the sequence, and the accessibility before noise, but not which sites were drawn as bound, nor how their
/// peaks were shifted and widened. No model can be expected to rank bins better. The probabilities of sites multiply as
/// if the sites of a factor were independent. This is exact, except where two of them are within reach of one partner's
/// site.
///
/// ```
/// use multitf::simulate::{SimulationConfig, Truth, simulate};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-truth-{}", std::process::id()));
/// let config = SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() };
/// let world = simulate(&config, &folder)?;
/// let truth = Truth::open(&folder)?;
/// assert_eq!(truth, world.truth);
/// let scores = truth.best_scores("CTCF", "cell1").expect("a factor and a cell type of the world");
/// assert_eq!(scores.len(), truth.bins());
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    config: SimulationConfig,
    cells: Vec<String>,
    sites: Vec<Site>,
    /// By factor, then by cell type.
    best_scores: Vec<Vec<BinScores>>,
}

impl Truth {
    pub(super) fn new(config: SimulationConfig, sites: Vec<Site>, best_scores: Vec<Vec<BinScores>>) -> Self {
        Self { cells: config.cell_names(), config, sites, best_scores }
    }

    /// Reads the truth beside a data set from the data set's folder.
    ///
    /// # Errors
    /// [`Error::Io`] if a file cannot be read; [`Error::ConfigFile`] and [`Error::Parse`] if one was changed.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref().join("truth");
        let config = read_config(&folder.join(CONFIG))?;
        let sites = sites::read(&config, &folder.join(SITES))?;
        let best_scores = scores::read(&config, &folder.join(BEST_SCORES))?;
        Ok(Self::new(config, sites, best_scores))
    }

    /// Writes the three files into an existing folder.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        write_atomic(&folder.join(CONFIG), |out| Ok(serde_json::to_writer_pretty(out, &self.config)?))?;
        write_atomic(&folder.join(SITES), |out| sites::write(&self.config, &self.sites, out))?;
        gzip::write(&folder.join(BEST_SCORES), |out| scores::write(&self.config, &self.best_scores, out))
    }

    /// Returns the settings of the world.
    pub fn config(&self) -> &SimulationConfig {
        &self.config
    }

    /// Returns the names of the factors.
    pub fn factors(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.config.factors.list().iter().map(|factor| factor.name)
    }

    /// Returns the names of the cell types.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// Returns the sites: all that were planted, and those that arose by chance and can be bound in some cell type.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Returns the number of bins on the grid.
    pub fn bins(&self) -> usize {
        self.config.bins()
    }

    /// Returns the best possible score of each bin of the grid, from 0 to 1, for a factor in a cell type, labelled or
    /// not; `None` if the world has no such factor or cell type.
    pub fn best_scores(&self, factor: &str, cell: &str) -> Option<Vec<f32>> {
        let cell = self.cells.iter().position(|name| name == cell)?;
        let mut scores = vec![0.0; self.bins()];
        for (bin, score) in &self.best_scores[self.config.factors.index_of(factor)?][cell] {
            scores[*bin as usize] = *score;
        }
        Some(scores)
    }
}

fn read_config(path: &Path) -> Result<SimulationConfig> {
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    let config: SimulationConfig = serde_json::from_str(&text).map_err(|error| Error::ConfigFile {
        path: path.to_owned(),
        line: error.line() as u64,
        column: error.column() as u64,
        detail: error.to_string(),
    })?;
    config.validate()?;
    Ok(config)
}
