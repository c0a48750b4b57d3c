//! Compares every backend that was compiled in with the first: outputs, losses, gradients, and what training finds.
//!
//! In: nothing; a small world is simulated. Out, in the folder `--out`: `backends.md`: the table that is printed.
//!
//! `cargo run --release --features ndarray,wgpu --example backends`

mod args;
mod grid;
mod parity;
mod row;
mod training;

use std::{fs, path::Path, process::ExitCode};

use burn::tensor::Device;
use clap::Parser;
use multitf::{
    Error, Result,
    data::Dataset,
    device,
    simulate::{SimulationConfig, simulate},
};

use crate::{args::Args, row::Row};

fn main() -> ExitCode {
    match compare(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(args: &Args) -> Result<()> {
    let names = args.devices();
    let devices: Vec<Device> = names.iter().map(|name| device::named(Some(name))).collect::<Result<_>>()?;
    for device in &devices {
        eprintln!("{}", device::describe(device));
    }
    let Some((reference, others)) = devices.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(Error::Config {
            key: "device".into(),
            expected: "two or more".into(),
            found: format!("{} (others are Cargo features)", names.join(", ")),
        });
    };
    let world = SimulationConfig { total_bases: args.bases, ..SimulationConfig::default() };
    simulate(&world, args.out.join("world"))?;
    let dataset = Dataset::open(args.out.join("world/dataset.toml"))?;
    let tasks: Vec<usize> = (0..dataset.tasks().len()).collect();
    let mut table = format!("{}\n", Row::heading());
    print!("{table}");
    for model in args.models() {
        let config = grid::config(model.0, model.1, args.budget);
        let probe = parity::Probe::new(&dataset, &tasks, &config)?;
        let expected = probe.outcome(reference)?;
        let scores = training::scores(&dataset, &tasks, &config, reference, args.seeds)?;
        for other in others {
            let deviation = probe.outcome(other)?.deviation(&expected);
            let score = training::score(&dataset, &tasks, &config, other, 0)?;
            let line = Row::new(other, model, &deviation, score, &scores).line();
            println!("{line}");
            table.push_str(&line);
            table.push('\n');
        }
    }
    write(&args.out.join("backends.md"), &table)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let partial = path.with_extension("part");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    written.map_err(|source| Error::Io { path: path.to_owned(), source })
}
