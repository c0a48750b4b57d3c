//! Small simulated data sets of sequence, accessibility and binding, written as files.
//!
//! [`simulate`] writes a FASTA file, a bigWig file for each cell type, label tables, motifs in MEME format and a
//! `dataset.toml`, so that a simulated data set is read as a real one is. The ground truth is written beside them, and
//! is read as a [`Truth`].
//!
//! # How binding works
//! Chromosomes are a Markov chain in which CG is as rare as in the human genome. Some regions are accessible, in all
//! cell types or in a few; the *openness* of a base is the log2 of its fold change, highest in the middle of a region.
//! Sites of twelve factors are planted in regions, and as decoys in closed chromatin. Every position of the finished
//! sequence that matches a profile, planted or not, is then a site, bound in a cell type with the probability
//!
//! ```text
//! p = 0.8 x logistic(2 (openness - half openness of the factor)) x logistic(score - mean score of the profile + 1)
//! ```
//!
//! with scores in nats; less than 0.02 counts as 0. A factor with a partner (TAL1 with GATA1, ATF4 with CEBPB, TEAD4
//! with JUND) needs a score 4 nats higher without a bound site of the partner within 40 bases, and 1 nat lower with
//! one. A partner that hinders has the reverse effect. A bound site has a peak of 160 to 240 bases, up to 20 bases off;
//! a tenth as many sites have a weak peak, whose bins are ambiguous.
//!
//! # The factors
//! CTCF, REST, NRF1, GABPA, MAX, MYC (with MAX's E-box, but only in the most open regions), JUND, CEBPB, GATA1, TAL1,
//! ATF4 and TEAD4. Their profiles are simplified: a consensus in the style of JASPAR, each letter of which stands for
//! a fixed row of probabilities. They resemble those factors' motifs, but are not measured ones.
//!
//! [`FactorSet::Conflicting`] has other factors, some of which a neighbour hinders.
//!
//! # References
//! JASPAR 2024: doi:10.1093/nar/gkad1059. Layout of the label tables: the ENCODE-DREAM challenge,
//! doi:10.7303/syn6131484.

mod assay;
mod background;
mod binding;
mod config;
mod factor;
mod files;
mod landscape;
mod peak;
mod plant;
mod profile;
mod simulation;
mod site;
#[cfg(test)]
mod tests;
mod truth;

use std::path::{Path, PathBuf};

use self::simulation::Simulation;
use crate::{Result, file::make_dir};

pub use self::{
    config::SimulationConfig,
    factor::FactorSet,
    site::{Occupancy, Site, SiteInCell},
    truth::Truth,
};

/// A simulated world that was written.
#[derive(Clone, Debug)]
pub struct World {
    /// The path of `dataset.toml`.
    pub dataset: PathBuf,
    /// The ground truth.
    pub truth: Truth,
}

/// Draws a world and writes it into a folder, which is made if it is missing.
///
/// Files of an earlier world in the folder are replaced; `dataset.toml` is written last.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) if a field is out of range, [`Error::Io`](crate::Error::Io) if a file or
/// folder cannot be written.
///
/// ```
/// use multitf::simulate::{SimulationConfig, simulate};
///
/// # let folder = std::env::temp_dir().join(format!("multitf-doc-simulate-{}", std::process::id()));
/// let config = SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() };
/// let world = simulate(&config, &folder)?;
/// assert!(world.dataset.ends_with("dataset.toml"));
/// assert!(folder.join("labels/CTCF.train.labels.tsv.gz").exists());
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn simulate(config: &SimulationConfig, folder: impl AsRef<Path>) -> Result<World> {
    config.validate()?;
    let folder = folder.as_ref();
    for inner in ["", "accessibility", "labels", "truth"] {
        make_dir(&folder.join(inner))?;
    }
    let simulation = Simulation::draw_until_complete(config)?;
    let truth = Truth::new(config.clone(), simulation.sites.clone(), simulation.best_scores());
    simulation.write(folder)?;
    truth.write(&folder.join("truth"))?;
    let dataset = folder.join("dataset.toml");
    files::write_dataset(&dataset, config)?;
    Ok(World { dataset, truth })
}
