//! The samples, bins and regions of a split.

use rayon::prelude::*;

use super::{Dataset, task::Track};
use crate::{
    Error, Result,
    data::{
        SampleSet, Split,
        bit_set::{BitSet, RankedBitSet},
        region::merged,
    },
    genome::Interval,
};

impl Dataset {
    /// Returns the cell types of a split, as indices in [`cells`](Self::cells).
    pub fn split_cells(&self, split: Split) -> &[usize] {
        self.plan.cells(split)
    }

    /// Returns whether models are scored, or are to be, in a cell type that they have not learned from.
    pub fn holds_out_cells(&self) -> bool {
        let trained = self.split_cells(Split::Train);
        self.is_fold() || self.split_cells(Split::Test).iter().any(|cell| !trained.contains(cell))
    }

    /// Returns the samples of a split: its bins in its cell types, where at least one task is observed (bound or
    /// unbound).
    ///
    /// Training bins whose context of `context_bp` reaches into a region of another split are left out.
    ///
    /// # Errors
    /// [`Error::EmptySplit`] if there is none, [`Error::Config`] for a context shorter than a sequence without a
    /// genome.
    pub fn samples(&self, split: Split, context_bp: usize) -> Result<SampleSet> {
        let all: Vec<usize> = (0..self.tasks.len()).collect();
        self.samples_for(&all, split, context_bp)
    }

    /// Returns the samples of a split where at least one of some tasks is observed (bound or unbound).
    ///
    /// # Errors
    /// [`Error::Tasks`] for tasks that are not the data set's, each once; otherwise as for [`samples`](Self::samples).
    pub fn samples_for(&self, tasks: &[usize], split: Split, context_bp: usize) -> Result<SampleSet> {
        self.check_tasks(tasks)?;
        self.check_context(context_bp)?;
        let bins = self.split_bins(split, context_bp);
        let samples = self.samples_by_cell(split, |cell| self.observed(tasks, cell).and(&bins));
        if samples.is_empty() { Err(self.empty_split(split, context_bp)) } else { Ok(samples) }
    }

    /// Returns the tasks that are bound nowhere in a split.
    pub fn tasks_without_positives(&self, split: Split, context_bp: usize) -> Vec<usize> {
        let bins = self.split_bins(split, context_bp);
        let is_bound = |task: usize| self.split_cells(split).iter().any(|&cell| self.is_bound_in(task, cell, &bins));
        (0..self.tasks.len()).filter(|&task| !is_bound(task)).collect()
    }

    /// Returns the tasks without a score in a split: no cell type of it has both bound and unbound bins.
    pub fn tasks_without_score(&self, split: Split, context_bp: usize) -> Vec<usize> {
        let bins = self.split_bins(split, context_bp);
        let has_score = |task: usize| {
            let mut counts = self.split_cells(split).iter().map(|&cell| self.counts(task, cell, &bins));
            counts.any(|counts| counts.bound > 0 && counts.observed > counts.bound)
        };
        (0..self.tasks.len()).filter(|&task| !has_score(task)).collect()
    }

    /// Returns the tracks in the cell types of a split, each with its number of bound bins.
    pub fn bound_bins(&self, split: Split, context_bp: usize) -> Vec<(Track<'_>, usize)> {
        let (bins, cells) = (self.split_bins(split, context_bp), self.split_cells(split));
        let tracks = self.tracks().filter(|track| cells.contains(&track.cell));
        tracks.map(|track| (track, self.counts(track.task, track.cell, &bins).bound)).collect()
    }

    /// Returns the stretches of a split's regions that its bins cover.
    pub fn regions(&self, split: Split, context_bp: usize) -> Vec<Interval> {
        merged(self.intervals(&self.split_bins(split, context_bp)).collect())
    }

    /// Returns the stretches of a split's regions where one of some tasks is bound in one of the split's cell types.
    ///
    /// # Panics
    /// Panics if the data set has no such task.
    pub fn bound_regions(&self, tasks: &[usize], split: Split, context_bp: usize) -> Vec<Interval> {
        let bins = self.split_bins(split, context_bp);
        let bound = self.split_cells(split).iter().map(|&cell| self.bound(tasks, cell).and(&bins));
        merged(bound.flat_map(|bins| self.intervals(&bins).collect::<Vec<_>>()).collect())
    }

    fn intervals(&self, bins: &BitSet) -> impl Iterator<Item = Interval> {
        bins.iter().map(|bin| self.grid.interval(bin))
    }

    /// Returns the bins of a split.
    pub(in crate::data) fn split_bins(&self, split: Split, context_bp: usize) -> BitSet {
        self.plan.bins(split, &self.genome, &self.grid, context_bp)
    }

    /// Joins the bins in each cell type of a split.
    pub(in crate::data) fn samples_by_cell(
        &self,
        split: Split,
        bins_in: impl Fn(usize) -> BitSet + Send + Sync,
    ) -> SampleSet {
        let ranked = |&cell: &usize| (cell as u16, RankedBitSet::new(bins_in(cell)));
        SampleSet::new(self.split_cells(split).par_iter().map(ranked).collect())
    }

    /// Makes the error of a split without samples.
    pub(in crate::data) fn empty_split(&self, split: Split, context_bp: usize) -> Error {
        let names: Vec<_> = self.split_cells(split).iter().map(|&cell| &*self.cells[cell].name).collect();
        let detail = match self.split_bins(split, context_bp).count() {
            0 if self.has_sequences() => "no sequence is in it".to_owned(),
            sequences if self.has_sequences() => format!("none of its {sequences} sequences is bound or unbound"),
            _ if self.plan.regions(split).is_empty() => format!("split.{split} names no region"),
            0 if split == Split::Train => {
                format!("no bin of its regions is {context_bp} bp of context away from the other splits")
            }
            0 => format!("no bin of {} bp lies in its regions", self.grid.bin_bp()),
            bins => format!("none of its {bins} bins is bound or unbound in cell types {}", names.join(", ")),
        };
        Error::EmptySplit { split: split.name(), detail }
    }
}
