//! Which parts of a data set to read.

use crate::data::{SignalReference, SignalTransform, WindowsConfig};

/// Which parts of a data set to read, and settings that its file lacks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DatasetOptions {
    /// The factors; all if `None`. Names are found as by [`find_factors`](crate::data::find_factors).
    pub factors: Option<Vec<String>>,
    /// Reads genome, bins and accessibility only, as predictions need them: no labels, motifs or splits. The data set
    /// then has no task and no sample.
    pub without_labels: bool,
    /// The bins, where the file has none.
    pub windows: Option<WindowsConfig>,
    /// The transform of accessibility, where the file has none; `log1p` if `None`.
    pub transform: Option<SignalTransform>,
    /// The reference of [`SignalTransform::Quantile`]; the mean of the cell types to train on if `None`.
    pub reference: Option<SignalReference>,
}
