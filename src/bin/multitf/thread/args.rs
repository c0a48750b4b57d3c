//! The arguments.

use multitf::{Error, Result};

use super::variant::Variant;
use crate::inputs::ComparisonArgs;

/// Trains the variants that a forum thread argued about, on the same split at equal budget, and reports the cost of
/// each mistake.
///
/// Without --data it simulates a small data set first. Call it again to resume an interrupted run.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: ComparisonArgs,
    /// The variants to train, beside one model per factor.
    #[arg(
        long,
        value_name = "VARIANT,VARIANT",
        value_delimiter = ',',
        value_enum,
        default_values_t = Variant::shared()
    )]
    pub variants: Vec<Variant>,
    /// The share of labels that are missing: of pairs of factor and cell type in the simulated world; of a factor's
    /// training chromosomes with --data, where labels are hidden until it is reached.
    #[arg(long, value_name = "SHARE", default_value_t = 0.65)]
    pub missing: f64,
}

impl Args {
    /// Checks the arguments that clap cannot.
    pub fn check(&self) -> Result<()> {
        if (0.0..1.0).contains(&self.missing) {
            return Ok(());
        }
        Err(Error::Config {
            key: "--missing".into(),
            expected: "a share from 0 to 1, 1 excluded".into(),
            found: self.missing.to_string(),
        })
    }
}
