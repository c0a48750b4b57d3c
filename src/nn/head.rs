//! Heads: what turns shared features into a prediction for each task.

mod sigmoid;

pub use sigmoid::{SigmoidHead, SigmoidHeadConfig};
