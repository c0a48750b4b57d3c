//! A convolution along the length.

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay, Param},
    tensor::{Device, Tensor},
};

use crate::nn::{
    init::{layer, param},
    ops::{Activation, ConvOptions, HostConv, conv, host::memory::values},
};

/// Configuration of [`Conv`].
#[derive(Config, Debug)]
pub struct ConvConfig {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Positions in a kernel, an odd number.
    pub kernel: usize,
    /// Input positions from one position of the kernel to the next (default 1).
    #[config(default = 1)]
    pub dilation: usize,
}

impl ConvConfig {
    /// Makes the layer with weights from the stream of `path`, initialized as a convolution of PyTorch.
    ///
    /// # Panics
    ///
    /// Panics if the kernel is even, which cannot be centred on a position.
    pub fn init(&self, path: &[u64], device: &Device) -> Conv {
        assert!(!self.kernel.is_multiple_of(2), "a kernel is odd, found {}", self.kernel);
        let (weight, bias) = layer(self.inputs * self.kernel, self.outputs, path);
        Conv {
            weight: param(weight, [self.outputs, self.inputs, self.kernel], device),
            bias: param(bias, [self.outputs], device),
            dilation: self.dilation,
        }
    }
}

/// A convolution with stride 1 and zero padding that keeps the length ("same" padding; see [`conv`](conv())).
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
    /// Convolves, in the type of the input.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, channel]`
    /// - output: `[batch, length, channel]`
    ///
    /// # Panics
    ///
    /// Panics if the input does not have the layer's number of channels, or is added to another number of outputs.
    pub fn forward(&self, input: Tensor<3>, activation: Activation) -> Tensor<3> {
        let dtype = input.dtype();
        let (weight, bias) = (self.weight.val().cast(dtype), self.bias.val().cast(dtype));
        conv(input, weight, bias, ConvOptions { dilation: self.dilation, activation })
    }

    /// Copies the layer to the host's memory, for one sample at a time.
    pub(super) fn to_host(&self, activation: Activation) -> HostConv {
        let (weight, bias) = (values(self.weight.val()), values(self.bias.val()));
        HostConv::new(self.weight.dims(), &weight, bias, ConvOptions { dilation: self.dilation, activation })
    }
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
    use burn::tensor::{DType, TensorData, activation::relu, module::conv1d, ops::ConvOptions as Conv1dOptions};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        nn::ops::conv::fallback,
        testing::{cases, dyadic, floats},
    };

    /// Dyadic numbers, so that sums are exact in any order; they differ between sizes.
    fn dyadic_values<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
        let count = shape.iter().product();
        Tensor::from_data(TensorData::new(dyadic(count, &[count as u64, D as u64]), shape), device)
    }

    /// The layer with dyadic weights.
    fn dyadic_conv(config: &ConvConfig, device: &Device) -> Conv {
        let conv = config.init(&[1], device);
        let [weight, bias] = [conv.weight.shape().num_elements(), conv.bias.shape().num_elements()];
        Conv {
            weight: param(dyadic(weight, &[2]), conv.weight.dims(), device),
            bias: param(dyadic(bias, &[3]), conv.bias.dims(), device),
            ..conv
        }
    }

    /// The same from burn's own operations, channels first.
    fn expected(conv: &Conv, input: Tensor<3>, activation: Activation) -> Tensor<3> {
        let [_, _, kernel] = conv.weight.dims();
        let options = Conv1dOptions::new([1], [kernel / 2 * conv.dilation], [conv.dilation], 1);
        let sums = conv1d(input.clone(), conv.weight.val(), Some(conv.bias.val()), options);
        match activation {
            Activation::Linear => sums,
            Activation::Relu => relu(sums),
            Activation::Residual => input + relu(sums),
        }
    }

    fn gradients(conv: &Conv, input: &Tensor<3>, output: Tensor<3>) -> [TensorData; 3] {
        let grads = output.sum().backward();
        let weight = conv.weight.grad(&grads).unwrap().into_data();
        [input.grad(&grads).unwrap().into_data(), weight, conv.bias.grad(&grads).unwrap().into_data()]
    }

    proptest! {
        #![proptest_config(cases(48))]
        #[test]
        fn values_and_gradients_are_those_of_conv1d(
            batch in 1_usize..11,
            length in 1_usize..24,
            inputs in 1_usize..6,
            outputs in 1_usize..6,
            half in 0_usize..4,
            dilation in 1_usize..7,
            activation in prop::sample::select(vec![Activation::Linear, Activation::Relu, Activation::Residual]),
        ) {
            let device = Device::default().autodiff();
            let outputs = if activation == Activation::Residual { inputs } else { outputs };
            let conv = dyadic_conv(&ConvConfig::new(inputs, outputs, 2 * half + 1).with_dilation(dilation), &device);
            let input = dyadic_values([batch, inputs, length], &device).require_grad();
            let projection = dyadic_values([batch, outputs, length], &device);

            let found = conv.forward(input.clone().swap_dims(1, 2), activation).swap_dims(1, 2);
            let expected = expected(&conv, input.clone(), activation);
            prop_assert_eq!(floats(&found.clone().into_data()), floats(&expected.clone().into_data()));

            let options = ConvOptions { dilation, activation };
            let fallback = fallback::conv(input.clone().swap_dims(1, 2), conv.weight.val(), conv.bias.val(), options);
            let fallback = fallback.swap_dims(1, 2);
            prop_assert_eq!(floats(&fallback.clone().into_data()), floats(&expected.clone().into_data()));
            let [fallback, found, expected] =
                [fallback, found, expected].map(|values| gradients(&conv, &input, values * projection.clone()));
            let [fallback, found, expected] = [fallback, found, expected].map(|all| all.each_ref().map(floats));
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(&fallback, &expected);
        }
    }

    #[test]
    fn numbers_of_64_bits_keep_all_of_them() {
        let device = Device::default().autodiff();
        if !device.supports_dtype(DType::F64) {
            return;
        }
        // An f32 does not hold it.
        let number = f64::from(1 << 24) + 1.0;
        let tensor = |value| Tensor::<3>::full([1, 1, 1], value, (&device, DType::F64));
        let (input, weight) = (tensor(number).require_grad(), tensor(1.0).require_grad());
        let options = ConvOptions { dilation: 1, activation: Activation::Residual };
        let output = conv(input.clone(), weight.clone(), tensor(0.0).flatten(0, 2), options);
        let double = |tensor: Tensor<3>| (tensor.dtype(), tensor.into_scalar::<f64>());
        assert_eq!(double(output.clone()), (DType::F64, 2.0 * number));
        let grads = (output * tensor(number)).sum().backward();
        assert_eq!(double(input.grad(&grads).unwrap()), (DType::F64, 2.0 * number));
        assert_eq!(double(weight.grad(&grads).unwrap()), (DType::F64, number * number));
    }

    #[test]
    fn the_gradients_do_not_depend_on_the_number_of_threads() {
        let run = || {
            let device = Device::default().autodiff();
            let conv = ConvConfig::new(5, 5, 3).with_dilation(2).init(&[1], &device);
            let input = dyadic_values([13, 20, 5], &device).require_grad();
            let output = conv.forward(input.clone(), Activation::Residual);
            gradients(&conv, &input, output.clone() * output)
        };
        let [alone, five] =
            [1, 5].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run));
        assert_eq!(alone, five);
    }

    #[test]
    fn beyond_the_ends_are_zeros() {
        let device = Device::default();
        let mut conv = ConvConfig::new(1, 1, 3).with_dilation(2).init(&[0], &device);
        conv.weight = param(vec![100.0, 10.0, 1.0], [1, 1, 3], &device);
        conv.bias = param(vec![0.5], [1], &device);
        let found = conv.forward(Tensor::from_data([[[1.0], [2.0], [3.0]]], &device), Activation::Linear).into_data();
        assert_eq!(found.iter::<f32>().collect::<Vec<_>>(), [13.5, 20.5, 130.5]);
    }

    #[test]
    fn initial_weights_lie_within_one_over_the_root_of_the_inputs() {
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
    fn shapes_that_do_not_fit_panic_with_both_numbers() {
        let device = Device::default();
        let run = |channels: usize, weight: [usize; 3], outputs: usize, dilation: usize, activation: Activation| {
            let work = || {
                let input = dyadic_values([2, 9, channels], &device);
                let bias = dyadic_values([outputs], &device);
                conv(input, dyadic_values(weight, &device), bias, ConvOptions { dilation, activation })
            };
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_err();
            panic.downcast_ref::<String>().unwrap().clone()
        };
        let channels = run(3, [4, 2, 3], 4, 1, Activation::Relu);
        assert!(channels.contains("channels") && channels.contains("left: 3") && channels.contains("right: 2"));
        let outputs = run(2, [4, 2, 3], 5, 1, Activation::Relu);
        assert!(outputs.contains("the bias") && outputs.contains("left: 4") && outputs.contains("right: 5"));
        assert_eq!(run(2, [4, 2, 4], 4, 1, Activation::Relu), "a kernel is odd, found 4");
        assert_eq!(run(2, [4, 2, 3], 4, 0, Activation::Relu), "a dilation is at least 1, found 0");
        assert_eq!(run(2, [4, 2, 3], 4, 1, Activation::Residual), "2 channels are added to 4");
    }

    #[test]
    fn display() {
        let conv = ConvConfig::new(4, 5, 3).with_dilation(2).init(&[0], &Device::default());
        assert_eq!(conv.to_string(), "Conv {inputs: 4, outputs: 5, kernel: 3, dilation: 2, params: 65}");
    }
}
