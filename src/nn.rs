//! Layers, heads and losses, as burn modules: `XConfig` makes `X` on a device, and `X` has a `forward`.
//!
//! [`Model`] is a [`Trunk`] with a [`Head`]; the trait [`Network`] lets any other burn module take its place.
//! [`ModelFile`] and [`NetworkFile`] keep them in files.
//!
//! Axes are named `batch`, `channel`, `length`, `motif`, `task`, `class`, always in this order. Layers work on the
//! device and in the float and int types that they are given.

mod audit;
mod head;
mod init;
mod loss;
mod model;
mod model_file;
mod motif_conv;
mod network;
pub mod ops;
mod precision;
mod trunk;

pub use self::model::adapters::{Adapter, TaskAdapters, TaskAdaptersConfig};
pub use self::model::architecture::Architecture;
pub use self::model::data_summary::DataSummary;
pub(crate) use self::model::host::{HostBuffers, HostModel};
pub use self::model::inputs::{CellInput, GenomeInput, ModelInputs};
pub(crate) use self::model::substitutions::{SubstitutionBuffers, Substitutions};
pub(crate) use self::model::views::{ModelViewBuffers, Views};
pub use self::model_file::network::NetworkFile;
pub(crate) use self::model_file::weights::{first_not_finite, weight_digest};
pub(crate) use self::motif_conv::scan::MotifScan;
pub(crate) use self::ops::{SiteScores, Stretch, View};
pub(crate) use self::trunk::motif_layer::sites::{MotifSite, TrunkSites};
pub use audit::{MaskAudit, MaskFault};
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
pub use motif_conv::{MotifConv, MotifConvConfig, MotifForm, MotifScale, ProfileInitConfig};
pub use network::Network;
pub(crate) use network::{as_model, device_of};
pub use precision::Precision;
pub use trunk::{BodyConfig, LastPool, Pooling, SignalInput, Trunk, TrunkConfig};
