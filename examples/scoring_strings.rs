//! Scores 10,000 sequences that are strings in memory with a saved model.
//!
//! In: a model that reads no accessibility (`model.safetensors`), or nothing: then one with random weights is saved
//! first. Out: the best sequence of each task.
//!
//! `cargo run --release --example scoring_strings -- model.safetensors`

use std::{error::Error, path::PathBuf};

use burn::tensor::Device;
use multitf::nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::default();
    let path = std::env::args().nth(1).map_or_else(|| random_model(&device), |path| Ok(path.into()))?;
    let file = ModelFile::open(path, &device)?;
    let strings = random_strings(10_000, file.config.trunk.context_bp);

    let scores = file.score(&strings, None)?;
    for (task, values) in scores.tasks.iter().zip(&scores.values) {
        let best = values.iter().zip(&strings).max_by(|a, b| a.0.total_cmp(b.0));
        if let Some((score, string)) = best {
            println!("{task}: log-odds of at most {score:.3} in {} strings, of {}...", values.len(), &string[..20]);
        }
    }
    Ok(())
}

fn random_strings(count: usize, length: usize) -> Vec<String> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
    let mut string = || (0..length).map(|_| ['A', 'C', 'G', 'T'][random.random_range(0..4)]).collect();
    (0..count).map(|_| string()).collect()
}

fn random_model(device: &Device) -> multitf::Result<PathBuf> {
    let path = std::env::temp_dir().join("multitf-random-model.safetensors");
    let config = ModelConfig::new(TrunkConfig::new(200, MotifConvConfig::new(64, 15)), 2);
    let model = config.init(device);
    ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model }.save(&path)?;
    Ok(path)
}
