//! The table of all variants.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{Unscored, VariantEffect, VariantValue, output::Output};
use crate::{Result, data::check_name, file::at, genome::VcfRecord, predict::TrackValue};

/// A table with a row for each alternative, and a column for each task and value.
pub(super) struct Table {
    path: PathBuf,
    output: Output,
    values: Vec<VariantValue>,
    unit: TrackValue,
    tasks: usize,
}

impl Table {
    /// Writes the first line. The columns of a single value have the names of the tasks; those of several, also of the
    /// values.
    pub(super) fn create(path: &Path, tasks: &[&str], values: &[VariantValue], unit: TrackValue) -> Result<Self> {
        for task in tasks {
            check_name("the name of a task", task)?;
        }
        let mut output = Output::create(path)?;
        let column = |task: &str, value: &VariantValue| match values {
            [_] => format!("\t{task}"),
            _ => format!("\t{task}.{}", value.word()),
        };
        let columns: String = tasks.iter().flat_map(|task| values.iter().map(|value| column(task, value))).collect();
        writeln!(output, "chromosome\tposition\tid\treference\talternative\tskipped{columns}").map_err(at(path))?;
        Ok(Self { path: path.to_owned(), output, values: values.to_vec(), unit, tasks: tasks.len() })
    }

    /// Writes the rows of some records.
    pub(super) fn write(
        &mut self,
        records: &[VcfRecord],
        effects: &[Vec<Result<VariantEffect, Unscored>>],
    ) -> Result<()> {
        let both = records.par_iter().zip(effects);
        let rows: Vec<Vec<u8>> = both.map(|(record, effects)| self.rows(record, effects)).collect();
        rows.iter().try_for_each(|rows| self.output.write_all(rows)).map_err(at(&self.path))
    }

    /// The rows of a record.
    fn rows(&self, record: &VcfRecord, effects: &[Result<VariantEffect, Unscored>]) -> Vec<u8> {
        let mut rows = Vec::new();
        for (alternative, effect) in record.column(4).split(|&byte| byte == b',').zip(effects) {
            for column in 0..4 {
                rows.extend_from_slice(record.column(column));
                rows.push(b'\t');
            }
            rows.extend_from_slice(alternative);
            let skipped = effect.as_ref().err().map_or("", |skipped| skipped.word());
            // Writing to memory cannot fail.
            let _ = write!(rows, "\t{skipped}");
            for (task, value) in (0..self.tasks).flat_map(|task| self.values.iter().map(move |value| (task, value))) {
                let _ = match effect {
                    Ok(effect) => write!(rows, "\t{}", effect.value(task, *value, self.unit)),
                    Err(_) => write!(rows, "\tNA"),
                };
            }
            rows.push(b'\n');
        }
        rows
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<()> {
        self.output.finish(&self.path)
    }
}
