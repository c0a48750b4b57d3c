//! Tables, report and what is printed.

use std::fs;

use multitf::{
    Error, Result,
    eval::{mean::ModelMean, plain, report::Report, table},
};

use super::contest::Outcome;
use crate::setting::Setting;

/// Writes all files, and prints the tables.
pub fn write(setting: &Setting, contest: &Outcome) -> Result<()> {
    let path = setting.out.join("config.toml");
    let config = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    table::write(setting.out.join("comparison.tsv"), &contest.comparisons)?;
    table::write(setting.out.join("transfer.tsv"), &contest.transfers)?;
    table::write(setting.out.join("learning.tsv"), &contest.learning)?;
    let report = Report {
        title: &format!("{}: {} tasks", setting.dataset.name(), setting.tasks.len()),
        config: &config,
        notes: &setting.notes,
        scores: &contest.scores,
        runs: &contest.runs,
        comparisons: &contest.comparisons,
        transfers: &contest.transfers,
        learning: &contest.learning,
        conflicts: contest.conflicts.as_ref(),
    };
    let path = setting.out.join("report.html");
    report.write(&path)?;
    let means = ModelMean::all(&contest.scores);
    print!("{}", plain::means(&means));
    if means.iter().any(|mean| mean.tracks != means[0].tracks) {
        println!("(means over other tracks do not compare: the differences below are over common tracks)");
    }
    print!("{}", plain::comparison(&contest.comparisons));
    println!("report: {}", path.display());
    Ok(())
}
