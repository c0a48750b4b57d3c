//! Bins that factors bind.

use crate::{
    Error, Result,
    data::{Dataset, Split},
    genome::{Interval, Label},
};

/// Returns bins of a split that one of some tasks binds, each with the index of its cell type: at most so many in each
/// cell type, spread over all of them. None where the split has no labels of the tasks.
///
/// # Errors
///
/// Those of [`Dataset::samples_for`], except [`Error::EmptySplit`].
///
/// # Panics
///
/// Panics if the data set has no such task.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     data::{Dataset, Split},
///     explain::bound_bins,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let reb1 = dataset.task_indices(&["Reb1"])?;
/// for (cell, bin) in bound_bins(&dataset, &reb1, Split::Train, 300, 1_000)? {
///     println!("{bin:?} in {}", dataset.cells()[cell].name);
/// }
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn bound_bins(
    dataset: &Dataset,
    tasks: &[usize],
    split: Split,
    context_bp: usize,
    most: usize,
) -> Result<Vec<(usize, Interval)>> {
    let samples = match dataset.samples_for(tasks, split, context_bp) {
        Err(Error::EmptySplit { .. }) => return Ok(Vec::new()),
        samples => samples?,
    };
    let is_bound = |task: &usize, sample| dataset.label(*task, sample) == Label::Bound;
    let bound = samples.iter().filter(|sample| tasks.iter().any(|task| is_bound(task, *sample)));
    let mut by_cell = vec![Vec::new(); dataset.cells().len()];
    bound.for_each(|sample| by_cell[usize::from(sample.cell)].push(dataset.grid().interval(sample.bin as usize)));
    let some = by_cell.into_iter().enumerate().flat_map(|(cell, bins)| {
        let kept = bins.len().min(most);
        (0..kept).map(move |index| (cell, bins[index * bins.len() / kept])).collect::<Vec<_>>()
    });
    Ok(some.collect())
}
