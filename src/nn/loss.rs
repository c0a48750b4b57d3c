//! Losses that leave missing labels out.
//!
//! [`LabelLoss`] turns labels into targets and a mask, for its head and its treatment of ambiguous labels, and calls
//! one of the other losses, which take targets and mask as tensors.

mod ambiguous;
mod bce;
mod cross_entropy;
mod exclusive;
mod label;
mod mean;
mod ordinal;
mod targets;

use burn::tensor::{Int, Tensor};

pub use self::{
    ambiguous::Ambiguous,
    bce::{MaskedMultiTaskBce, MaskedMultiTaskBceConfig},
    cross_entropy::{MaskedMultiTaskCrossEntropy, MaskedMultiTaskCrossEntropyConfig},
    exclusive::{ExclusiveCrossEntropy, ExclusiveCrossEntropyConfig},
    label::{LabelLoss, LabelLossConfig, TaskLosses},
    mean::TaskMean,
    ordinal::{MaskedMultiTaskOrdinal, MaskedMultiTaskOrdinalConfig},
};

/// A loss of logits given labels, which training minimises and the mask audit examines.
///
/// [`LabelLoss`] is the crate's own; a closure with the same arguments is a loss too, one that does not
/// [mix labels](Self::mixes_labels).
///
/// # Shapes
///
/// - `logits`: `[batch, task, class]`
/// - `labels`: `[batch, task]`, a [`Label`](crate::genome::Label) as a number; any other number is missing
/// - `sample_weights`: `[batch]`
/// - output: `[1]`
///
/// # Examples
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use multitf::nn::Loss;
///
/// let count = |_: Tensor<3>, labels: Tensor<2, Int>, _: Option<Tensor<1>>| labels.float().sum();
/// let device = Device::default();
/// let labels = Tensor::<2, Int>::from_data([[1, 3]], &device);
/// assert_eq!(count.forward(Tensor::zeros([1, 2, 1], &device), labels, None).into_scalar::<f32>(), 4.0);
/// ```
pub trait Loss {
    /// Computes the loss of a batch.
    fn forward(&self, logits: Tensor<3>, labels: Tensor<2, Int>, sample_weights: Option<Tensor<1>>) -> Tensor<1>;

    /// Whether the gradient of a label's logits depends on other labels, as in a softmax across tasks or a division by
    /// the number of bound labels (default: no). The mask audit finds less in such a loss.
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::nn::{HeadConfig, HeadKind, LabelLossConfig, Loss};
    ///
    /// let head = |kind| HeadConfig::new(kind, 8, 2).init(&Device::default());
    /// let mixes = |kind| LabelLossConfig::new().init(&head(kind)).mixes_labels();
    /// assert_eq!([HeadKind::Sigmoid, HeadKind::ExclusiveSoftmax].map(mixes), [false, true]);
    /// ```
    fn mixes_labels(&self) -> bool {
        false
    }
}

impl<F> Loss for F
where
    F: Fn(Tensor<3>, Tensor<2, Int>, Option<Tensor<1>>) -> Tensor<1>,
{
    fn forward(&self, logits: Tensor<3>, labels: Tensor<2, Int>, sample_weights: Option<Tensor<1>>) -> Tensor<1> {
        self(logits, labels, sample_weights)
    }
}

/// Checks that weights are finite and not negative.
fn check_weights<'a>(weights: impl IntoIterator<Item = &'a f32>) {
    for weight in weights {
        assert!(weight.is_finite() && *weight >= 0.0, "a label cannot weigh {weight}");
    }
}

/// Checks that a smoothing does not reverse labels.
fn check_smoothing(smoothing: f32) {
    assert!((0.0..1.0).contains(&smoothing), "label smoothing lies in 0 to 1, 1 excluded, found {smoothing}");
}
