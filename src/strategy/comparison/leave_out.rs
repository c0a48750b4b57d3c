//! Cross-validation over cell types.

use super::Comparison;
use crate::{
    Error, Result,
    data::{Split, Track},
    eval::{Evaluation, ScoredModels},
    strategy::{Outcome, Setup},
};

/// Names the factors of a cell type that no model can learn without it.
fn note_on_unknown(setup: &Setup<'_>, cell: &str) -> Option<String> {
    let is_unknown = |track: &Track<'_>| track.cell_name == cell && !setup.tasks().contains(&track.task);
    let unknown = setup.dataset().tracks().filter(is_unknown);
    let names: Vec<&str> = unknown.map(|track| track.factor_name).collect();
    (!names.is_empty()).then(|| format!("Bound in no other cell type to train on than {cell}: {}.", names.join(", ")))
}

impl<'a> Comparison<'a> {
    /// Leaves out one cell type after another, as [`Dataset::leave_out`](crate::data::Dataset::leave_out) does, trains
    /// all models on the others, and scores them in the cell type that they have not seen. The outcome is that of all
    /// cell types together: scores and verdicts are of a factor in a cell type that was left out.
    ///
    /// With a [folder](Self::with_folder), each cell type has one of its own in it. Learning curves and conflicts,
    /// which differ between the trainings for one cell type and those for another, are not in the outcome.
    ///
    /// A run has the errors of [`run`](Self::run), and [`Error::Config`] for a cell type that cannot be left out, and
    /// for trained models, which have seen it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use multitf::{
    ///     baseline::Lookup,
    ///     data::Dataset,
    ///     strategy::{Comparison, Setup, Strategy},
    ///     train::RunConfig,
    /// };
    ///
    /// let dataset = Dataset::open("encode5/dataset.toml")?;
    /// let setup = Setup::new(&dataset, RunConfig::default())?;
    /// let strategies = [Strategy::Recipe, Strategy::Multi, Strategy::Lookup(Lookup::AverageAccessibility)];
    /// let comparison = Comparison::new(&setup, &strategies).leaving_out(&["HepG2", "K562"]);
    /// let outcome = comparison.with_seeds(3).with_folder("out/cells").run()?;
    /// outcome.write("out/cells")?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn leaving_out<S: AsRef<str>>(self, cells: &[S]) -> Self {
        Self { left_out: cells.iter().map(|cell| cell.as_ref().to_owned()).collect(), ..self }
    }

    /// Checks what can be checked before training.
    pub(super) fn check_left_out(&self) -> Result<()> {
        self.check_names_left_out()?;
        let check = |cell: &String| {
            let fold = self.setup.dataset().leave_out(cell)?;
            self.fold(&self.setup.for_fold(&fold)?, cell).check()
        };
        self.left_out.iter().try_for_each(check)
    }

    /// Trains and scores models for each cell type.
    pub(super) fn run_left_out(mut self) -> Result<Outcome> {
        self.check_left_out()?;
        let mut observer = std::mem::replace(&mut self.observer, Box::new(|_| ()));
        let dataset = self.setup.dataset();
        let together = dataset.folds_together(&self.left_out);
        let setup = self.setup.for_fold(&together)?;
        let _lock = self.folder.as_ref().map(|folder| setup.lock_folder(folder, &self.command)).transpose()?;
        let context_bp = setup.config().architecture.context_bp;
        let mut scored = ScoredModels::new(Evaluation::new(&together, Split::Test, context_bp)?);
        let mut outcome = Outcome::new(&setup, &self.command, &self.arms);
        for cell in &self.left_out {
            let fold = dataset.leave_out(cell)?;
            let setup = self.setup.for_fold(&fold)?;
            let mut comparison = self.fold(&setup, cell).with_observer(&mut observer);
            let _lock = comparison.begin()?;
            outcome.add_fold(comparison.train_all(&mut scored)?);
            outcome.notes.extend(note_on_unknown(&setup, cell));
            self.write_tables(&outcome)?;
        }
        outcome.compare(&setup, (&self.names(), &self.arms), &mut scored)?;
        Ok(outcome)
    }

    fn check_names_left_out(&self) -> Result<()> {
        let cells = &self.left_out;
        let repeated = (1..cells.len()).find(|&index| cells[..index].contains(&cells[index]));
        let repeated = repeated.map(|index| cells[index].as_str());
        Error::unless(repeated.is_none(), "leave_out", "each cell type once", repeated.unwrap_or_default())?;
        let model = self.models.first().map(|model| model.name.as_str());
        let expected = "no trained models, which have seen the cell types";
        Error::unless(model.is_none(), "leave_out", expected, model.unwrap_or_default())
    }

    /// The comparison without one cell type.
    fn fold<'b>(&self, setup: &'b Setup<'b>, cell: &str) -> Comparison<'b>
    where
        'a: 'b,
    {
        Comparison {
            arms: self.arms.clone(),
            seeds: self.seeds,
            baselines: self.baselines.clone(),
            truth: self.truth,
            folder: self.folder.as_ref().map(|folder| folder.join(cell)),
            command: self.command.clone(),
            ..Comparison::new(setup, &[])
        }
    }
}
