//! The interface of all heads.

use burn::tensor::{Tensor, activation::sigmoid};

/// The interface of all heads.
pub trait TaskHead {
    /// Computes the logits.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, feature]`
    /// - output: `[batch, task, class]`; the head says what a class is
    fn forward(&self, features: Tensor<2>) -> Tensor<3>;

    /// Turns logits into the log-odds of being bound, which rank bins: by default the only class of each task.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task, class]`
    /// - output: `[batch, task]`
    fn bound_log_odds(&self, logits: Tensor<3>) -> Tensor<2> {
        logits.squeeze_dim(2)
    }

    /// Turns logits into the probability of being bound.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch, task, class]`
    /// - output: `[batch, task]`
    fn bound_probability(&self, logits: Tensor<3>) -> Tensor<2> {
        sigmoid(self.bound_log_odds(logits))
    }
}
