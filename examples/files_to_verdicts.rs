//! Should these factors share a model? From a data set in files to a verdict for each factor.
//!
//! In: a data set (`dataset.toml`), or nothing: then a small world is simulated. Out: for each factor the difference
//! between the shared model with the recipe and a model of its own, and the folder with the report.
//!
//! `cargo run --release --example files_to_verdicts -- DIR/dataset.toml`

use std::path::PathBuf;

use multitf::{
    Result,
    data::Dataset,
    simulate::{SimulationConfig, simulate},
    strategy::{Comparison, Setup, Strategy},
    train::RunConfig,
};

fn main() -> Result<()> {
    let path = if let Some(path) = std::env::args().nth(1) { path.into() } else { world()? };
    let dataset = Dataset::open(path)?;
    let out = PathBuf::from("out/verdicts").join(dataset.name());
    let setup = Setup::new(&dataset, RunConfig::default().with_budget(2000))?;
    let outcome = Comparison::new(&setup, &[Strategy::Recipe, Strategy::Single])
        .with_seeds(2)
        .with_folder(&out)
        .with_observer(|event| eprintln!("{event}"))
        .run()?;
    for row in &outcome.comparisons {
        let reason = row.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        println!("{} {}: {:+.3?} {:?}{reason}", row.tf, row.cell, row.delta, row.verdict);
    }
    outcome.write(&out)?;
    println!("report: {}", out.join("report.html").display());
    Ok(())
}

fn world() -> Result<PathBuf> {
    let folder = PathBuf::from("out/verdicts/world");
    simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, &folder)?;
    Ok(folder.join("dataset.toml"))
}
