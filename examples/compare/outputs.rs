//! Tables, report and what is printed.

use std::fs;

use multitf::{
    Error, Result,
    eval::{mean::ModelMean, plain, report::Report, table},
};

use crate::{args::Args, contest::Contest, setting::Setting};

/// Writes all files, and prints the tables.
pub fn write(args: &Args, setting: &Setting, contest: &Contest) -> Result<()> {
    let config = config_text(setting)?;
    let path = args.out.join("config.toml");
    fs::write(&path, &config).map_err(|source| Error::Io { path, source })?;
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

/// The configuration, below the command that it belongs to.
fn config_text(setting: &Setting) -> Result<String> {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let text = toml::to_string(&setting.config).map_err(|error| Error::Config {
        key: "config.toml".into(),
        expected: "settings that TOML can hold".into(),
        found: error.to_string(),
    })?;
    Ok(format!("# cargo run --release --example compare -- {}\n{text}", command.join(" ")))
}
