//! Replays a forum thread of the ENCODE-DREAM challenge: why is one model for all factors so much worse than one each?
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small one is simulated in which 65 % of the pairs of
//! factor and cell type are missing. Out, in the folder `--out` (default: `out/thread/` and the data set's name):
//! `thread.tsv` with a line for each variant, `scores.tsv`, `runs.tsv`, `comparison.tsv`, `report.html` and
//! `config.toml`. A run that is done is not repeated.

mod args;
mod findings;
mod hidden;
mod runs;
mod variant;

use multitf::{Result, simulate::SimulationConfig};

pub use self::args::Args;
use crate::inputs::{Inputs, announce, command};

/// Enough for the simulated world, in minutes.
const SIMULATED_BUDGET: usize = 100_000;

/// Trains, scores and compares models, and writes the results.
pub fn run(args: &Args) -> Result<()> {
    args.check()?;
    let world = SimulationConfig { missing: args.missing, ..SimulationConfig::default() };
    let mut inputs = Inputs::open(&args.common, args.common.configuration(SIMULATED_BUDGET)?, "thread", &world)?;
    let mut hidden = None;
    if args.common.data.is_some() {
        let tasks = inputs.setup(&args.common, None)?.tasks().to_vec();
        let context_bp = inputs.config.architecture.context_bp;
        hidden = Some(hidden::hide(&mut inputs.dataset, &tasks, context_bp, args.missing)?);
    }
    let setup = inputs.setup(&args.common, None)?;
    announce(&setup);
    let notes: Vec<String> = setup.notes().into_iter().chain(hidden).collect();
    let _lock = setup.lock_folder(&inputs.out, &command())?;
    let outcome = runs::Outcome::new(args, &setup, inputs.truth.as_ref(), &inputs.out)?;
    findings::write(&setup, &inputs.out, &notes, &outcome)
}
