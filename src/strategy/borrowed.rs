//! On whose motifs the models of a comparison rest.

use super::{Outcome, Setup, TrainedModel};
use crate::{
    Result,
    eval::{BorrowedRow, TransferRow},
    explain::{MotifOwners, MotifShares},
};

impl Outcome {
    /// Explains the shared models and the single ones that they are compared with, on the bound bins of the split that
    /// they were scored on, and keeps on whose motifs their predictions rest: [`write`](Self::write) adds
    /// `borrowed.tsv` and a section of the report. `each` is called for each model when it is explained, with the
    /// number of all.
    ///
    /// # Errors
    ///
    /// Those of [`MotifOwners::new`] and [`MotifOwners::shares`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use multitf::{
    ///     data::Dataset,
    ///     strategy::{Comparison, Setup, Strategy},
    ///     train::RunConfig,
    /// };
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let setup = Setup::new(&dataset, RunConfig::default())?;
    /// let mut outcome = Comparison::new(&setup, &[Strategy::Recipe, Strategy::Single]).run()?;
    /// outcome.explain(&setup, |model, of| eprintln!("{} seed {} of {of} models", model.name, model.seed))?;
    /// for row in &outcome.borrowed {
    ///     println!("{} {}: {:.3} on motifs of others", row.model, row.tf, row.other);
    /// }
    /// outcome.write("out/yeast")?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn explain(&mut self, setup: &Setup<'_>, mut each: impl FnMut(&TrainedModel, usize)) -> Result<()> {
        let context_bp = setup.config().architecture.context_bp;
        let owners = MotifOwners::new(setup.dataset(), setup.split(), context_bp)?;
        let is_compared = |row: &TransferRow, name: &str| row.shared == name || row.own == name;
        let is_explained = |model: &&TrainedModel| self.transfers.iter().any(|row| is_compared(row, &model.name));
        let models: Vec<&TrainedModel> = self.models.iter().filter(is_explained).collect();
        let mut all: Vec<(String, String, MotifShares)> = Vec::new();
        for model in &models {
            for (task, shares) in owners.shares(&model.file)? {
                match all.iter_mut().find(|(name, tf, _)| *name == model.name && *tf == task) {
                    Some((_, _, known)) => known.add(&shares),
                    None => all.push((model.name.clone(), task, shares)),
                }
            }
            each(model, models.len());
        }
        self.borrowed = all.into_iter().map(|(model, tf, shares)| row(model, tf, &shares)).collect();
        Ok(())
    }
}

fn row(model: String, tf: String, shares: &MotifShares) -> BorrowedRow {
    let (low, high) = shares.interval();
    BorrowedRow {
        model,
        tf,
        bins: shares.bins() as u64,
        own: shares.own(),
        other: shares.other(),
        low,
        high,
        permuted: shares.permuted(),
    }
}
