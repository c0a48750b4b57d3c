//! Trains shared and per-factor models, and baselines, on the same split, and says which is better for which factor,
//! and what each cost.
//!
//! In: a data set (`--data DIR/dataset.toml`), or nothing: then a small one is simulated. Out, in the folder
//! `--out` (default: `out/` and the data set's name): `scores.tsv`, `runs.tsv`, `cost.tsv`, `comparison.tsv`,
//! `transfer.tsv`, `learning.tsv`, `report.html`, `config.toml`, with arms `arms.toml`, and with `--explain`
//! `borrowed.tsv`; each run's checkpoints and learning curve under `runs/`; with baselines, `baselines.toml` and their
//! features under `features/`. A run that is done is not repeated.

mod jobs;

use std::path::PathBuf;

use multitf::{
    Result,
    baseline::{BaselineConfig, Lookup},
    data::{Dataset, Split, UnboundPool},
    explain::MotifOwners,
    predict::Shard,
    strategy::{Arm, Comparison, Strategy},
};

use crate::{
    inputs::{ComparisonArgs, Inputs, World, announce, command, strategies},
    progress::{bar, run_with_bars, show},
};

/// The models to compare where neither models nor arms are given.
const DEFAULT: [Strategy; 3] = [Strategy::Recipe, Strategy::Multi, Strategy::Single];
/// The folder in `out/` for cross-validations over cell types.
const LEAVE_OUT: &str = "leave-out";
/// Enough to tell models apart in the simulated world, in two minutes.
const SIMULATED_BUDGET: usize = 20_000;
const SIMULATED_SEEDS: u64 = 2;

/// Trains shared and per-factor models on the same split, and says which is better for which factor.
///
/// Without --data it simulates a small data set first, and trains each model twice. Call it again to resume an
/// interrupted run.
#[derive(Debug, clap::Parser)]
#[command(version)]
pub struct Args {
    #[command(flatten)]
    common: ComparisonArgs,
    /// The world to simulate where there is no --data.
    #[arg(long, value_enum, default_value_t = World::Mixed, conflicts_with = "data")]
    world: World,
    /// The models to compare [default: recipe,multi,single, or the arms alone; where cell types are held out also
    /// accessibility,average,average-accessibility].
    #[arg(long, value_name = "MODEL,MODEL", value_delimiter = ',', value_parser = strategies(|_| true))]
    models: Option<Vec<Strategy>>,
    /// Further sides of the comparison, with settings of their own: a TOML file of [[arm]] tables with a name, a
    /// strategy, and the keys of a run's config.toml that differ from --config.
    #[arg(long, value_name = "FILE")]
    arms: Option<PathBuf>,
    /// The settings of baselines: a file like the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    baselines: Option<PathBuf>,
    /// Factors to train single models and baselines for; shared models always learn all --tasks [default: all].
    #[arg(long, value_name = "TF,TF", value_delimiter = ',')]
    factors: Option<Vec<String>>,
    /// Draw a single model's unbound bins evenly from the genome, not from the bins that the shared model draws from.
    #[arg(long)]
    own_pool: bool,
    /// Train single models in N processes; the results are the same.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: u16,
    /// Leave out these cell types, or `all` that are trained on, one after the other: train on the others, and score on
    /// the one left out, in the regions for validation. The test split is not opened.
    #[arg(long, value_name = "CELL,CELL", value_delimiter = ',', conflicts_with_all = ["jobs", "shard", "score"])]
    leave_out: Option<Vec<String>>,
    /// Find on whose motifs each factor's predictions rest, in the shared models and in its own: a section of the
    /// report, and borrowed.tsv. It needs a data set with motifs.
    #[arg(long, conflicts_with_all = ["leave_out", "shard"])]
    explain: bool,
    /// Train the K-th of N shards of the single models, and nothing else: for several machines that share the folder.
    /// Then run once without --shard, which reuses them.
    #[arg(long, value_name = "K/N")]
    shard: Option<Shard>,
}

/// Trains, scores and compares models, and writes the results.
pub fn run(args: &Args) -> Result<()> {
    let mut config = args.common.configuration(SIMULATED_BUDGET)?;
    if args.own_pool {
        config.training.sampler.pool = UnboundPool::Own;
    }
    let folder = if args.leave_out.is_some() { LEAVE_OUT } else { args.world.folder() };
    let inputs = Inputs::open(&args.common, config, folder, &args.world.config())?;
    let setup = inputs.setup(&args.common, args.factors.as_deref())?;
    let baselines = args.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
    let seeds = args.common.seeds.unwrap_or(if args.common.data.is_none() { SIMULATED_SEEDS } else { 1 });
    let arms = args.arms.as_ref().map_or_else(|| Ok(Vec::new()), |path| Arm::open_all(path, &inputs.config))?;
    let models = args.models.clone().unwrap_or_else(|| default_models(args, &inputs.dataset));
    let mut comparison = Comparison::new(&setup, &models)
        .with_seeds(seeds)
        .with_baselines(baselines)
        .with_folder(&inputs.out)
        .with_command(command());
    if let Some(cells) = &args.leave_out {
        comparison = comparison.leaving_out(&left_out(cells, &inputs.dataset));
    }
    for arm in &arms {
        comparison = comparison.with_arm(arm.clone());
    }
    if let Some(truth) = &inputs.truth {
        comparison = comparison.with_truth(truth);
    }
    if let Some(shard) = args.shard {
        return comparison.with_observer(|event| show(None, event)).train_shard(shard);
    }
    announce(&setup);
    if args.explain {
        // What cannot be explained is told before hours of training.
        MotifOwners::new(setup.dataset(), setup.split(), setup.config().architecture.context_bp)?;
    }
    let strategies = models.iter().copied().chain(arms.iter().map(Arm::strategy));
    let has_singles = strategies.into_iter().any(|model| matches!(model, Strategy::Single | Strategy::Rescue));
    if args.jobs > 1 && has_singles {
        comparison = comparison.before_training(|| jobs::train_singles(args.jobs.into()));
    }
    let mut outcome = run_with_bars(comparison, setup.config().training.budget)?;
    if args.explain {
        let bar = bar(0, "{elapsed_precise} {wide_bar} {pos}/{len} models explained");
        outcome.explain(&setup, |_, models| {
            bar.set_length(models as u64);
            bar.inc(1);
        })?;
        bar.finish_and_clear();
    }
    outcome.write(&inputs.out)?;
    print!("{}", outcome.summary());
    println!("report: {}", inputs.out.join("report.html").display());
    Ok(())
}

/// The models to compare where none are given. Arms alone are compared with each other.
fn default_models(args: &Args, dataset: &Dataset) -> Vec<Strategy> {
    if args.arms.is_some() {
        return Vec::new();
    }
    let lookups: &[Lookup] = if dataset.holds_out_cells() || args.leave_out.is_some() { &Lookup::ALL } else { &[] };
    DEFAULT.into_iter().chain(lookups.iter().copied().map(Strategy::Lookup)).collect()
}

/// The cell types to leave out.
fn left_out(cells: &[String], dataset: &Dataset) -> Vec<String> {
    if cells != ["all"] {
        return cells.to_vec();
    }
    let trained = dataset.split_cells(Split::Train);
    trained.iter().map(|&cell| dataset.cells()[cell].name.clone()).collect()
}
