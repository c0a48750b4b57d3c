//! A small training, and its score.

use burn::tensor::Device;
use multitf::{
    Result,
    data::{Dataset, Split},
    eval::Evaluation,
    train::{Fit, RunConfig},
};

/// Trains with each seed.
pub fn scores(dataset: &Dataset, tasks: &[usize], config: &RunConfig, device: &Device, seeds: u64) -> Result<Vec<f64>> {
    (0..seeds).map(|seed| score(dataset, tasks, config, device, seed)).collect()
}

/// Trains, and returns the mean area under the precision-recall curve of the tracks of the test split, which training
/// does not use.
pub fn score(dataset: &Dataset, tasks: &[usize], config: &RunConfig, device: &Device, seed: u64) -> Result<f64> {
    let fitted = Fit::new(dataset, tasks, config, seed, device).run()?;
    let test = Evaluation::new(dataset, Split::Test, config.architecture.context_bp)?;
    let rows = test.score("", seed, &test.predict_tasks(&fitted.model, tasks)?)?;
    let areas: Vec<f64> = rows.iter().filter_map(|row| row.auprc).collect();
    Ok(areas.iter().sum::<f64>() / areas.len() as f64)
}
