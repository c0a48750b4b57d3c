//! Trains shared and per-factor models, and baselines, on the same split at equal budget, and says which is better for
//! which factor.
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small world is simulated. Out, in the folder
//! `--out` (default: `out/` and the data set's name): `scores.tsv`, `runs.tsv`, `comparison.tsv`, `transfer.tsv`,
//! `learning.tsv`, `report.html` and `config.toml`; each run's checkpoints and learning curve under `runs/`; with baselines, `baselines.toml` and their
//! features under `features/`. A run that is done is not done again.

mod args;
mod baselines;
#[path = "../shared/common.rs"]
mod common;
mod contest;
mod joined;
mod outputs;
mod plan;
#[path = "../shared/progress.rs"]
mod progress;
#[path = "../shared/setting.rs"]
mod setting;
mod training;

use std::process::ExitCode;

use clap::Parser;
use multitf::Result;

fn main() -> ExitCode {
    match compare(&args::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(args: &args::Args) -> Result<()> {
    let options = setting::Options {
        below: args.below(),
        world: args.simulation(),
        pool: args.pool(),
        factors: args.factors.clone(),
    };
    let mut setting = setting::Setting::prepare(&args.common, &options)?;
    plan::check(args, &setting)?;
    training::check(&setting, &plan::plan(args, &setting))?;
    let baselines = baselines::configuration(args, &setting)?;
    setting.begin(&args.common, "compare")?;
    let contest = contest::Outcome::of(args, &setting, baselines)?;
    outputs::write(&setting, &contest)
}
