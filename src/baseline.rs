//! Classical baselines, which a deep model must beat.
//!
//! [`features`] are computed from motif scores and accessibility. [`TwoFeatureNet`] is one layer on two of them,
//! `boost` (behind the feature of that name) grows trees on all of them, and [`online`] is a hashed linear model that
//! learns from a stream in constant memory, as Vowpal Wabbit does. [`FactorBaseline`] fits any of them to one factor,
//! from the draws that a neural network for the same factor would learn from. A [`Lookup`] learns nothing.

#[cfg(feature = "boost")]
pub mod boost;
pub mod features;
pub mod online;

mod config;
mod factor;
mod lookup;
mod method;
mod online_input;
mod tables;
mod task_model;
mod training_set;
mod two_feature;

pub use self::{
    config::BaselineConfig,
    factor::{FactorBaseline, FittedBaseline},
    lookup::Lookup,
    method::BaselineMethod,
    online_input::OnlineInput,
    tables::BaselineTables,
    training_set::{TrainingLabels, TrainingSet},
    two_feature::TwoFeatureNet,
};
