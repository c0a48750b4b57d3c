//! Layers' operations of the crate's own, on any burn backend.
//!
//! [`motif_pool`] is motif convolution, bias, ReLU and max-pooling in one step on base codes. A kernel for the CPU
//! backends and another for GPUs never hold the full activation; elsewhere burn's own operations run. [`conv()`] and
//! [`dropout()`] serve the layers after the motifs.

pub(crate) mod bce;
pub(crate) mod conv;
mod dropout;
pub(crate) mod host;
mod motif_pool;

pub(crate) use self::{
    conv::host::HostConv,
    host::matrix,
    motif_pool::fallback::motif_pool_of_columns,
    motif_pool::host::{
        Change, LANES, MotifTables, SampleBuffers, SiteScores, Stretch, SubstitutionTables, View, ViewBuffers,
        ViewLayout, pool_sample, pool_sequence, pool_views,
    },
};
pub use conv::{Activation, ConvOptions, conv};
pub use dropout::dropout;
pub use motif_pool::{Axes, MotifPoolOptions, Strands, motif_pool};
