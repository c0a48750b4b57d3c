//! Adds factors to a trained model, and compares the result with models of the factors' own.
//!
//! In: a model (`--model model.safetensors`) and a data set with the labels of the factors (`--data DIR/dataset.toml`).
//! Out, in the folder `--out`: the extended `model.safetensors`, which `multitf predict` takes; `scores.tsv`,
//! `runs.tsv`, `comparison.tsv`, `transfer.tsv`, `learning.tsv`, `report.html` and `config.toml`; checkpoints under
//! `runs/`.

use std::path::{Path, PathBuf};

use multitf::{
    Error, Result, device,
    nn::ModelFile,
    strategy::{Comparison, Extension, Setup, SharedPart, Strategy},
};

use crate::{
    inputs::{ScoredSplit, announce, command},
    progress::{Bars, run_with_bars, show},
    training::TrainingArgs,
};

/// Adds factors to a trained model, and compares the result with models of the factors' own.
///
/// The model's predictions for its other factors do not change. A factor that it has already is trained further, for
/// example on the labels of another cell type. The data set must hold out what the model's training did. The factors'
/// own models have the architecture of a config.toml beside the model, unless --config names another one. What is done
/// is not repeated.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The model to extend: model.safetensors.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    training: TrainingArgs,
    /// After the new columns of the head, also train a copy of the shared part for these factors.
    #[arg(long)]
    tune: bool,
    /// How many times each model is trained, from another initialization each time; the first extended one is kept.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// The split to score on; opening the test split is logged.
    #[arg(long, value_enum, default_value_t = ScoredSplit::Valid)]
    score: ScoredSplit,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// The files of a run, the one with its progress first.
const FILES: [&str; 9] = [
    "runs/extended/0/frozen/state.json",
    "model.safetensors",
    "config.toml",
    "runs.tsv",
    "scores.tsv",
    "comparison.tsv",
    "transfer.tsv",
    "learning.tsv",
    "report.html",
];

/// Trains, scores and compares models, and writes the results.
pub fn run(args: &Args) -> Result<()> {
    let (training, out) = (&args.training, &args.training.out);
    let device = device::named(args.device.as_deref())?;
    let base = ModelFile::open(&args.model, &device)?;
    let reference = base.inputs.as_ref().and_then(|inputs| inputs.reference.clone());
    let dataset = training.dataset(reference)?;
    let beside = args.model.with_file_name("config.toml");
    let config = training.configuration(beside.exists().then_some(beside.as_path()))?;
    let setup = Setup::on_device(&dataset, config, &device)?.with_split(args.score.into());
    let new_comparison = || Comparison::new(&setup, &[Strategy::Single]).with_seeds(args.seeds);
    if same_file(&args.model, &out.join("model.safetensors")) {
        let expected = "a folder other than the model's, whose file stays as it is".into();
        return Err(Error::Config { key: "--out".into(), expected, found: out.display().to_string() });
    }
    new_comparison().check()?;
    training.check_or_clear_outputs(&FILES, &["runs"])?;
    let mut comparison = new_comparison().with_folder(out).with_command(command());
    comparison.check()?;
    announce(&setup);
    let budget = setup.config().training.budget;
    for seed in 0..args.seeds {
        let bars = Bars::new(1, budget);
        let extended = Extension::new(&base, &dataset, setup.tasks(), setup.config())
            .with_shared_part(if args.tune { SharedPart::Tuned } else { SharedPart::Frozen })
            .with_seed(seed)
            .with_folder(out.join("runs").join("extended").join(seed.to_string()))
            .with_observer(|event| show(Some(&bars), event))
            .run()?;
        bars.finish();
        if seed == 0 {
            extended.file.save(out.join("model.safetensors"))?;
        }
        comparison = comparison.with_model(extended);
    }
    let outcome = run_with_bars(comparison, budget)?;
    outcome.write(out)?;
    print!("{}", outcome.summary());
    println!("model: {}", out.join("model.safetensors").display());
    Ok(())
}

/// Whether two paths lead to the same existing file.
fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
