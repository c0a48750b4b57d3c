//! The table of the best possible scores.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{best_scores::BinScores, line::for_each_row};
use crate::{Result, simulate::SimulationConfig};

/// Writes a line for each score; they are by factor and cell type.
pub(super) fn write(config: &SimulationConfig, scores: &[Vec<BinScores>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "tf\tcell\tbin\tscore")?;
    let names = config.cell_names();
    for (factor, cells) in config.factors.list().iter().zip(scores) {
        for (cell, scores) in names.iter().zip(cells) {
            for (bin, score) in scores {
                writeln!(out, "{}\t{cell}\t{bin}\t{score}", factor.name)?;
            }
        }
    }
    Ok(())
}

/// Reads the scores, by factor and cell type.
pub(super) fn read(config: &SimulationConfig, path: &Path) -> Result<Vec<Vec<BinScores>>> {
    let (factors, cells, bins) = (config.factors, config.cell_names(), config.bins());
    let mut scores = vec![vec![BinScores::new(); cells.len()]; factors.list().len()];
    for_each_row(path, |line| {
        let factor = line.field("a factor of the world", |name| factors.index_of(name))?;
        let cell = line.field("a cell type of the world", |name| cells.iter().position(|cell| cell == name))?;
        let bin = line.field("a bin of the grid", |text| text.parse().ok().filter(|bin| (*bin as usize) < bins))?;
        scores[factor][cell].push((bin, line.number()?));
        Ok(())
    })?;
    Ok(scores)
}
