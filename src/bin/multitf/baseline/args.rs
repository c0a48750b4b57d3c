//! What the user asks for.

use std::path::PathBuf;

use clap::ValueEnum;
use multitf::{
    Result,
    baseline::{BaselineConfig, BaselineKind},
};

use crate::{common::Scored, training::Training};

/// Fits one kind of baseline to each factor, and scores it.
///
/// A baseline draws what a neural network of the same configuration and seed draws. What is done is not done again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The baseline.
    #[arg(long, value_enum)]
    pub kind: Kind,
    #[command(flatten)]
    pub training: Training,
    /// How baselines are made: a file as the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    baselines: Option<PathBuf>,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = Scored::Valid)]
    pub score: Scored,
}

impl Args {
    /// Reads how baselines are made.
    pub fn baselines(&self) -> Result<BaselineConfig> {
        let config = self.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
        config.validate().map(|()| config)
    }
}

/// A baseline that can be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The best score of the factor's motif in the bin.
    Motif,
    /// The motif's best score and accessibility, through one layer.
    TwoFeature,
    /// A hashed linear model of words, motifs and accessibility that learns in one pass, as Vowpal Wabbit does.
    Online,
    /// Boosted trees on motif scores and accessibility.
    #[cfg(feature = "boost")]
    Boost,
}

impl From<Kind> for BaselineKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Motif => Self::Motif,
            Kind::TwoFeature => Self::TwoFeature,
            Kind::Online => Self::Online,
            #[cfg(feature = "boost")]
            Kind::Boost => Self::Boost,
        }
    }
}
