//! Training: the loop, its budget, early stopping, checkpoints.
//!
//! [`Fit`] trains one model, or a custom network, for any number of tasks. The same seed on the same device gives the
//! same weights, bit for bit on a CPU backend, and a resumed run equals an uninterrupted one.

mod adamw;
pub mod balance;
mod checkpoint;
mod config;
mod conflict_map;
mod conflicts;
mod fine_tuning;
mod fit;
mod grouping;
mod history;
mod identity;
mod recipe;
mod schedule;
mod state;
mod step;
mod stop;
mod stream;
#[cfg(feature = "train")]
pub mod supervised;

pub use adamw::{AdamW, AdamWConfig};
pub use config::{RunConfig, TrainingConfig};
pub use conflict_map::{ConflictMap, MIN_COMMON_SAMPLES};
pub use fine_tuning::FineTuning;
pub use fit::{Fit, Fitted, Progress};
pub use grouping::Grouping;
pub use history::Validation;
pub(crate) use history::mean_average_precision;
pub use recipe::Recipe;
pub use schedule::{OneCycle, Schedule};
