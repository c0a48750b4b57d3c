//! Scores of models on a data set, paired comparisons of models, and reports.
//!
//! [`Evaluation`] turns predictions into [`ScoreRow`]s and ranked tracks, which a [`Bootstrap`] resamples.
//! [`ComparisonRow`]s say which model is better, or [why](Reason) there is no verdict. [`ScoredModels`] does all this
//! for many models. [`TransferRow`]s say what sharing does to each factor, and a [`Report`] shows the results.

mod block;
mod bootstrap;
mod choice;
mod comparison;
mod contest;
mod difference;
mod evaluation;
mod evidence;
mod fdr;
mod group;
mod learning;
mod mean;
mod pair;
mod plain;
mod reason;
mod report;
mod run;
mod score;
mod table;
mod transfer;
mod verdict;

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
