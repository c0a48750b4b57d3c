//! Residual convolutions with growing dilations.

use burn::{
    config::Config,
    module::{Content, DisplaySettings, Module, ModuleDisplay},
    nn::{Dropout, DropoutConfig},
    tensor::{Device, Tensor},
};

use super::conv::{Conv, ConvConfig};
use crate::nn::{
    init::BODY,
    ops::{Activation, HostConv, dropout},
};

/// Configuration of [`Dilated`].
#[derive(Config, Debug)]
pub struct DilatedConfig {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of each convolution.
    pub channels: usize,
    /// Number of residual layers.
    pub layers: usize,
    /// Positions in a kernel.
    pub kernel: usize,
    /// Dropout after each layer.
    pub dropout: f64,
    /// Seed of the initial weights.
    pub seed: u64,
}

impl DilatedConfig {
    /// Makes the layers.
    pub fn init(&self, device: &Device) -> Dilated {
        let path = |layer: usize| [self.seed, BODY, layer as u64];
        let projection = (self.inputs != self.channels)
            .then(|| ConvConfig::new(self.inputs, self.channels, 1).init(&path(0), device));
        let layer = |(layer, dilation)| {
            let config = ConvConfig::new(self.channels, self.channels, self.kernel).with_dilation(dilation);
            config.init(&path(layer + 1), device)
        };
        let layers = dilations(self.layers).enumerate().map(layer).collect();
        Dilated { projection, layers, dropout: DropoutConfig::new(self.dropout).init() }
    }
}

/// Returns the dilations of so many layers: 2, 4, 8 and so on, as far as a `usize` holds them.
pub(super) fn dilations(layers: usize) -> impl Iterator<Item = usize> {
    (1..usize::BITS).take(layers).map(|layer| 1 << layer)
}

/// Layers of `x + ReLU(conv(x)) -> dropout`, with dilations 2, 4, 8 and so on.
///
/// A projection (a convolution of kernel 1) precedes them if the input has another number of channels.
#[derive(Module, Debug)]
#[module(custom_display)]
pub struct Dilated {
    projection: Option<Conv>,
    layers: Vec<Conv>,
    dropout: Dropout,
}

impl Dilated {
    /// Runs the layers.
    ///
    /// # Shapes
    ///
    /// - input: `[batch, length, channel]`
    /// - output: `[batch, length, channel]`
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let input = match &self.projection {
            Some(projection) => projection.forward(input, Activation::Linear),
            None => input,
        };
        self.layers.iter().fold(input, |input, conv| dropout(&self.dropout, conv.forward(input, Activation::Residual)))
    }

    /// Copies the layers to the host's memory, for one sample at a time.
    pub(super) fn to_host(&self) -> Vec<HostConv> {
        let projection = self.projection.iter().map(|conv| conv.to_host(Activation::Linear));
        projection.chain(self.layers.iter().map(|conv| conv.to_host(Activation::Residual))).collect()
    }
}

impl ModuleDisplay for Dilated {
    fn custom_settings(&self) -> Option<DisplaySettings> {
        DisplaySettings::new().with_new_line_after_attribute(false).optional()
    }

    fn custom_content(&self, content: Content) -> Option<Content> {
        let [channels, _, kernel] = self.layers.first().map_or([0; 3], |conv| conv.weight.dims());
        content.add("channels", &channels).add("layers", &self.layers.len()).add("kernel", &kernel).optional()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dilations_double_from_two_on() {
        assert_eq!(dilations(4).collect::<Vec<_>>(), [2, 4, 8, 16]);
        assert_eq!(dilations(usize::MAX).last(), Some(1 << (usize::BITS - 1)));
    }

    #[test]
    fn a_projection_is_there_only_where_channels_change() {
        let parameters = |inputs| DilatedConfig::new(inputs, 6, 2, 3, 0.0, 0).init(&Device::default()).num_params();
        assert_eq!(parameters(6), 2 * (6 * 6 * 3 + 6));
        assert_eq!(parameters(4), 4 * 6 + 6 + 2 * (6 * 6 * 3 + 6));
    }

    #[test]
    fn layers_that_see_nothing_leave_their_input() {
        let device = Device::default();
        let mut dilated = DilatedConfig::new(2, 2, 3, 3, 0.0, 0).init(&device);
        for conv in &mut dilated.layers {
            conv.bias = crate::nn::init::param(vec![-1e3; 2], [2], &device);
        }
        let input = Tensor::from_data([[[1.0, -2.0], [3.0, 4.0]]], &device);
        assert_eq!(dilated.forward(input.clone()).into_data(), input.into_data());
    }

    #[test]
    fn display() {
        let dilated = DilatedConfig::new(6, 6, 2, 3, 0.0, 0).init(&Device::default());
        assert_eq!(dilated.to_string(), "Dilated {channels: 6, layers: 2, kernel: 3, params: 228}");
    }
}
