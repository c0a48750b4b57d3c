//! Trains shared and per-factor models, and baselines, on the same split at equal budget, and says which is better for
//! which factor.
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small world is simulated. Out, in the folder
//! `--out` (default: `out/` and the data set's name): `scores.tsv`, `runs.tsv`, `comparison.tsv`, `transfer.tsv`,
//! `learning.tsv`, `report.html` and `config.toml`; each run's checkpoints and learning curve under `runs/`; with baselines,
//! `baselines.toml` and their features under `features/`. A run that is done is not done again.

mod args;
mod jobs;

use multitf::{
    Result,
    baseline::BaselineConfig,
    strategy::{Comparison, Event},
};

pub use self::args::Args;
use crate::{
    inputs::{Inputs, announce, command, configuration},
    progress::{Bars, say},
};

/// Trains, scores, compares, and writes what came of it.
pub fn run(args: &Args) -> Result<()> {
    let mut config = configuration(&args.common)?;
    config.training.sampler.pool = args.pool(config.training.sampler.pool);
    let inputs = Inputs::open(&args.common, config, args.below(), &args.simulation())?;
    let setup = inputs.setup(&args.common, args.factors.as_deref())?;
    let baselines = args.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
    let new_comparison = || {
        let comparison = Comparison::new(&setup, &args.models)
            .with_seeds(args.common.seeds)
            .with_baselines(baselines.clone())
            .with_folder(&inputs.out)
            .with_command(command());
        match &inputs.truth {
            Some(truth) => comparison.with_truth(truth),
            None => comparison,
        }
    };
    if let Some(shard) = args.shard {
        return new_comparison().with_observer(|event| say(None, event)).train_shard(shard);
    }
    announce(&setup);
    let mut bars = None;
    let budget = setup.config().training.budget;
    let observer = |event: &Event<'_>| match event {
        Event::Begun { runs, .. } => bars = Some(Bars::new(*runs, budget)),
        event => say(bars.as_ref(), event),
    };
    let mut comparison = new_comparison().with_observer(observer);
    if args.jobs() > 1 && args.has_singles() {
        comparison = comparison.before_training(|| jobs::train_singles(args.jobs()));
    }
    let outcome = comparison.run()?;
    if let Some(bars) = bars {
        bars.finish();
    }
    outcome.write(&inputs.out)?;
    print!("{}", outcome.summary());
    println!("report: {}", inputs.out.join("report.html").display());
    Ok(())
}
