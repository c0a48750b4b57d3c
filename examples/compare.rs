//! Trains shared and per-factor models on the same split, and says which is better for which factor.
//!
//! In and out: as for `multitf compare`, with the same arguments, but without the feature `cli`.
//!
//! `cargo run --release --example compare`

#[path = "../src/bin/multitf"]
mod program {
    pub mod compare;
    pub mod inputs;
    pub mod progress;
}

use std::process::ExitCode;

use clap::Parser;

use self::program::{compare, inputs, progress};

/// The start of the command line, as written to files.
const PROGRAM: &str = "cargo run --release --example compare --";

fn main() -> ExitCode {
    multitf::device::keep_memory();
    match compare::run(&compare::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
