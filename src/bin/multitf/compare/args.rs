//! What the user asks for.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use multitf::{
    baseline::BaselineKind,
    data::{Pool, simulate::SimulationConfig},
};

use crate::{common::Common, world::World};

/// Trains shared and per-factor models on the same split at equal budget, and says which is better for which factor.
///
/// Without --data it simulates a small world first. What is done is not done again: interrupt it and start it anew.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// The world to simulate where there is no --data.
    #[arg(long, value_enum, default_value_t = World::Mixed, conflicts_with = "data")]
    world: World,
    /// The models to compare.
    #[arg(long, value_name = "MODEL,MODEL", value_delimiter = ',', default_value = "multi,single")]
    pub models: Vec<ModelKind>,
    /// How baselines are made: a file as the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    pub baselines: Option<PathBuf>,
    /// The factors to make models of their own for, of any kind; shared models still learn all of --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub factors: Option<Vec<String>>,
    /// Draw a single model's unbound bins evenly from the genome, not from the shared model's pool.
    #[arg(long)]
    own_pool: bool,
}

impl Args {
    /// The world to simulate.
    pub fn simulation(&self) -> SimulationConfig {
        self.world.config()
    }

    /// The folder of the world below `out/`.
    pub fn below(&self) -> &'static str {
        match self.world {
            World::Mixed => "",
            World::Conflicting => "conflicting",
        }
    }

    /// Where a single model's unbound bins come from.
    pub fn pool(&self) -> Pool {
        if self.own_pool { Pool::Own } else { Pool::Shared }
    }
}

/// A model that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModelKind {
    /// One model for all factors.
    Multi,
    /// One model for all factors, cured of what sharing does to some of them.
    Recipe,
    /// One model for each factor.
    Single,
    /// A copy of the shared model for each factor, trained on for it alone; its draws come on top of the shared model's.
    Finetuned,
    /// One model for each group of factors that learn alike, by the shared model's conflict map.
    Grouped,
    /// For each factor the shared model with the cure, unless a group's, a fine-tuned or its own model is significantly better
    /// on the validation split: one model with one forward. It trains all of these first.
    Rescue,
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

impl ModelKind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multi => "multi",
            Self::Recipe => "recipe",
            Self::Single => "single",
            Self::Finetuned => "finetuned",
            Self::Grouped => "grouped",
            Self::Rescue => "rescue",
            Self::Motif => BaselineKind::Motif.name(),
            Self::TwoFeature => BaselineKind::TwoFeature.name(),
            Self::Online => BaselineKind::Online.name(),
            #[cfg(feature = "boost")]
            Self::Boost => BaselineKind::Boost.name(),
        }
    }

    /// Whether one model answers for all factors.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Multi | Self::Recipe | Self::Grouped | Self::Rescue)
    }

    /// The baseline, if it is one.
    pub fn baseline(self) -> Option<BaselineKind> {
        match self {
            Self::Multi | Self::Recipe | Self::Single | Self::Finetuned | Self::Grouped | Self::Rescue => None,
            Self::Motif => Some(BaselineKind::Motif),
            Self::TwoFeature => Some(BaselineKind::TwoFeature),
            Self::Online => Some(BaselineKind::Online),
            #[cfg(feature = "boost")]
            Self::Boost => Some(BaselineKind::Boost),
        }
    }
}
