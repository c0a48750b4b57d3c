//! Multi-task deep learning for transcription-factor binding, from the command line.

mod common;
mod compare;
mod inputs;
mod predict;
mod progress;
mod thread;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The words before the arguments of a call, as notes of it in files have them.
const PROGRAM: &str = "multitf";

/// Multi-task deep learning for transcription-factor binding.
///
/// Models are trained from a data set (dataset.toml), or from a small simulated one where none is given.
#[derive(Parser)]
#[command(version, about, long_about)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Compare(Box<compare::Args>),
    Thread(Box<thread::Args>),
    Predict(Box<predict::Args>),
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Compare(args) => compare::run(&args),
        Command::Thread(args) => thread::run(&args),
        Command::Predict(args) => predict::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
