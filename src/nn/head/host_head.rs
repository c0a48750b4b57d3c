//! The interface of heads on slices, for one sample.

use std::fmt::Debug;

use crate::nn::ops::host::dense::Dense;

/// A [`TaskHead`](super::TaskHead) with its weights in the host's memory, for one sample.
pub(crate) trait HostHead: Debug + Send + Sync {
    /// Returns the number of logits: those from which the log-odds follow.
    fn logits(&self) -> usize;

    /// Computes the logits, `[task, class]`; the scratch is for whatever comes between.
    fn forward(&self, features: &[f32], scratch: &mut Vec<f32>, logits: &mut [f32]);

    /// Turns logits into the log-odds of being bound, `[task]`: by default the only class of each task.
    fn bound_log_odds(&self, logits: &[f32], log_odds: &mut [f32]) {
        log_odds.copy_from_slice(logits);
    }
}

/// The logits are the outputs of a layer.
impl HostHead for Dense {
    fn logits(&self) -> usize {
        self.outputs()
    }

    fn forward(&self, features: &[f32], _: &mut Vec<f32>, logits: &mut [f32]) {
        Self::forward(self, features, logits);
    }
}
