//! How a convolution is done.

/// How [`conv`](super::conv()) convolves.
///
/// # Examples
///
/// ```
/// use multitf::nn::ops::{Activation, ConvOptions};
///
/// let residual = ConvOptions { dilation: 4, activation: Activation::Residual };
/// assert_ne!(residual.activation, Activation::Relu);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvOptions {
    /// Input positions from one position of the kernel to the next.
    pub dilation: usize,
    /// What follows the sums.
    pub activation: Activation,
}

/// What follows the sums of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Linear,
    /// A ReLU.
    Relu,
    /// A ReLU, to which the input is added.
    Residual,
}
