//! Worlds that can be simulated.

use clap::ValueEnum;
use multitf::data::simulate::SimulationConfig;

/// A world that can be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum World {
    /// Twelve factors that differ in how often they bind and on whose help they depend.
    Mixed,
    /// Twelve factors that get into each other's way when one model learns all of them.
    Conflicting,
}

impl World {
    /// Its size and make.
    pub fn config(self) -> SimulationConfig {
        match self {
            Self::Mixed => SimulationConfig::default(),
            Self::Conflicting => SimulationConfig::conflicting(),
        }
    }
}
