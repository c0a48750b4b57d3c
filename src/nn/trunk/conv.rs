//! Convolution along the length, as products of matrices.

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay, Param},
    tensor::{Device, Tensor, ops::PadMode, s},
};

use crate::nn::start::{param, uniform};

/// Configuration of [`Conv`].
#[derive(Config, Debug)]
pub struct ConvConfig {
    /// Channels that go in.
    pub inputs: usize,
    /// Channels that come out.
    pub outputs: usize,
    /// Positions in a kernel, an odd number.
    pub kernel: usize,
    /// Positions from one of the kernel's to the next.
    #[config(default = 1)]
    pub dilation: usize,
}

impl ConvConfig {
    /// Makes the layer with weights from the stream of `path`, as PyTorch starts a convolution.
    ///
    /// # Panics
    ///
    /// If the kernel is even, which cannot be centred on a position.
    pub fn init(&self, path: &[u64], device: &Device) -> Conv {
        assert!(!self.kernel.is_multiple_of(2), "a kernel is odd, found {}", self.kernel);
        let inputs = self.inputs * self.kernel;
        let mut weight = uniform((inputs + 1) * self.outputs, (inputs as f32).sqrt().recip(), path);
        let bias = weight.split_off(inputs * self.outputs);
        Conv {
            weight: param(weight, [self.outputs, self.inputs, self.kernel], device),
            bias: param(bias, [self.outputs], device),
            dilation: self.dilation,
        }
    }
}

/// A convolution that keeps the length: beyond the ends it reads zeros.
///
/// burn's `conv1d` with stride 1 and as much padding, on an input whose channels come last, so that layers that follow
/// each other need no transposition between them. The samples lie in one long matrix with gaps of zeros between them,
/// and each of the kernel's positions multiplies a stretch of it. With 128 channels of 47 positions and a kernel of 3, a
/// forward and a backward pass on `flex` took about half as long as `conv1d`'s. The gaps are computed too: where the
/// dilation nears the length, nothing is gained.
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Conv {
    /// `[output, input, kernel]`, as PyTorch's `Conv1d` has it.
    pub weight: Param<Tensor<3>>,
    /// `[output]`
    pub bias: Param<Tensor<1>>,
    #[module(skip)]
    dilation: usize,
}

impl Conv {
    /// Convolves.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, channel]`
    /// - output: `[batch, length, channel]`
    ///
    /// # Panics
    ///
    /// If the input does not have the layer's number of channels.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let [batch, length, channels] = input.dims();
        let [outputs, inputs, kernel] = self.weight.dims();
        assert_eq!(channels, inputs, "the input's and the layer's channels");
        let margin = kernel / 2 * self.dilation;
        let (spaced, rows) = (spaced(input, margin), batch * (length + margin));
        let weight = self.weight.val().permute([2, 1, 0]).reshape([kernel * inputs, outputs]);
        let seen = |position: usize| {
            let first = position * self.dilation;
            let weight = weight.clone().slice(s![position * inputs..(position + 1) * inputs]);
            spaced.clone().slice(s![first..first + rows]).matmul(weight)
        };
        let sum = (1..kernel).fold(seen(0), |sum, position| sum + seen(position)) + self.bias.val().unsqueeze();
        sum.reshape([batch, length + margin, outputs]).slice(s![.., ..length])
    }
}

/// Lays the samples below each other, with `margin` rows of zeros before each and twice as many at the end.
fn spaced(input: Tensor<3>, margin: usize) -> Tensor<2> {
    let [batch, length, channels] = input.dims();
    if margin == 0 {
        return input.reshape([batch * length, channels]);
    }
    let samples = input.pad([(0, 0), (margin, 0), (0, 0)], PadMode::Constant(0.0));
    samples.reshape([batch * (margin + length), channels]).pad([(0, 2 * margin), (0, 0)], PadMode::Constant(0.0))
}

impl ModuleDisplay for Conv {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [outputs, inputs, kernel] = self.weight.dims();
        content
            .add("inputs", &inputs)
            .add("outputs", &outputs)
            .add("kernel", &kernel)
            .add("dilation", &self.dilation)
            .optional()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{TensorData, Tolerance, module::conv1d, ops::ConvOptions};
    use proptest::prelude::*;

    use super::*;

    /// Values that differ from each other and between sizes.
    fn values<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
        let count = shape.iter().product();
        Tensor::from_data(TensorData::new(uniform(count, 1.0, &[count as u64, D as u64]), shape), device)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn values_and_gradients_are_those_of_conv1d(
            batch in 1_usize..4,
            length in 1_usize..24,
            inputs in 1_usize..6,
            outputs in 1_usize..6,
            half in 0_usize..4,
            dilation in 1_usize..7,
        ) {
            let device = Device::default().autodiff();
            let kernel = 2 * half + 1;
            let conv = ConvConfig::new(inputs, outputs, kernel).with_dilation(dilation).init(&[1], &device);
            let input = values([batch, inputs, length], &device).require_grad();
            let projection = values([batch, outputs, length], &device);

            let found = conv.forward(input.clone().swap_dims(1, 2)).swap_dims(1, 2);
            let options = ConvOptions::new([1], [half * dilation], [dilation], 1);
            let expected = conv1d(input.clone(), conv.weight.val(), Some(conv.bias.val()), options);
            let close = Tolerance::<f32>::absolute(2e-5);
            found.clone().into_data().assert_approx_eq(&expected.clone().into_data(), close);

            let found = (found * projection.clone()).sum().backward();
            let expected = (expected * projection).sum().backward();
            let gradients = |of: &burn::tensor::Gradients| {
                let weight = conv.weight.grad(of).unwrap().into_data();
                (input.grad(of).unwrap().into_data(), weight, conv.bias.grad(of).unwrap().into_data())
            };
            let (found, expected) = (gradients(&found), gradients(&expected));
            found.0.assert_approx_eq(&expected.0, close);
            found.1.assert_approx_eq(&expected.1, close);
            found.2.assert_approx_eq(&expected.2, close);
        }
    }

    #[test]
    fn beyond_the_ends_are_zeros() {
        let device = Device::default();
        let mut conv = ConvConfig::new(1, 1, 3).with_dilation(2).init(&[0], &device);
        conv.weight = param(vec![100.0, 10.0, 1.0], [1, 1, 3], &device);
        conv.bias = param(vec![0.5], [1], &device);
        let found = conv.forward(Tensor::from_data([[[1.0], [2.0], [3.0]]], &device)).into_data();
        assert_eq!(found.iter::<f32>().collect::<Vec<_>>(), [13.5, 20.5, 130.5]);
    }

    #[test]
    fn starting_weights_lie_within_one_over_the_root_of_the_inputs() {
        let conv = ConvConfig::new(4, 8, 9).init(&[0], &Device::default());
        let weights: Vec<f32> = conv.weight.val().into_data().iter::<f32>().collect();
        assert!(weights.iter().all(|weight| weight.abs() <= 1.0 / 6.0));
        assert!(weights.iter().any(|weight| weight.abs() > 0.9 / 6.0));
    }

    #[test]
    #[should_panic(expected = "a kernel is odd, found 4")]
    fn an_even_kernel_panics() {
        ConvConfig::new(1, 1, 4).init(&[0], &Device::default());
    }

    #[test]
    fn display() {
        let conv = ConvConfig::new(4, 5, 3).with_dilation(2).init(&[0], &Device::default());
        assert_eq!(conv.to_string(), "Conv {inputs: 4, outputs: 5, kernel: 3, dilation: 2, params: 65}");
    }
}
