//! Training: the loop, its budget, early stopping, checkpoints.
//!
//! [`Fit`] trains one model, or a custom network, for any number of tasks. The same seed on the same device gives the
//! same weights, bit for bit on a CPU backend, and a resumed run equals an uninterrupted one.

mod adamw;
pub mod balance;
mod checkpoint;
mod config;
mod conflicts;
mod fit;
mod history;
mod identity;
mod learner;
mod schedule;
mod stop;
mod stream;
#[cfg(feature = "train")]
pub mod supervised;

pub use self::config::fine_tuning::FineTuning;
pub use self::config::grouping::Grouping;
pub use self::config::recipe::Recipe;
pub use self::config::single::Single;
pub use self::conflicts::{
    map::{ConflictMap, MIN_COMMON_SAMPLES, MIN_LOOKS, PairVerdict},
    pair::PairLooks,
};
pub use adamw::{AdamW, AdamWConfig};
pub use config::{RunConfig, TrainingConfig};
pub use fit::{Fit, Fitted, Progress};
pub use history::Validation;
pub(crate) use history::mean_average_precision;
pub use schedule::{OneCycle, Schedule};
