//! Scores 10,000 sequences that are strings in memory with a saved model.
//!
//! In: a model that reads no accessibility (`model.safetensors`), or nothing: then one with random weights is saved first.
//! Out: the best sequence of each task.
//!
//! `cargo run --release --example scoring_strings -- model.safetensors`

use std::{error::Error, path::PathBuf};

use burn::tensor::{Device, Int, Tensor, TensorData};
use multitf::{
    genome::Genome,
    nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::default();
    let path = std::env::args().nth(1).map_or_else(|| random_model(&device), |path| Ok(path.into()))?;
    let file = ModelFile::open(path, &device)?;
    let length = file.config.trunk.context_bp;
    let strings = random_strings(10_000, length);

    // A genome of many short chromosomes knows the letters of DNA, and refuses others.
    let genome = Genome::from_sequences(strings.iter().enumerate().map(|(i, text)| (i.to_string(), text)))?;
    let mut scores = Vec::new();
    for first in (0..strings.len()).step_by(256) {
        let batch = first..strings.len().min(first + 256);
        let mut codes = vec![0; batch.len() * length];
        for (sequence, codes) in batch.clone().zip(codes.chunks_exact_mut(length)) {
            genome.decode(sequence, 0, codes);
        }
        let codes: Vec<i32> = codes.into_iter().map(i32::from).collect();
        let codes = Tensor::<2, Int>::from_data(TensorData::new(codes, [batch.len(), length]), &device);
        scores.extend(file.model.bound_log_odds(codes, None).into_data().iter::<f32>());
    }

    println!("{} strings of {length} bases", scores.len() / file.tasks.len());
    for (task, name) in file.tasks.iter().enumerate() {
        let of_task = scores.iter().skip(task).step_by(file.tasks.len()).enumerate();
        if let Some((best, score)) = of_task.max_by(|a, b| a.1.total_cmp(b.1)) {
            println!("{name}: log-odds of at most {score:.3}, of string {best}, {}...", &strings[best][..20]);
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
