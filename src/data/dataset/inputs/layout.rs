//! The tasks and cell types of a data set.

use std::collections::BTreeSet;

use super::label_source::LabelSource;
use crate::{
    Error, Result,
    data::{
        config::{SplitConfig, TaskUnit},
        dataset::task::{Cell, Task},
    },
};

/// The tasks and cell types of a data set, and the place of each track among them.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) tasks: Vec<Task>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) unit: TaskUnit,
}

impl Layout {
    /// Lays out the tasks of some sources. `cells` are further cell types. The only cell type is `*` where tasks are
    /// tracks, and where there is none.
    pub(crate) fn new<'a>(unit: TaskUnit, sources: &'a [LabelSource], cells: impl Iterator<Item = &'a String>) -> Self {
        let tracks = sources.iter().flat_map(|source| source.cells.iter().map(move |cell| (&source.factor, cell)));
        let (tasks, mut names): (_, BTreeSet<&str>) = match unit {
            TaskUnit::Tf => (
                sources.iter().map(|source| Task::for_factor(&source.factor)).collect(),
                tracks.map(|(_, cell)| cell).chain(cells).map(String::as_str).collect(),
            ),
            TaskUnit::Track => (tracks.map(|(factor, cell)| Task::for_track(factor, cell)).collect(), BTreeSet::new()),
        };
        if names.is_empty() {
            names.insert("*");
        }
        Self { tasks, cells: names.into_iter().map(|name| Cell { name: name.to_owned() }).collect(), unit }
    }

    /// Returns the task and cell type of every track, in the sources' order.
    pub(crate) fn places(&self, sources: &[LabelSource]) -> Vec<(usize, usize)> {
        let tracks = sources.iter().enumerate().flat_map(|(i, source)| source.cells.iter().map(move |cell| (i, cell)));
        let cell_index = |name: &str| self.cells.iter().position(|cell| cell.name == name).unwrap_or_default();
        match self.unit {
            TaskUnit::Tf => tracks.map(|(source, cell)| (source, cell_index(cell))).collect(),
            TaskUnit::Track => tracks.enumerate().map(|(track, _)| (track, 0)).collect(),
        }
    }

    /// Resolves the cell types of train, valid and test.
    pub(crate) fn split_cells(&self, split: &SplitConfig) -> Result<[Vec<usize>; 3]> {
        let all: Vec<usize> = (0..self.cells.len()).collect();
        let train = self.resolve("split.train_cells", split.train_cells.as_deref(), &all)?;
        // By default no held-out cell type is used for validation.
        let valid = self.resolve("split.valid_cells", split.valid_cells.as_deref(), &train)?;
        let test = self.resolve("split.test_cells", split.test_cells.as_deref(), &all)?;
        Ok([train, valid, test])
    }

    fn resolve(&self, key: &str, names: Option<&[String]>, default: &[usize]) -> Result<Vec<usize>> {
        let Some(names) = names else { return Ok(default.to_vec()) };
        let expected = "tasks.per = \"tf\" to hold out cell types, since a track has only one";
        Error::unless(self.unit == TaskUnit::Tf, key.to_owned(), expected, format!("{names:?}"))?;
        let known: Vec<&str> = self.cells.iter().map(|cell| &*cell.name).collect();
        let expected = format!("some of {}", known.join(", "));
        Error::unless(!names.is_empty(), key.to_owned(), &*expected, "none")?;
        let index = |name: &String| {
            let index = known.iter().position(|cell| cell == name);
            index.ok_or_else(|| Error::config(key, &*expected, format!("{name:?}")))
        };
        Ok(names.iter().map(index).collect::<Result<BTreeSet<_>>>()?.into_iter().collect())
    }
}

/// Decides what a task is: as configured, or a factor where there is accessibility. `accessible` are its cell types.
pub(crate) fn task_unit(
    configured: Option<TaskUnit>,
    accessible: &BTreeSet<&String>,
    sources: &[LabelSource],
) -> Result<TaskUnit> {
    let labelled: BTreeSet<&String> = sources.iter().flat_map(|source| &source.cells).collect();
    match configured {
        Some(TaskUnit::Track) => Ok(TaskUnit::Track),
        _ if labelled.is_subset(accessible) => Ok(TaskUnit::Tf),
        None if accessible.is_empty() => Ok(TaskUnit::Track),
        Some(TaskUnit::Tf) if accessible.is_empty() && labelled.len() == 1 => Ok(TaskUnit::Tf),
        _ => {
            let only =
                |a: &BTreeSet<&String>, b| a.difference(b).map(|cell| cell.as_str()).collect::<Vec<_>>().join(", ");
            let (lacking, others) = (only(&labelled, accessible), only(accessible, &labelled));
            let others = if others.is_empty() { others } else { format!(", but one for {others}") };
            let expected = "a signal for every cell type with labels (add it, take its labels out, or set \
                            tasks.per = \"track\" to do without accessibility)";
            Err(Error::config("accessibility", expected, format!("none for {lacking}{others}")))
        }
    }
}
