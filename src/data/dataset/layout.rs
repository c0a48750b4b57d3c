//! Which outputs and cell types a data set has.

use std::collections::BTreeSet;

use super::{Cell, Task, sources::Source};
use crate::{
    Error, Result,
    data::config::{DatasetConfig, SplitConfig, TaskUnit},
};

/// The outputs and cell types of a data set, and where each track of labels belongs.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) tasks: Vec<Task>,
    pub(super) cells: Vec<Cell>,
    pub(super) unit: TaskUnit,
}

impl Layout {
    pub(super) fn new(unit: TaskUnit, config: &DatasetConfig, sources: &[Source]) -> Self {
        let (tasks, cells): (Vec<_>, Vec<_>) = match unit {
            TaskUnit::Tf => (sources.iter().map(factor_task).collect(), shared_cells(config, sources)),
            TaskUnit::Track => (sources.iter().flat_map(track_tasks).collect(), vec!["*".to_owned()]),
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
        Ok([
            self.resolve("split.train_cells", split.train_cells.as_deref())?,
            self.resolve("split.valid_cells", split.valid_cells.as_deref())?,
            self.resolve("split.test_cells", split.test_cells.as_deref())?,
        ])
    }

    fn resolve(&self, key: &str, names: Option<&[String]>) -> Result<Vec<usize>> {
        let Some(names) = names else { return Ok((0..self.cells.len()).collect()) };
        let error = |expected, found| Error::Config { key: key.to_owned(), expected, found };
        if self.unit == TaskUnit::Track {
            let expected = "tasks.per = \"tf\", since a task of one cell type has no other to hold out".to_owned();
            return Err(error(expected, format!("{names:?}")));
        }
        let known = || self.cells.iter().map(|cell| &*cell.name).collect::<Vec<_>>().join(", ");
        let index = |name: &String| {
            let index = self.cells.iter().position(|cell| cell.name == *name);
            index.ok_or_else(|| error(format!("some of {}", known()), format!("{name:?}")))
        };
        Ok(names.iter().map(index).collect::<Result<BTreeSet<_>>>()?.into_iter().collect())
    }

    /// What is worth saying about files that are not used.
    pub(super) fn notes(&self, config: &DatasetConfig) -> Vec<String> {
        let has_tracks = config.accessibility.as_ref().is_some_and(|all| !all.tracks.is_empty());
        let unused = self.unit == TaskUnit::Track && has_tracks;
        let note = "accessibility is not used, since a task is a factor in one cell type";
        unused.then(|| note.to_owned()).into_iter().collect()
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

/// What a task is: as configured, or a factor where every cell type has an accessibility track.
pub(super) fn task_unit(config: &DatasetConfig, sources: &[Source]) -> Result<TaskUnit> {
    let labelled: BTreeSet<_> = sources.iter().flat_map(|source| &source.cells).collect();
    let has_track = |cell: &String| config.accessibility.as_ref().is_some_and(|all| all.tracks.contains_key(cell));
    let lacking: Vec<_> = labelled.iter().copied().filter(|&cell| !has_track(cell)).cloned().collect();
    match config.tasks.per {
        None if lacking.is_empty() => Ok(TaskUnit::Tf),
        None | Some(TaskUnit::Track) => Ok(TaskUnit::Track),
        Some(TaskUnit::Tf) if lacking.is_empty() || (labelled.len() == 1 && config.accessibility.is_none()) => {
            Ok(TaskUnit::Tf)
        }
        Some(TaskUnit::Tf) => Err(Error::Config {
            key: "accessibility".to_owned(),
            expected: "a track for every cell type with labels, as tasks.per is \"tf\"".to_owned(),
            found: format!("none for {}", lacking.join(", ")),
        }),
    }
}

/// All cell types with labels or accessibility.
fn shared_cells(config: &DatasetConfig, sources: &[Source]) -> Vec<String> {
    let labelled = sources.iter().flat_map(|source| source.cells.iter().cloned());
    let tracks = config.accessibility.iter().flat_map(|all| all.tracks.keys().cloned());
    labelled.chain(tracks).collect::<BTreeSet<_>>().into_iter().collect()
}
