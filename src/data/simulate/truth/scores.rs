//! The table of the oracle's scores.

use std::{io::Write, path::Path};

use super::{Truth, line::for_each_row};
use crate::Result;

/// Writes a line for each score.
pub(super) fn write(truth: &Truth, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "tf\tcell\tbin\tscore")?;
    for (factor, cells) in truth.config.factors.list().iter().zip(&truth.oracle) {
        for (cell, scores) in truth.cells.iter().zip(cells) {
            for (bin, score) in scores {
                writeln!(out, "{}\t{cell}\t{bin}\t{score}", factor.name)?;
            }
        }
    }
    Ok(())
}

/// Reads the scores into a truth without any.
pub(super) fn read(truth: &mut Truth, path: &Path) -> Result<()> {
    let bins = truth.bins();
    let (factors, cells, oracle) = (truth.config.factors, &truth.cells, &mut truth.oracle);
    for_each_row(path, |line| {
        let factor = line.known("a factor of the world", |name| factors.index_of(name))?;
        let cell = line.known("a cell type of the world", |name| cells.iter().position(|cell| cell == name))?;
        let bin = line.known("a bin of the grid", |text| text.parse().ok().filter(|bin| (*bin as usize) < bins))?;
        oracle[factor][cell].push((bin, line.number()?));
        Ok(())
    })
}
