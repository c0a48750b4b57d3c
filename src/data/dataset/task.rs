//! The outputs of a model, the cell types, and the tracks of labels.

/// One output of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The factor's name, or `FACTOR@CELL` where a task is a track.
    pub name: String,
    /// The factor.
    pub factor: String,
    /// The cell type, where a task is a track.
    pub cell: Option<String>,
}

impl Task {
    /// Makes the task of a factor.
    pub(super) fn for_factor(factor: &str) -> Self {
        Self { name: factor.to_owned(), factor: factor.to_owned(), cell: None }
    }

    /// Makes the task of a factor in one cell type.
    pub(super) fn for_track(factor: &str, cell: &str) -> Self {
        Self { name: format!("{factor}@{cell}"), factor: factor.to_owned(), cell: Some(cell.to_owned()) }
    }
}

/// A cell type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The name; `*` where a task is a track, and the model sees no difference between cell types.
    pub name: String,
}

/// A factor in a cell type where it was measured: the unit of labels and of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track<'a> {
    /// The index of the task in [`Dataset::tasks`](super::Dataset::tasks).
    pub task: usize,
    /// The index of the cell type in [`Dataset::cells`](super::Dataset::cells).
    pub cell: usize,
    /// The factor's name.
    pub factor_name: &'a str,
    /// The cell type's name, also where a task is a track.
    pub cell_name: &'a str,
}
