//! What a user should know about a data set.

use super::Dataset;
use crate::data::Split;

impl Dataset {
    /// What is worth saying about splits and tasks.
    pub(super) fn observations(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.trained_on().into_iter().collect();
        notes.extend(self.profile_notes());
        notes.extend(Split::ALL.into_iter().filter_map(|split| self.unbound(split)));
        notes
    }

    fn trained_on(&self) -> Option<String> {
        let train = self.split_cells(Split::Train);
        let both = self.split_cells(Split::Test).iter().filter(|cell| train.contains(cell));
        let names: Vec<_> = both.map(|&cell| &*self.cells[cell].name).collect();
        // Where tasks are tracks, the one cell type stands for none.
        let says = self.tasks.iter().all(|task| task.cell.is_none()) && !names.is_empty();
        says.then(|| format!("cell types both trained and tested on: {}", names.join(", ")))
    }

    fn unbound(&self, split: Split) -> Option<String> {
        let tasks = self.tasks_without_positives(split, self.grid.bin_bp());
        let names: Vec<_> = tasks.into_iter().map(|task| &*self.tasks[task].name).collect();
        (!names.is_empty()).then(|| format!("no bound bin in the {split} split: {}", names.join(", ")))
    }
}
