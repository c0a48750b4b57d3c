//! Notes about a data set for its user.

pub(super) mod files;
pub(super) mod names;
use self::names::note;
use super::Dataset;
use crate::{Result, data::Split};

impl Dataset {
    /// Refuses a split without a sample, and adds notes about splits and tasks.
    pub(super) fn check_and_note(mut self) -> Result<Self> {
        for split in Split::ALL {
            self.samples(split, self.grid.bin_bp())?;
        }
        self.notes.extend(self.split_notes());
        Ok(self)
    }

    /// Returns notes about splits and tasks.
    pub(super) fn split_notes(&self) -> Vec<String> {
        let [train, valid, test] = Split::ALL.map(|split| self.split_cells(split));
        let (trained, held_out): (Vec<usize>, Vec<usize>) = test.iter().copied().partition(|cell| train.contains(cell));
        let chosen = held_out.into_iter().filter(|cell| valid.contains(cell)).collect();
        let validated = "cell types of the test split that validation uses too, though nothing is trained on them";
        let mut notes: Vec<String> =
            self.cells_note("cell types both trained and tested on", trained).into_iter().collect();
        notes.extend(self.cells_note(validated, chosen));
        notes.extend(self.common_places());
        notes.extend(self.shared_sequences());
        notes.extend(self.motifs.iter().flat_map(|motifs| motifs.notes()));
        notes.extend(Split::ALL.into_iter().flat_map(|split| self.notes_on_positives(split)));
        notes
    }

    /// Notes places that are trained on in other cell types than they are tested on.
    fn common_places(&self) -> Option<String> {
        let share = 100.0 * self.trained_share(Split::Test);
        (share > 0.0).then(|| {
            format!(
                "{share:.0} % of the places to test on are trained on in other cell types: models have seen their \
                 sequence, and where factors bind it there"
            )
        })
    }

    /// Lists cell types, unless none has a name: tasks are tracks, or there are only sequences.
    fn cells_note(&self, what: &str, cells: Vec<usize>) -> Option<String> {
        let names: Vec<_> = cells.into_iter().map(|cell| &self.cells[cell].name).collect();
        let has_names = self.tasks.iter().all(|task| task.cell.is_none()) && !self.has_sequences();
        note(what, &names).filter(|_| has_names)
    }

    /// Notes tasks that were not measured in a split, and those that were but have no bound bin.
    fn notes_on_positives(&self, split: Split) -> Vec<String> {
        let is_measured = |task: &usize| self.split_cells(split).iter().any(|&cell| self.is_measured(*task, cell));
        let tasks = self.tasks_without_positives(split, self.grid.bin_bp());
        let (unbound, unmeasured): (Vec<usize>, Vec<usize>) = tasks.into_iter().partition(is_measured);
        let split_note = |tasks: Vec<usize>, what: &str| {
            let names: Vec<_> = tasks.into_iter().map(|task| &self.tasks[task].name).collect();
            note(&format!("{what} of the {split} split"), &names)
        };
        let unmeasured = split_note(unmeasured, "not measured in any cell type");
        unmeasured.into_iter().chain(split_note(unbound, "measured, but bound in no bin")).collect()
    }
}
