//! Trains a shared model with burn's own `SupervisedTraining` on a small simulated world.
//!
//! In: nothing. Out, in the folder `--out` (default: `out/burn-train`): the world, burn's logs, a checkpoint of each
//! epoch, and the last model as `model.safetensors`.
//!
//! `cargo run --release --features train --example burn_train`

use std::{error::Error, path::PathBuf, sync::Arc};

use burn::{
    data::dataloader::DataLoaderBuilder,
    optim::AdamWConfig,
    train::{
        Learner, MetricEarlyStoppingStrategy, StoppingCondition, SupervisedTraining,
        metric::{
            LossMetric,
            store::{Aggregate, Direction, Split as Part},
        },
    },
};
use clap::Parser;
use multitf::{
    data::{Dataset, Sampler, SamplerConfig, Split},
    device,
    nn::{Architecture, DataSummary, LabelLossConfig, ModelFile, ModelInputs},
    simulate::{SimulationConfig, simulate},
    train::supervised::{DrawBatcher, EpochLoader, ModelWithLoss, TrackMean},
};

const SEED: u64 = 0;
const EPOCHS: usize = 8;
const RATE: f64 = 1e-3;

/// Trains a shared model with burn's own `SupervisedTraining` on a small simulated world.
#[derive(Parser)]
#[command(version, about, long_about)]
struct Args {
    /// The device to train on [default: `$BURN_DEVICE`, or the first that was compiled in].
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// The folder for everything that is written.
    #[arg(long, value_name = "DIR", default_value = "out/burn-train")]
    out: PathBuf,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Args { device, out } = Args::parse();
    simulate(&SimulationConfig::default(), out.join("world"))?;
    let dataset = Arc::new(Dataset::open(out.join("world/dataset.toml"))?);
    let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
    let (device, architecture) = (device::named(device.as_deref())?, Architecture::default());
    println!("training on {}", device::describe(&device));
    let context_bp = architecture.context_bp;

    let sampler = Sampler::new(&dataset, &tasks, context_bp, &SamplerConfig::default(), SEED)?;
    let summary = DataSummary {
        shares: tasks.iter().map(|&task| sampler.shares(task)).collect(),
        tracks: usize::from(dataset.has_signal()),
        profiles: dataset.motifs().map_or_else(Vec::new, |motifs| motifs.iter().cloned().collect()),
        base_frequencies: dataset.genome().base_frequencies(),
    };
    let priors = tasks.iter().map(|&task| sampler.prior(task)).collect();
    let model = architecture.build(&summary, SEED, &device)?;
    let loss = LabelLossConfig::new().init(&model.head);

    let batcher = DrawBatcher::new(dataset.clone(), &tasks, context_bp);
    let train = EpochLoader::new(sampler, batcher.clone().with_reverse_complement(SEED), 128, &device);
    let valid = dataset.samples_for(&tasks, Split::Valid, context_bp)?;
    let valid = DataLoaderBuilder::new(batcher).batch_size(256).num_workers(1).set_device(device).build(valid);

    let precision = TrackMean::average_precision();
    let stopping = MetricEarlyStoppingStrategy::new(
        &precision,
        Aggregate::Mean,
        Direction::Highest,
        Part::Valid,
        StoppingCondition::NoImprovementSince { n_epochs: 3 },
    );
    let optimizer = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.01).init();
    let result = SupervisedTraining::new(&out, Arc::new(train), valid)
        .metrics((LossMetric::new(),))
        .metric_valid_numeric(precision)
        .metric_valid_numeric(TrackMean::auroc())
        .with_default_checkpointers()
        .early_stopping(stopping)
        .num_epochs(EPOCHS)
        .summary()
        .launch(Learner::new(ModelWithLoss::new(model, loss, SEED), optimizer, RATE));
    if let Some(error) = result.error {
        return Err(error.to_string().into());
    }

    let names = tasks.iter().map(|&task| dataset.tasks()[task].name.clone()).collect();
    let config = architecture.configure(&summary, SEED);
    let inputs = Some(ModelInputs::new(&dataset, priors));
    ModelFile { config, tasks: names, inputs, model: result.model.model }.save(out.join("model.safetensors"))?;
    Ok(())
}
