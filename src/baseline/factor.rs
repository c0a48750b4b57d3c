//! Baselines of one factor.

mod fit;
#[cfg(test)]
mod tests;

use super::{BaselineConfig, BaselineTables, features::FeatureTable};
use crate::{Error, Result, data::Dataset, train::RunConfig};

pub use self::fit::FittedBaseline;

/// Fits baselines to one factor.
///
/// Methods with many features use all columns of the factor's own motif, the best score of every other motif, and
/// accessibility.
///
/// A baseline learns from the draws of a neural network for the same tasks, of the same configuration and seed, and
/// treats ambiguous labels in the same way. Where the factor has several tasks, each has its own model.
///
/// # Examples
///
/// ```no_run
/// use multitf::{
///     baseline::{BaselineConfig, BaselineMethod, BaselineTables, FactorBaseline},
///     data::{Dataset, Split},
///     eval::Evaluation,
///     train::RunConfig,
/// };
///
/// let dataset = Dataset::open("yeast/dataset.toml")?;
/// let (run, config) = (RunConfig::default(), BaselineConfig::default());
/// let context_bp = run.architecture.context_bp;
/// let evaluation = Evaluation::new(&dataset, Split::Valid, context_bp)?;
/// let scored = evaluation.samples().clone();
/// let tables = BaselineTables::cached(&dataset, context_bp, scored, &config.features, "out/features".as_ref())?;
/// let (dataset, tables, run, config) = (&dataset, &tables, &run, &config);
/// let fitted = FactorBaseline { dataset, tables, run, config, tasks: &[0], seed: 0 }.fit(BaselineMethod::Online)?;
/// println!("{:?}", evaluation.score("online", 0, &fitted.predictions)?[0].average_precision);
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FactorBaseline<'a> {
    /// The data set of the labels and draws.
    pub dataset: &'a Dataset,
    /// The features of its samples.
    pub tables: &'a BaselineTables<'a>,
    /// The configuration of a neural network, of which budget, sampler and ambiguous labels are used.
    pub run: &'a RunConfig,
    /// The settings of the baselines.
    pub config: &'a BaselineConfig,
    /// The tasks of one factor, as indices into the data set's.
    pub tasks: &'a [usize],
    /// The seed of the draws.
    pub seed: u64,
}

impl FactorBaseline<'_> {
    fn factor(&self) -> &str {
        &self.dataset.tasks()[self.tasks[0]].factor
    }

    /// Returns the columns for methods with many features.
    pub(super) fn columns(&self, table: &FeatureTable) -> FeatureTable {
        self.tables.features.columns_for(self.factor(), table)
    }

    /// Returns the best score of the factor's motif and, if there is a track, the accessibility.
    pub(super) fn two_columns<'t>(&self, table: &'t FeatureTable) -> Result<Vec<&'t [f32]>> {
        let motif = self.motif_column(table)?;
        Ok([motif].into_iter().chain(table.column("accessibility.mean")).collect())
    }

    /// Returns the best score of the factor's motif.
    pub(super) fn motif_column<'t>(&self, table: &'t FeatureTable) -> Result<&'t [f32]> {
        let factor = self.factor();
        let name = self.tables.features.motif_name(factor);
        let column = name.and_then(|name| table.column(&format!("{name}.best")));
        let expected = || format!("a motif whose name is {factor}'s, or one for it in [motif_names]");
        column.ok_or_else(|| Error::config("motifs", expected(), "none"))
    }
}
