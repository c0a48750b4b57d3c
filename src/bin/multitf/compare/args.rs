//! What the user asks for.

use std::path::PathBuf;

use clap::{
    Parser,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use multitf::{
    data::{Pool, simulate::SimulationConfig},
    predict::Shard,
    strategy::Strategy,
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
    #[arg(
        long, value_name = "MODEL,MODEL", value_delimiter = ',', default_value = "multi,single", value_parser = strategies()
    )]
    pub models: Vec<Strategy>,
    /// How baselines are made: a file as the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    pub baselines: Option<PathBuf>,
    /// The factors to make models of their own for, of any kind; shared models still learn all of --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    pub factors: Option<Vec<String>>,
    /// Draw a single model's unbound bins evenly from the genome, not from the shared model's pool.
    #[arg(long)]
    own_pool: bool,
    /// Train single models in as many processes side by side; the results are the same.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Train the K-th of N shards of the single models, and nothing else: for several machines that share the folder. A call
    /// without it then finds them done.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
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
    pub fn pool(&self, configured: Pool) -> Pool {
        if self.own_pool { Pool::Own } else { configured }
    }

    /// Whether single models are trained, for themselves or as parts of others.
    pub fn has_singles(&self) -> bool {
        self.models.iter().any(|strategy| matches!(strategy, Strategy::Single | Strategy::Rescue))
    }

    /// How many processes train single models.
    pub fn jobs(&self) -> usize {
        usize::from(self.jobs)
    }
}

/// The strategies by their names, each with what it is.
fn strategies() -> impl TypedValueParser<Value = Strategy> {
    let names = Strategy::all().map(|strategy| PossibleValue::new(strategy.name()).help(strategy.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Strategy>())
}
