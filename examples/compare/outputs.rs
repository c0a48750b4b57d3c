//! Tables, report and what is printed.

use std::fs;

use multitf::{
    Error, Result,
    eval::{mean::ModelMean, plain, report::Report, table},
};

use crate::{args::Args, contest::Contest, setting::Setting};

/// Writes all files, and prints the tables.
pub fn write(args: &Args, setting: &Setting, contest: &Contest) -> Result<()> {
    let path = args.out.join("config.toml");
    let command: Vec<String> = std::env::args().skip(1).collect();
    setting.config.save(&path, &format!("cargo run --release --example compare -- {}", command.join(" ")))?;
    let config = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    table::write(args.out.join("comparison.tsv"), &contest.comparisons)?;
    let report = Report {
        title: &format!("{}: {} tasks", setting.dataset.name(), setting.tasks.len()),
        config: &config,
        notes: &setting.notes,
        scores: &contest.scores,
        runs: &contest.runs,
        comparisons: &contest.comparisons,
    };
    let path = args.out.join("report.html");
    report.write(&path)?;
    print!("{}", plain::means(&ModelMean::all(&contest.scores)));
    print!("{}", plain::comparison(&contest.comparisons));
    println!("report: {}", path.display());
    Ok(())
}
