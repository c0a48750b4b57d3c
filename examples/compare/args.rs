//! What the user asks for.

use clap::{Parser, ValueEnum};
use multitf::data::Pool;

use crate::common::Common;

/// Trains shared and per-factor models on the same split at equal budget, and says which is better for which factor.
///
/// Without --data it simulates a small world first. What is done is not done again: interrupt it and start it anew.
#[derive(Debug, Parser)]
#[command(version, about, long_about)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// The models to compare.
    #[arg(long, value_name = "MODEL,MODEL", value_delimiter = ',', default_value = "multi,single")]
    pub models: Vec<ModelKind>,
    /// Draw a single model's unbound bins evenly from the genome, not from the shared model's pool.
    #[arg(long)]
    own_pool: bool,
}

impl Args {
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
    /// One model for each factor.
    Single,
}

impl ModelKind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multi => "multi",
            Self::Single => "single",
        }
    }
}
