//! Fits a baseline to each factor of a data set, and scores it.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `scores.tsv`, `runs.tsv`, `config.toml`,
//! `baselines.toml`, the models under `runs/` and the features that they see under `features/`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use multitf::{
    Error, Result,
    baseline::{BaselineConfig, BaselineKind},
    eval::{mean::ModelMean, plain},
    strategy::{Comparison, Event, Setup, Strategy},
};

use crate::{
    common::Scored,
    inputs::{announce, command},
    progress::{Bars, say},
    training::Training,
};

/// Fits one kind of baseline to each factor, and scores it.
///
/// A baseline draws what a neural network of the same configuration and seed draws. What is done is not done again.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The baseline.
    #[arg(long, value_name = "KIND", value_parser = kinds())]
    kind: Strategy,
    #[command(flatten)]
    training: Training,
    /// How many times each baseline is fitted, to other draws each time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// How baselines are made: a file as the baselines.toml that a run writes.
    #[arg(long, value_name = "FILE")]
    baselines: Option<PathBuf>,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = Scored::Valid)]
    score: Scored,
}

/// The files of a run, that which says how baselines are made first.
const FILES: [&str; 4] = ["baselines.toml", "config.toml", "runs.tsv", "scores.tsv"];

/// Fits and scores what is not fitted yet, and writes what came of it.
pub fn run(args: &Args) -> Result<()> {
    let (training, out) = (&args.training, &args.training.out);
    let baselines = args.baselines.as_ref().map_or_else(|| Ok(BaselineConfig::default()), BaselineConfig::open)?;
    let dataset = training.dataset()?;
    let setup = Setup::new(&dataset, training.configuration()?)?.with_split(args.score.into());
    Comparison::new(&setup, &[args.kind]).with_baselines(baselines.clone()).check()?;
    training.claim(&FILES, &["runs"])?;
    announce(&setup);
    let mut bars = None;
    let observer = |event: &Event<'_>| match event {
        Event::Begun { runs, .. } => bars = Some(Bars::new(*runs, 1)),
        event => say(bars.as_ref(), event),
    };
    let outcome = Comparison::new(&setup, &[args.kind])
        .with_seeds(args.seeds)
        .with_baselines(baselines)
        .with_folder(out)
        .with_command(command())
        .with_observer(observer)
        .run()?;
    if let Some(bars) = bars {
        bars.finish();
    }
    if outcome.scores.is_empty() {
        let expected = "a baseline for which a factor has the motif or accessibility that it takes".into();
        return Err(Error::Config { key: "--kind".into(), expected, found: args.kind.to_string() });
    }
    print!("{}", plain::means(&ModelMean::all(&outcome.scores)));
    println!("scores: {}", out.join("scores.tsv").display());
    Ok(())
}

/// Baselines by their names, each with what it is.
fn kinds() -> impl TypedValueParser<Value = Strategy> {
    let names = BaselineKind::ALL.iter().map(|kind| PossibleValue::new(kind.name()).help(kind.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Strategy>())
}
