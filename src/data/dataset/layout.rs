//! Which outputs and cell types a data set has.

use std::collections::BTreeSet;

use super::{Cell, Task, sources::Source};
use crate::{
    Error, Result,
    data::config::{SplitConfig, TaskUnit},
};

/// What there are labels or accessibility of.
pub(super) struct Measured<'a> {
    pub(super) sources: &'a [Source],
    /// Cell types with accessibility.
    pub(super) accessible: &'a [&'a String],
    /// A cell type that is named beside them.
    pub(super) named: Option<&'a String>,
}

/// The outputs and cell types of a data set, and where each track of labels belongs.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) tasks: Vec<Task>,
    pub(super) cells: Vec<Cell>,
    pub(super) unit: TaskUnit,
}

impl Layout {
    pub(super) fn new(unit: TaskUnit, measured: &Measured<'_>) -> Self {
        let (tasks, cells): (Vec<_>, Vec<_>) = match unit {
            TaskUnit::Tf => (measured.sources.iter().map(factor_task).collect(), cell_names(measured)),
            TaskUnit::Track => (measured.sources.iter().flat_map(track_tasks).collect(), vec!["*".to_owned()]),
        };
        Self { tasks, cells: cells.into_iter().map(|name| Cell { name }).collect(), unit }
    }

    /// Task and cell type of every track, in the sources' order.
    pub(super) fn places(&self, sources: &[Source]) -> Vec<(usize, usize)> {
        let tracks = sources.iter().enumerate().flat_map(|(i, source)| source.cells.iter().map(move |cell| (i, cell)));
        let cell_index = |name: &str| self.cells.iter().position(|cell| cell.name == name).unwrap_or_default();
        match self.unit {
            TaskUnit::Tf => tracks.map(|(source, cell)| (source, cell_index(cell))).collect(),
            TaskUnit::Track => tracks.enumerate().map(|(track, _)| (track, 0)).collect(),
        }
    }

    /// Resolves the cell types of train, valid and test.
    pub(super) fn split_cells(&self, split: &SplitConfig) -> Result<[Vec<usize>; 3]> {
        let all: Vec<usize> = (0..self.cells.len()).collect();
        let train = self.resolve("split.train_cells", split.train_cells.as_deref(), &all)?;
        // Whoever holds out a cell type wants nothing to be chosen on it either.
        let valid = self.resolve("split.valid_cells", split.valid_cells.as_deref(), &train)?;
        let test = self.resolve("split.test_cells", split.test_cells.as_deref(), &all)?;
        Ok([train, valid, test])
    }

    fn resolve(&self, key: &str, names: Option<&[String]>, default: &[usize]) -> Result<Vec<usize>> {
        let Some(names) = names else { return Ok(default.to_vec()) };
        let error = |expected, found| Error::Config { key: key.to_owned(), expected, found };
        if self.unit == TaskUnit::Track {
            let expected = "tasks.per = \"tf\", since a task of one cell type has no other to hold out".to_owned();
            return Err(error(expected, format!("{names:?}")));
        }
        let known = || self.cells.iter().map(|cell| &*cell.name).collect::<Vec<_>>().join(", ");
        if names.is_empty() {
            return Err(error(format!("some of {}", known()), "none".to_owned()));
        }
        let index = |name: &String| {
            let index = self.cells.iter().position(|cell| cell.name == *name);
            index.ok_or_else(|| error(format!("some of {}", known()), format!("{name:?}")))
        };
        Ok(names.iter().map(index).collect::<Result<BTreeSet<_>>>()?.into_iter().collect())
    }

    /// What is worth saying about files that are not used.
    pub(super) fn notes(&self, has_accessibility: bool) -> Option<String> {
        let unused = self.unit == TaskUnit::Track && has_accessibility;
        let note = "accessibility is not used, since a task is a factor in one cell type";
        unused.then(|| note.to_owned())
    }
}

fn factor_task(source: &Source) -> Task {
    Task { name: source.factor.clone(), factor: source.factor.clone(), cell: None }
}

fn track_tasks(source: &Source) -> impl Iterator<Item = Task> {
    source.cells.iter().map(|cell| Task {
        name: format!("{}@{cell}", source.factor),
        factor: source.factor.clone(),
        cell: Some(cell.clone()),
    })
}

/// What a task is: as configured, or a factor where there is accessibility.
pub(super) fn task_unit(given: Option<TaskUnit>, tracks: &[&String], sources: &[Source]) -> Result<TaskUnit> {
    let labelled: BTreeSet<_> = sources.iter().flat_map(|source| &source.cells).collect();
    let lacking: Vec<&str> = labelled.iter().filter(|cell| !tracks.contains(cell)).map(|cell| cell.as_str()).collect();
    match given {
        Some(TaskUnit::Track) => Ok(TaskUnit::Track),
        _ if lacking.is_empty() => Ok(TaskUnit::Tf),
        None if tracks.is_empty() => Ok(TaskUnit::Track),
        Some(TaskUnit::Tf) if tracks.is_empty() && labelled.len() == 1 => Ok(TaskUnit::Tf),
        _ => {
            let others: Vec<&str> =
                tracks.iter().filter(|cell| !labelled.contains(*cell)).map(|cell| cell.as_str()).collect();
            let others = if others.is_empty() { String::new() } else { format!(", but one for {}", others.join(", ")) };
            Err(Error::Config {
                key: "accessibility".to_owned(),
                expected: "a track for every cell type with labels (add it, take its labels out, or set \
                           tasks.per = \"track\" to do without accessibility)"
                    .to_owned(),
                found: format!("none for {}{others}", lacking.join(", ")),
            })
        }
    }
}

/// All cell types with labels or accessibility; a star where none has a name.
fn cell_names(measured: &Measured<'_>) -> Vec<String> {
    let labelled = measured.sources.iter().flat_map(|source| &source.cells);
    let names: BTreeSet<String> =
        labelled.chain(measured.accessible.iter().copied()).chain(measured.named).cloned().collect();
    if names.is_empty() { vec!["*".to_owned()] } else { names.into_iter().collect() }
}
