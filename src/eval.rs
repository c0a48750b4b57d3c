//! Scores of models on a data set, paired comparisons of models, and reports.
//!
//! A *track* is one factor in one cell type: its labels, or a model's scores, along the bins.
//!
//! [`Evaluation`] turns predictions into [`ScoreRow`]s and ranked tracks, which a [`Bootstrap`] resamples.
//! [`ComparisonRow`]s say which model is better, or [why](Reason) there is no verdict. [`ScoredModels`] does all this
//! for many models. [`TransferRow`]s say what sharing does to each factor, and a [`Report`] shows the results. What
//! verdicts rest on is explained in `docs/design/verdicts.md`.

mod comparison;
mod cost;
mod evaluation;
mod group;
mod learning;
mod mean;
mod report;
mod run;
mod score;
mod scored_models;
mod selection;
mod table;
mod transfer;

pub(crate) use self::report::html;
pub use self::{
    comparison::{
        AVERAGE_PRECISION, Blocks, Bootstrap, ComparedTrack, ComparisonRow, ComparisonSummary, Difference, Differences,
        EQUAL_WITHIN, MIN_BLOCK_BP, MIN_BLOCKS, MIN_SEEDS, ModelPair, Reason, Resampled, SIGNIFICANT_Q, Verdict,
    },
    cost::CostRow,
    evaluation::{Evaluation, TrackRanking},
    learning::LearningRow,
    mean::ModelMean,
    report::{Report, format_comparison, format_costs, format_means},
    run::{ALL, RunRow},
    score::{ScoreRow, ScoredTrack},
    scored_models::{MeanScore, ScoredModels},
    selection::select_models,
    table::{NA, TableFields, TableRow, read_table, write_table},
    transfer::{BorrowedRow, TrainingCells, TransferRow},
};
