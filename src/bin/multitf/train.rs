//! Trains one model for all factors of a data set.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `model.safetensors`, which `multitf predict`
//! reads, `log.tsv` with the scores on the validation split, `conflicts.tsv`, `config.toml`, and checkpoints from which
//! an interrupted run is resumed.

use multitf::{Result, device, strategy::Setup, train::Fit};

use crate::{inputs::announce, progress::Bars, training::TrainingArgs};

/// Trains one model for all factors, and saves it.
///
/// Call it again to resume an interrupted run. The printed score is for the validation split, which decides when
/// training stops. To find out whether sharing a model is a good idea, use `multitf compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    training: TrainingArgs,
    /// The seed of draws and initial weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// The files of a run, the one with its progress first.
const FILES: [&str; 5] = ["state.json", "config.toml", "log.tsv", "conflicts.tsv", "model.safetensors"];

/// Trains a model, or resumes its training.
pub fn run(args: &Args) -> Result<()> {
    let (training, out) = (&args.training, &args.training.out);
    let device = device::named(args.device.as_deref())?;
    let dataset = training.dataset(None)?;
    let setup = Setup::on_device(&dataset, training.configuration(None)?, &device)?;
    Fit::new(&dataset, setup.tasks(), setup.config(), args.seed, &device).check()?;
    training.check_or_clear_outputs(&FILES, &[])?;
    announce(&setup);
    let bars = Bars::new(1, setup.config().training.budget);
    let fitted = Fit::new(&dataset, setup.tasks(), setup.config(), args.seed, &device)
        .with_folder(out)
        .with_observer(|progress| bars.update(0, "", progress))
        .run()?;
    bars.finish();
    println!(
        "average precision {:.3} on the validation split, {} draws, {:.0} s",
        fitted.average_precision, fitted.draws, fitted.seconds
    );
    println!("model: {}", out.join("model.safetensors").display());
    Ok(())
}
