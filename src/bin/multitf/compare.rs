//! Trains shared and per-factor models, and baselines, on the same split at equal budget, and says which is better for
//! which factor.
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small world is simulated. Out, in the folder
//! `--out` (default: `out/` and the data set's name): `scores.tsv`, `runs.tsv`, `comparison.tsv`, `transfer.tsv`,
//! `learning.tsv`, `report.html` and `config.toml`; each run's checkpoints and learning curve under `runs/`; with baselines, `baselines.toml` and their
//! features under `features/`. A run that is done is not done again.

mod args;
mod baselines;
mod contest;
mod joined;
mod outputs;
mod plan;
mod training;

use multitf::Result;

pub use self::args::Args;
use crate::setting::{Options, Setting};

/// Trains, scores, compares, and writes what came of it.
pub fn run(args: &Args) -> Result<()> {
    let options =
        Options { below: args.below(), world: args.simulation(), pool: args.pool(), factors: args.factors.clone() };
    let mut setting = Setting::prepare(&args.common, &options)?;
    plan::check(args, &setting)?;
    training::check(&setting, &plan::plan(args, &setting))?;
    let baselines = baselines::configuration(args, &setting)?;
    setting.begin(&args.common)?;
    let contest = contest::Outcome::of(args, &setting, baselines)?;
    outputs::write(&setting, &contest)
}
