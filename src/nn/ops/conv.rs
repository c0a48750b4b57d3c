//! Convolution along the length, bias, ReLU and residual connection as one differentiable operation.

// burn-ndarray is deprecated as a whole; users of the crate still ask for it.
#![cfg_attr(feature = "ndarray", allow(deprecated))]

pub(crate) mod fallback;
pub(crate) mod host;
mod options;

use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::Tensor,
};

pub use self::options::{Activation, ConvOptions};
use super::host::fits_kernel;

/// Convolves along the length, with zero padding that keeps it ("same" padding).
///
/// This is burn's `conv1d` with stride 1 and padding on both sides, for layers of your own. On tensors in the host's
/// memory, of up to 32 bits, one kernel does bias, ReLU and residual connection in the same pass. Channels come last,
/// so that layers that follow each other need no transposition. The weight is that of burn's and PyTorch's `Conv1d`.
///
/// A kernel of three positions takes half of the products (Winograd's minimal filtering,
/// <https://doi.org/10.1109/CVPR.2016.435>), with rounding errors about two and a half times those of plain sums; a
/// NaN of the input is then felt a few positions further.
///
/// # Shapes
///
/// - input: `[batch, length, channel]`
/// - weight: `[output, channel, kernel]`, an odd kernel
/// - bias: `[output]`
/// - output: `[batch, length, output]`
///
/// # Panics
///
/// Panics if the channels of input and weight or the outputs of weight and bias differ, [`Activation::Residual`] has
/// more or fewer outputs than channels, the kernel is even, or the dilation is 0.
///
/// # Examples
///
/// A residual layer with the weights of a layer of burn:
///
/// ```
/// use burn::{nn::conv::Conv1dConfig, tensor::{Device, Tensor}};
/// use multitf::nn::ops::{Activation, ConvOptions, conv};
///
/// let device = Device::default();
/// let layer = Conv1dConfig::new(8, 8, 3).init(&device);
/// let bias = layer.bias.as_ref().map(|bias| bias.val()).unwrap();
/// let input = Tensor::<3>::ones([2, 50, 8], &device);
/// let options = ConvOptions { dilation: 2, activation: Activation::Residual };
/// let output = conv(input, layer.weight.val(), bias, options);
/// assert_eq!(output.dims(), [2, 50, 8]);
/// ```
pub fn conv(input: Tensor<3>, weight: Tensor<3>, bias: Tensor<1>, options: ConvOptions) -> Tensor<3> {
    let ([.., channels], [outputs, inputs, kernel]) = (input.dims(), weight.dims());
    assert_eq!(channels, inputs, "the input's and the layer's channels");
    assert_eq!(outputs, bias.dims()[0], "the outputs of the weight and of the bias");
    assert!(!kernel.is_multiple_of(2), "a kernel is odd, found {kernel}");
    assert!(options.dilation > 0, "a dilation is at least 1, found {}", options.dilation);
    assert!(
        options.activation != Activation::Residual || inputs == outputs,
        "{inputs} channels are added to {outputs}"
    );
    if !fits_kernel(&input) {
        return fallback::conv(input, weight, bias, options);
    }
    Tensor::from_dispatch(<Dispatch as ConvOps>::channels_last_conv(
        input.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        options,
    ))
}

/// The operation as an extension of burn's backends.
#[backend_extension(Flex: cfg(feature = "flex"), NdArray: cfg(feature = "ndarray"), Autodiff)]
pub(crate) trait ConvOps: Backend {
    /// Returns the output.
    fn channels_last_conv(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions,
    ) -> FloatTensor<Self> {
        host::run_untracked::<Self>(input, weight, bias, options)
    }

    /// Returns the output, and which sums passed the ReLU, 32 bits in a word.
    fn channels_last_conv_with_mask(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions,
    ) -> (FloatTensor<Self>, IntTensor<Self>) {
        host::run_forward::<Self>(input, weight, bias, options)
    }

    /// Returns the gradients of the input, the weight and the bias.
    fn channels_last_conv_backward(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        mask: IntTensor<Self>,
        gradient: FloatTensor<Self>,
        options: ConvOptions,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        host::run_backward::<Self>(input, weight, mask, gradient, options)
    }
}

#[cfg(feature = "flex")]
impl ConvOps for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl ConvOps for burn_ndarray::NdArray {}

impl<B: ConvOps, C: CheckpointStrategy> ConvOps for Autodiff<B, C> {
    fn channels_last_conv(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        options: ConvOptions,
    ) -> FloatTensor<Self> {
        let nodes = [input.node(), weight.node(), bias.node()];
        let (input, weight, bias) = (input.into_primitive(), weight.into_primitive(), bias.into_primitive());
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => {
                let (output, mask) = B::channels_last_conv_with_mask(input.clone(), weight.clone(), bias, options);
                prepared.finish(State { input, weight, mask, options }, output)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(B::channels_last_conv(input, weight, bias, options)),
        }
    }
}

#[derive(Debug)]
struct ConvBackward;

#[derive(Clone, Debug)]
struct State<B: Backend> {
    input: FloatTensor<B>,
    weight: FloatTensor<B>,
    mask: IntTensor<B>,
    options: ConvOptions,
}

impl<B: ConvOps> Backward<B, 3> for ConvBackward {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let nodes = ops.parents;
        let gradient = grads.consume::<B>(&ops.node);
        let State { input, weight, mask, options } = ops.state;
        let (input, weight, bias) = B::channels_last_conv_backward(input, weight, mask, gradient, options);
        for (node, gradient) in nodes.into_iter().zip([input, weight, bias]) {
            if let Some(node) = node {
                grads.register::<B>(node.id, gradient);
            }
        }
    }
}
