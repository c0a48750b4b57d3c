//! Scores of models on a data set, paired comparisons of models, and reports.
//!
//! [`Evaluation`] turns predictions into [`ScoreRow`]s and ranked tracks, which a [`Bootstrap`] resamples.
//! [`ComparisonRow`]s say which model is better, or [why](Reason) there is no verdict. [`ScoredModels`] does all this
//! for many models. [`TransferRow`]s say what sharing does to each factor, and a [`Report`] shows the results.

pub mod block; // private
pub mod bootstrap; // private
pub mod choice; // private
pub mod comparison; // private
pub mod contest; // private
pub mod difference; // private
pub mod evaluation; // private
pub mod evidence; // private
pub mod fdr; // private
mod group;
pub mod learning; // private
pub mod mean; // private
pub mod pair; // private
pub mod plain; // private
pub mod reason; // private
pub mod report; // private
pub mod run; // private
pub mod score; // private
pub mod table; // private
pub mod transfer; // private
pub mod verdict; // private

pub use self::{
    block::{Blocks, MIN_BLOCK_BP},
    bootstrap::{Bootstrap, Resampled},
    choice::select_models,
    comparison::{AVERAGE_PRECISION, ComparisonRow},
    contest::ScoredModels,
    difference::{Difference, Differences},
    evaluation::{Evaluation, TrackRanking},
    evidence::{ComparedTrack, ModelPair},
    fdr::q_values,
    learning::LearningRow,
    mean::ModelMean,
    pair::ComparisonSummary,
    plain::{format_comparison, format_means},
    reason::Reason,
    report::Report,
    run::{ALL, RunRow},
    score::{ScoreRow, ScoredTrack},
    table::{NA, TableFields, TableRow, read_table, write_table},
    transfer::TransferRow,
    verdict::{EQUAL_WITHIN, MIN_BLOCKS, MIN_SEEDS, SIGNIFICANT_Q, Verdict},
};
