//! Baselines: models that were there before deep ones, which a deep one has to beat.
//!
//! [`features`] says what a motif search and an accessibility track know of samples; [`TwoFeatureNet`] is one layer on
//! two of them, `boost` (with the feature of that name) grows trees on all of them, and [`online`] is a hashed linear model that learns from a stream in
//! constant memory, as Vowpal Wabbit does. [`FactorBaseline`] fits any of them to one factor, from the draws that a neural
//! network for the same factor would learn from.

#[cfg(feature = "boost")]
pub mod boost;
pub mod features;
pub mod online;

mod config;
mod factor;
mod kind;
mod lesson;
mod online_input;
mod rows;
mod tables;
mod task_model;
mod two_feature;

pub use self::{
    config::BaselineConfig,
    factor::{FactorBaseline, FittedBaseline},
    kind::BaselineKind,
    lesson::{Lesson, LessonLabels},
    online_input::OnlineInput,
    tables::BaselineTables,
    two_feature::TwoFeatureNet,
};
