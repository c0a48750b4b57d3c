//! Trains one model for all factors of a data set.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `model.safetensors`, which `multitf predict`
//! takes, `log.tsv` with the looks at the validation split, `conflicts.tsv`, `config.toml`, and checkpoints from which an
//! interrupted run goes on.

use multitf::{Result, device, strategy::Setup, train::Fit};

use crate::{inputs::announce, progress::Bars, training::Training};

/// Trains one model for all factors, and saves it.
///
/// What is done is not done again: interrupt it and start it anew. It says how good the model is on the validation split, which
/// has decided when training stops: whether sharing a model is a good idea is what `multitf compare` says.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    training: Training,
    /// The seed of draws and starting weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// The files of a run, that which says where it stands first.
const FILES: [&str; 5] = ["state.json", "config.toml", "log.tsv", "conflicts.tsv", "model.safetensors"];

/// Trains a model, or goes on with it.
pub fn run(args: &Args) -> Result<()> {
    let (training, out) = (&args.training, &args.training.out);
    let device = device::named(args.device.as_deref())?;
    let dataset = training.dataset()?;
    let setup = Setup::on_device(&dataset, training.configuration()?, &device)?;
    Fit::new(&dataset, setup.tasks(), setup.config(), args.seed, &device).check()?;
    training.claim(&FILES, &[])?;
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
