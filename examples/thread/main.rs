//! Replays a forum thread: why does one model for all factors do so much worse than one model per factor?
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small world is simulated in which 65 % of the pairs of
//! factor and cell type are missing. Out, in the folder `--out` (default: `out/thread/` and the data set's name):
//! `thread.tsv` with a line for each variant, `scores.tsv`, `runs.tsv`, `comparison.tsv`, `report.html` and
//! `config.toml`. A run that is done is not done again.

mod args;
#[path = "../shared/common.rs"]
mod common;
mod findings;
mod hidden;
#[path = "../shared/progress.rs"]
mod progress;
mod runs;
#[path = "../shared/setting.rs"]
mod setting;
mod variant;

use std::process::ExitCode;

use clap::Parser;
use multitf::{
    Result,
    data::{Pool, simulate::SimulationConfig},
};

fn main() -> ExitCode {
    match thread(&args::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn thread(args: &args::Args) -> Result<()> {
    args.check()?;
    let world = SimulationConfig { missing: args.missing, ..SimulationConfig::default() };
    let options = setting::Options { below: "thread", world, pool: Pool::Shared, factors: None };
    let mut setting = setting::Setting::prepare(&args.common, &options)?;
    if args.common.data.is_some() {
        hidden::hide(&mut setting, args.missing)?;
    }
    setting.begin(&args.common, "thread")?;
    let outcome = runs::Outcome::of(args, &setting)?;
    findings::write(&setting, &outcome)
}
