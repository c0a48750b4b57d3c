//! Simulates a small data set: data whose ground truth is known.
//!
//! In: nothing. Out, in the folder `--out`: a data set (`dataset.toml` and the files that it names), and its ground
//! truth in `truth/`.

use std::{fs, path::PathBuf};

use multitf::{
    Error, Result,
    simulate::{SimulationConfig, Truth, simulate},
};

use crate::inputs::World;

/// Simulates a data set of twelve factors in three cell types, with its truth.
///
/// The same seed gives the same files. A folder that holds anything but this world is refused.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The world to simulate.
    #[arg(long, value_enum, default_value_t = World::Mixed)]
    world: World,
    /// The seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for the data set.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Simulates a world, unless it is there.
pub fn run(args: &Args) -> Result<()> {
    let (out, config) = (&args.out, SimulationConfig { seed: args.seed, ..args.world.config() });
    let path = out.join("dataset.toml");
    // The file of a world that is written last.
    let is_there = path.exists() && Truth::open(out).is_ok_and(|truth| *truth.config() == config);
    if !is_there {
        if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::Mismatch {
                what: out.display().to_string(),
                expected: "an empty folder, or one of the same world".into(),
                found: "something else: choose another --out, or remove this folder".into(),
            });
        }
        eprintln!("simulating a world in {}", out.display());
        simulate(&config, out)?;
    }
    println!("data set: {}", path.display());
    Ok(())
}
