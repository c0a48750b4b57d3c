//! Trains one model for all factors of a data set.
//!
//! In: a data set (`--data DIR/dataset.toml`). Out, in the folder `--out`: `model.safetensors`, which `multitf predict`
//! takes, `log.tsv` with the looks at the validation split, `conflicts.tsv`, `config.toml`, and checkpoints from which an
//! interrupted run goes on.

use multitf::{Result, device, train::Fit};

use crate::{
    progress::Bars,
    training::{Training, learnable},
};

/// Trains one model for all factors, and saves it.
///
/// What is done is not done again: interrupt it and start it anew. It says how good the model is on the validation split, which
/// has decided when training stops: whether sharing a model is a good idea is what `multitf compare` says.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    training: Training,
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

/// The files of a run, that which says where it stands first.
const FILES: [&str; 5] = ["state.json", "config.toml", "log.tsv", "conflicts.tsv", "model.safetensors"];

/// Trains a model, or goes on with it.
pub fn run(args: &Args) -> Result<()> {
    let Training { seed, out, .. } = &args.training;
    let device = device::named(args.device.as_deref())?;
    let config = args.training.configuration()?;
    let dataset = args.training.dataset()?;
    let tasks = learnable(&dataset, config.architecture.context_bp);
    args.training.claim(&FILES)?;
    eprintln!("training on {}", device::describe(&device));
    let bars = Bars::new(1, config.training.budget);
    let fitted = Fit::new(&dataset, &tasks, &config, *seed, &device)
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
