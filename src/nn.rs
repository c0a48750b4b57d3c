//! Layers, heads and losses, as burn modules: `XConfig` makes `X` on a device, and `X` has a `forward`.
//!
//! Axes are named `batch`, `channel`, `length`, `motif`, `task`, always in this order. Layers take the device that
//! they are given and any float or int type; they never choose one.

mod architecture;
mod head;
mod loss;
mod model;
mod motif_conv;
pub mod ops;
mod start;
mod trunk;

pub use architecture::{Architecture, Purpose};
pub use head::{SigmoidHead, SigmoidHeadConfig};
pub use loss::{MaskedMultiTaskBce, MaskedMultiTaskBceConfig, TaskMean};
pub use model::{Model, ModelConfig};
pub use motif_conv::{MotifConv, MotifConvConfig, MotifForm, ProfileStartConfig};
pub use trunk::{BodyConfig, Pooling, SignalInput, Trunk, TrunkConfig};
