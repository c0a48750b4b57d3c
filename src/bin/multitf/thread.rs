//! Replays a forum thread: why does one model for all factors do so much worse than one model per factor?
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small world is simulated in which 65 % of the pairs of
//! factor and cell type are missing. Out, in the folder `--out` (default: `out/thread/` and the data set's name):
//! `thread.tsv` with a line for each variant, `scores.tsv`, `runs.tsv`, `comparison.tsv`, `report.html` and
//! `config.toml`. A run that is done is not done again.

mod args;
mod findings;
mod hidden;
mod runs;
mod variant;

use multitf::{
    Result,
    data::{Pool, simulate::SimulationConfig},
};

pub use self::args::Args;
use crate::setting::{Options, Setting};

/// Trains, scores, compares, and writes what came of it.
pub fn run(args: &Args) -> Result<()> {
    args.check()?;
    let world = SimulationConfig { missing: args.missing, ..SimulationConfig::default() };
    let options = Options { below: "thread", world, pool: Pool::Shared, factors: None };
    let mut setting = Setting::prepare(&args.common, &options)?;
    if args.common.data.is_some() {
        hidden::hide(&mut setting, args.missing)?;
    }
    setting.begin(&args.common)?;
    let outcome = runs::Outcome::of(args, &setting)?;
    findings::write(&setting, &outcome)
}
