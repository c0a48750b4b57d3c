//! Multi-task deep learning for transcription-factor binding, from the command line.

mod baseline;
mod compare;
mod existing;
mod explain;
mod extend;
mod inputs;
mod model_data;
mod predict;
mod progress;
mod simulate;
mod thread;
mod train;
mod training;
mod variants;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The start of the command line, as written to files.
const PROGRAM: &str = "multitf";

/// Multi-task deep learning for transcription-factor binding.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Simulate(simulate::Args),
    Compare(Box<compare::Args>),
    Thread(Box<thread::Args>),
    Predict(Box<predict::Args>),
    Train(Box<train::Args>),
    Extend(Box<extend::Args>),
    Explain(Box<explain::Args>),
    Variants(Box<variants::Args>),
    Baseline(Box<baseline::Args>),
}

fn main() -> ExitCode {
    multitf::device::keep_memory();
    let outcome = match Args::parse().command {
        Command::Simulate(args) => simulate::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Thread(args) => thread::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Extend(args) => extend::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Variants(args) => variants::run(&args),
        Command::Baseline(args) => baseline::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
