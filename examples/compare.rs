//! Trains shared and per-factor models on the same split at equal budget, and says which is better for which factor.
//!
//! It is `multitf compare` without a feature to turn on: the same arguments, the same files.

#[path = "../src/bin/multitf"]
mod program {
    pub mod common;
    pub mod compare;
    pub mod inputs;
    pub mod progress;
    pub mod world;
}

use std::process::ExitCode;

use clap::Parser;

use self::program::{common, compare, inputs, progress, world};

/// The words before the arguments of a call, as notes of it in files have them.
const PROGRAM: &str = "cargo run --release --example compare --";

fn main() -> ExitCode {
    match compare::run(&compare::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
