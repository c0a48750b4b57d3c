//! The arguments.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use multitf::device;

use crate::grid::{Head, Trunk};

/// Compares every backend that was compiled in with the first: outputs, losses, gradients, and what training finds.
#[derive(Parser, Debug)]
#[command(version, about, long_about)]
pub struct Args {
    /// The devices, separated by commas, the one to compare with first [default: all that were compiled in].
    #[arg(long, value_name = "NAME,NAME", value_delimiter = ',')]
    device: Option<Vec<String>>,
    /// The heads.
    #[arg(
        long, value_enum, value_name = "HEAD,HEAD", value_delimiter = ',',
        default_values_t = Head::value_variants().to_vec()
    )]
    pub heads: Vec<Head>,
    /// The trunks.
    #[arg(
        long, value_enum, value_name = "TRUNK,TRUNK", value_delimiter = ',',
        default_values_t = Trunk::value_variants().to_vec()
    )]
    pub trunks: Vec<Trunk>,
    /// Samples that each training may draw.
    #[arg(long, default_value_t = 4000, value_name = "SAMPLES")]
    pub budget: usize,
    /// Trainings on the first device that say how much a seed changes.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(2..))]
    pub seeds: u64,
    /// Bases of the simulated world.
    #[arg(long, default_value_t = 600_000)]
    pub bases: usize,
    /// The folder for everything that is written.
    #[arg(long, value_name = "DIR", default_value = "out/backends")]
    pub out: PathBuf,
}

impl Args {
    /// Every head on every trunk.
    pub fn models(&self) -> impl Iterator<Item = (Head, Trunk)> {
        self.heads.iter().flat_map(|&head| self.trunks.iter().map(move |&trunk| (head, trunk)))
    }

    pub fn devices(&self) -> Vec<String> {
        let all = || device::NAMES.iter().map(|&name| name.to_owned()).collect();
        self.device.clone().unwrap_or_else(all)
    }
}
