//! Fits a baseline to each factor of a data set, and scores it.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `scores.tsv`, `runs.tsv`, `config.toml`,
//! `baselines.toml`, the models under `runs/` and their features under `features/`.

use std::path::PathBuf;

use multitf::{
    Error, Result,
    baseline::BaselineConfig,
    eval::{ModelMean, format_means},
    strategy::{Comparison, Setup, Strategy},
};

use crate::{
    inputs::{ScoredSplit, announce, command, strategies},
    progress::run_with_bars,
    training::TrainingArgs,
};

/// Fits one kind of baseline to each factor, and scores it.
///
/// A baseline that learns does so from the draws of a neural network of the same configuration and seed. What is done
/// is not repeated.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The baseline.
    #[arg(long, value_name = "KIND", value_parser = strategies(|strategy| !strategy.is_network()))]
    kind: Strategy,
    #[command(flatten)]
    training: TrainingArgs,
    /// How many times each baseline is fitted, to other draws each time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The settings of baselines: a file like the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    baselines: Option<PathBuf>,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = ScoredSplit::Valid)]
    score: ScoredSplit,
}

/// The files of a run, the one with the settings of baselines first.
const FILES: [&str; 4] = ["baselines.toml", "config.toml", "runs.tsv", "scores.tsv"];

/// Fits and scores baselines, and writes the results.
pub fn run(args: &Args) -> Result<()> {
    let (training, out) = (&args.training, &args.training.out);
    let baselines = args.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
    let dataset = training.dataset(None)?;
    let setup = Setup::new(&dataset, training.configuration(None)?)?.with_split(args.score.into());
    let comparison = Comparison::new(&setup, &[args.kind]).with_seeds(args.seeds).with_baselines(baselines);
    comparison.check()?;
    training.check_or_clear_outputs(&FILES, &["runs"])?;
    announce(&setup);
    let outcome = run_with_bars(comparison.with_folder(out).with_command(command()), 1)?;
    if outcome.scores.is_empty() {
        let expected = "a baseline for which a factor has the motif or accessibility that it takes".into();
        return Err(Error::Config { key: "--kind".into(), expected, found: args.kind.to_string() });
    }
    print!("{}", format_means(&ModelMean::all(&outcome.scores)));
    println!("scores: {}", out.join("scores.tsv").display());
    Ok(())
}
