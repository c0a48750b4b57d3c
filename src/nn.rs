//! Layers, heads and losses, as burn modules: `XConfig` makes `X` on a device, and `X` has a `forward`.
//!
//! [`Model`] is a [`Trunk`] with a [`Head`]; the trait [`Network`] lets any other burn module take its place.
//! [`ModelFile`] and [`NetworkFile`] keep them in files.
//!
//! Axes are named `batch`, `channel`, `length`, `motif`, `task`, `class`, always in this order. Layers work on the
//! device and in the float and int types that they are given.

mod adapters;
mod architecture;
mod audit;
mod columns;
mod data_summary;
mod head;
mod loss;
mod model;
mod model_file;
mod model_inputs;
mod motif_conv;
mod motif_scan;
mod network;
mod network_file;
pub mod ops;
mod precision;
mod start;
mod trunk;
mod weights;

pub use adapters::{Adapter, TaskAdapters, TaskAdaptersConfig};
pub use architecture::Architecture;
pub use audit::{MaskAudit, MaskFault};
pub use data_summary::DataSummary;
pub use head::{
    ConvexHead, ConvexHeadConfig, ExclusiveSoftmaxHead, ExclusiveSoftmaxHeadConfig, GatedExpertsHead,
    GatedExpertsHeadConfig, Head, HeadConfig, HeadKind, MixtureTerm, OrdinalHead, OrdinalHeadConfig, SigmoidHead,
    SigmoidHeadConfig, SoftmaxHead, SoftmaxHeadConfig, TaskHead,
};
pub use loss::{
    Ambiguous, ExclusiveCrossEntropy, ExclusiveCrossEntropyConfig, LabelLoss, LabelLossConfig, Loss,
    MaskedMultiTaskBce, MaskedMultiTaskBceConfig, MaskedMultiTaskCrossEntropy, MaskedMultiTaskCrossEntropyConfig,
    MaskedMultiTaskOrdinal, MaskedMultiTaskOrdinalConfig, TaskLosses, TaskMean,
};
pub use model::{Model, ModelConfig, TaskMembers};
pub use model_file::ModelFile;
pub use model_inputs::{CellInput, GenomeInput, ModelInputs};
pub use motif_conv::{MotifConv, MotifConvConfig, MotifForm, MotifScale, ProfileInitConfig};
pub(crate) use motif_scan::MotifScan;
pub use network::Network;
pub(crate) use network::{as_model, device_of};
pub use network_file::NetworkFile;
pub use precision::Precision;
pub use trunk::{BodyConfig, LastPool, Pooling, SignalInput, Trunk, TrunkConfig};
pub(crate) use weights::{first_not_finite, weight_digest};
