//! Fits a baseline to each factor of a data set, and scores it.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `scores.tsv`, `runs.tsv`, `config.toml`,
//! `baselines.toml`, the models under `runs/` and the features that they see under `features/`.

mod args;

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use multitf::{
    Error, FolderLock, Result,
    baseline::{BaselineConfig, BaselineKind, BaselineTables, FactorBaseline, FittedBaseline},
    data::{Dataset, Split},
    eval::{evaluation::Evaluation, mean::ModelMean, plain, run::RunRow, table},
};

pub use self::args::Args;
use crate::{call, common::Scored, progress::bar, training::learnable};

/// The files of a run, that which says how baselines are made first.
const FILES: [&str; 4] = ["baselines.toml", "config.toml", "runs.tsv", "scores.tsv"];

/// Fits and scores what is not fitted yet, and writes what came of it.
pub fn run(args: &Args) -> Result<()> {
    let (training, kind, out) = (&args.training, BaselineKind::from(args.kind), &args.training.out);
    let (run, config) = (training.configuration()?, args.baselines()?);
    let context_bp = run.architecture.context_bp;
    let dataset = training.dataset()?;
    let factors = factors(kind, &dataset, context_bp)?;
    let evaluation = Evaluation::new(&dataset, args.score.into(), context_bp)?;
    training.claim(&FILES)?;
    let _lock = FolderLock::new(out)?;
    run.keep(out.join("config.toml"), &call::heading())?;
    config.keep(out.join("baselines.toml"), "how the baselines are made")?;
    if args.score == Scored::Test {
        call::log_opening(out)?;
    }
    let tables = tables(&dataset, context_bp, &evaluation, &config, args)?;
    let bar = bar(factors.len(), "{elapsed_precise} {wide_bar} {pos}/{len} factors eta {eta} {msg}");
    let (mut runs, mut scores) = (Vec::new(), Vec::new());
    for (tf, tasks) in &factors {
        bar.set_message(tf.clone());
        let (dataset, tables, config) = (&dataset, &tables, &config);
        let factor = FactorBaseline { dataset, tables, run: &run, config, tasks, seed: training.seed };
        let folder = out.join("runs").join(kind.name()).join(tf).join(training.seed.to_string());
        let (fitted, _) = factor.fit_in(kind, &folder)?;
        runs.push(row(kind, tf, training.seed, &fitted));
        scores.extend(evaluation.score(kind.name(), training.seed, &fitted.predictions)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    table::write(out.join("runs.tsv"), &runs)?;
    table::write(out.join("scores.tsv"), &scores)?;
    print!("{}", plain::means(&ModelMean::all(&scores)));
    println!("scores: {}", out.join("scores.tsv").display());
    Ok(())
}

/// The tasks of each factor for which there is what the baseline needs, and something to stop and to score by.
fn factors(kind: BaselineKind, dataset: &Dataset, context_bp: usize) -> Result<BTreeMap<String, Vec<usize>>> {
    let silent = dataset.tasks_without_score(Split::Valid, context_bp);
    let (mut factors, mut left_out) = (BTreeMap::<String, Vec<usize>>::new(), Vec::new());
    for task in learnable(dataset, context_bp) {
        let tf = &dataset.tasks()[task].factor;
        if !silent.contains(&task) && can_learn(kind, dataset, tf) {
            factors.entry(tf.clone()).or_default().push(task);
        } else {
            left_out.push(dataset.tasks()[task].name.as_str());
        }
    }
    if factors.is_empty() {
        let expected =
            "a baseline for which a factor has motifs or accessibility, and bound and unbound validation bins";
        return Err(Error::Config { key: "--kind".into(), expected: expected.into(), found: kind.name().into() });
    }
    if !left_out.is_empty() {
        let lack = "without motif, accessibility, or a bound and an unbound bin in the validation split";
        eprintln!("note: No {} {lack}: {}.", kind.name(), left_out.join(", "));
    }
    Ok(factors)
}

fn can_learn(kind: BaselineKind, dataset: &Dataset, tf: &str) -> bool {
    let has_features = || dataset.has_signal() || dataset.motifs().is_some_and(|motifs| !motifs.is_empty());
    (!kind.needs_own_motif() || !dataset.profiles(tf).is_empty()) && (!kind.needs_features() || has_features())
}

/// Computes what baselines see, or reads it from an earlier call.
fn tables<'a>(
    dataset: &'a Dataset,
    context_bp: usize,
    evaluation: &Evaluation<'_>,
    config: &BaselineConfig,
    args: &Args,
) -> Result<BaselineTables<'a>> {
    let spinner = ProgressBar::new_spinner().with_message("computing motif scores and accessibility of all samples");
    spinner.enable_steady_tick(std::time::Duration::from_secs(1));
    let folder = args.training.out.join("features");
    let tables = BaselineTables::new(dataset, context_bp, evaluation.samples().clone(), &config.features, &folder);
    spinner.finish_and_clear();
    tables
}

fn row(kind: BaselineKind, tf: &str, seed: u64, fitted: &FittedBaseline) -> RunRow {
    RunRow {
        model: kind.name().to_owned(),
        seed,
        tf: tf.to_owned(),
        draws: fitted.draws as u64,
        parameters: fitted.parameters as u64,
        seconds: fitted.seconds,
        device: "host".to_owned(),
    }
}
