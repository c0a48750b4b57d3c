//! Notes about a data set for its user.

use super::{Dataset, profiles::Profiles};
use crate::{Result, data::Split};

impl Dataset {
    /// Refuses a split without a sample, and adds notes about splits and tasks.
    pub(super) fn checked(mut self) -> Result<Self> {
        for split in Split::ALL {
            self.samples(split, self.grid.bin_bp())?;
        }
        self.notes.extend(self.split_notes());
        Ok(self)
    }

    /// Returns notes about splits and tasks.
    fn split_notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.trained_on().into_iter().chain(self.chosen_on()).collect();
        notes.extend(self.shared_sequences());
        notes.extend(self.profiles.iter().flat_map(Profiles::notes));
        notes.extend(Split::ALL.into_iter().flat_map(|split| self.unbound(split)));
        notes
    }

    /// Notes cell types that are both trained and tested on.
    fn trained_on(&self) -> Option<String> {
        let train = self.split_cells(Split::Train);
        let both = self.tested().filter(|cell| train.contains(cell));
        self.named(both).map(|names| format!("cell types both trained and tested on: {names}"))
    }

    /// Notes test cell types that are held out from training, but not from early stopping.
    fn chosen_on(&self) -> Option<String> {
        let (train, valid) = (self.split_cells(Split::Train), self.split_cells(Split::Valid));
        let both = self.tested().filter(|cell| valid.contains(cell) && !train.contains(cell));
        self.named(both).map(|names| {
            format!(
                "cell types tested on that early stopping and choices see, though nothing is trained on them: {names}"
            )
        })
    }

    fn tested(&self) -> impl Iterator<Item = usize> {
        self.split_cells(Split::Test).iter().copied()
    }

    /// Joins the names of cell types, if there are any.
    fn named(&self, cells: impl Iterator<Item = usize>) -> Option<String> {
        let names: Vec<_> = cells.map(|cell| &*self.cells[cell].name).collect();
        // Where tasks are tracks, and for sequences, the only cell type has no name.
        let has_names = self.tasks.iter().all(|task| task.cell.is_none()) && !self.has_sequences() && !names.is_empty();
        has_names.then(|| names.join(", "))
    }

    /// Notes tasks that were not measured in a split, and those that were but have no bound bin.
    fn unbound(&self, split: Split) -> Vec<String> {
        let is_measured = |task: &usize| self.split_cells(split).iter().any(|&cell| self.is_measured(*task, cell));
        let tasks = self.tasks_without_positives(split, self.grid.bin_bp());
        let (unbound, unmeasured): (Vec<usize>, Vec<usize>) = tasks.into_iter().partition(is_measured);
        let note = |tasks: Vec<usize>, what: &str| {
            let names: Vec<_> = tasks.into_iter().map(|task| &*self.tasks[task].name).collect();
            (!names.is_empty()).then(|| format!("{what} of the {split} split: {}", names.join(", ")))
        };
        let unmeasured = note(unmeasured, "not measured in any cell type");
        unmeasured.into_iter().chain(note(unbound, "measured, but bound in no bin")).collect()
    }
}
