//! Scores of models on a data set, paired comparisons of models, and reports.
//!
//! The road: [`Evaluation`](evaluation::Evaluation) turns predictions into [`ScoreRow`](score::ScoreRow)s and ranked
//! tracks; [`Bootstrap`](bootstrap::Bootstrap) resamples these; [`ComparisonRow`](comparison::ComparisonRow)s say which
//! model is better, or [why](reason::Reason) nothing says so, and a [`Contest`](contest::Contest) goes that road for many models; [`TransferRow`](transfer::TransferRow)s say what
//! sharing does to each factor; a [`Report`](report::Report) shows it all.

pub mod block;
pub mod bootstrap;
pub mod choice;
pub mod comparison;
pub mod contest;
pub mod difference;
pub mod evaluation;
pub mod evidence;
pub mod fdr;
pub mod learning;
pub mod mean;
pub mod pair;
pub mod plain;
pub mod reason;
pub mod report;
pub mod run;
pub mod score;
pub mod table;
pub mod transfer;
pub mod verdict;
